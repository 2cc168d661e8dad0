"""The demonstrations: live coverage replayed from a script, as a newsroom would write it."""
