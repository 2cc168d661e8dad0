"""The record: the journal and what it adds up to, in SQLite or PostgreSQL."""
