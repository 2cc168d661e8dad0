"""Withdrawal: a whole coverage is taken from the public, until a chief brings it back."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """When a coverage was withdrawn, by whose name, and the note that readers get in its place.

    `linked_from` are the slugs of the coverages that linked to it and get the link back with it.
    """

    at: datetime
    by: str
    note: str
    linked_from: tuple[str, ...] = ()
