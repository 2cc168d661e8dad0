"""Errors of the store; each message is one line for the operator."""


class StoreError(Exception):
    """The database cannot be used."""
