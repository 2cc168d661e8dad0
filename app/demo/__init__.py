"""The demonstration: Apollo 11 as live coverage, replayed from a script as a newsroom would."""
