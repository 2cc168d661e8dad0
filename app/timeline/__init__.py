"""What live coverage is, as pure values: no database, no clock, no HTTP."""
