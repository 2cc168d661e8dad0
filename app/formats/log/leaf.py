"""Leaves of a coverage's log: what of an event can never be changed in silence.

A leaf names an event's place, type, time and entry, and commits to its words without holding them:
`commitment = SHA-256(salt ‖ canonical JSON of the record)`. The random salt keeps the words of a
retracted entry from being guessed from their hash: once it is deleted, nothing of them remains, and
the tree is what it was.
"""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from app.formats.log.canonical_json import canonicalise
from app.formats.public_json import Json
from app.formats.rfc3339 import format_time
from app.timeline.event import COVERAGE_EVENTS

SALT_SIZE = 16  # bytes

# The members of a coverage's record that follow from other events: a retraction rewrites them, and
# an import computes them.
DERIVED = frozenset({"updated_at", "entry_count", "pinned", "key_events"})


def commit(salt: bytes, event_type: str, record: Json) -> bytes:
    """Return the commitment to an event's record.

    Args:
        salt: 16 random bytes.
        event_type: the event's type.
        record: its entry or its coverage, as exported.

    Raises:
        ValueError: the record cannot be written as canonical JSON.
    """
    if event_type in COVERAGE_EVENTS:
        record = {name: value for name, value in record.items() if name not in DERIVED}
    elif (original := record.get("translation_of")) is not None:
        # Being outdated follows from the original, whose retraction removes the note.
        record = record | {"translation_of": {**original, "outdated": None}}
    return sha256(salt + canonicalise(record)).digest()


@dataclass(frozen=True, slots=True)
class Leaf:
    """A leaf; `entry` is the id of the event's entry, None for an event of the coverage."""

    seq: int
    type: str
    at: datetime
    entry: str | None
    commitment: bytes

    @property
    def record(self) -> Json:
        """The JSON of the leaf."""
        return {
            "seq": self.seq,
            "type": self.type,
            "at": format_time(self.at),
            "entry": self.entry,
            "commitment": self.commitment.hex(),
        }

    def encode(self) -> bytes:
        """Return the canonical JSON of the leaf, whose hash is in the tree."""
        return canonicalise(self.record)
