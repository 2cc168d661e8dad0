"""Every write of the newsroom, each in one transaction; knows no HTTP."""
