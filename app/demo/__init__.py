"""The demonstration: Apollo 11 as live coverage, from a script, played as a newsroom would."""
