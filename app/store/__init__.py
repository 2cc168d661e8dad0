"""Store: the journal and the state computed from it, in SQLite or PostgreSQL."""
