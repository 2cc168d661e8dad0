"""What the database's failures are called."""


class StoreError(Exception):
    """The database cannot be used; the message is one line for the operator."""
