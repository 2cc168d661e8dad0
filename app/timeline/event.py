"""Event: a fact in a coverage's journal, and its redaction by a later retraction."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal, get_args

from app.timeline.coverage import Coverage
from app.timeline.cursor import Cursor
from app.timeline.entry import Entry

CoverageEventType = Literal["coverage.opened", "coverage.changed", "coverage.closed"]
EntryEventType = Literal[
    "entry.published",
    "entry.amended",
    "entry.corrected",
    "entry.retracted",
    "entry.pinned",
    "entry.unpinned",
]
EventType = CoverageEventType | EntryEventType
COVERAGE_EVENTS: frozenset[str] = frozenset(get_args(CoverageEventType))
ENTRY_EVENTS: frozenset[str] = frozenset(get_args(EntryEventType))
REVISING_EVENTS: frozenset[str] = frozenset({"entry.published", "entry.amended", "entry.corrected"})


@dataclass(frozen=True, slots=True)
class Event:
    """A fact, with the whole public state of the entry or coverage after it.

    Exactly one of `entry` (for `entry.*`) and `details` (for `coverage.*`) is set.
    """

    cursor: Cursor
    type: EventType
    coverage: str
    at: datetime
    entry: Entry | None = None
    details: Coverage | None = None

    @property
    def seq(self) -> int:
        """Its position in the journal, from 1."""
        return self.cursor.seq


def redact(event: Event, stone: Entry) -> Event:
    """Remove a retracted entry's words from an event, as if it had always been a tombstone.

    An event of the entry then carries the tombstone; a `coverage.*` event loses the entry from its
    key events (whose titles are the entry's words), its pin and its count. Others stay unchanged.
    """
    if event.entry is not None and event.entry.id == stone.id:
        return replace(event, entry=stone)
    if event.details is not None:
        return replace(event, details=_redact_details(event.details, stone))
    return event


def _redact_details(details: Coverage, stone: Entry) -> Coverage:
    assert stone.seq is not None
    counted = details.cursor.seq >= stone.seq
    return replace(details.without(stone.id), entry_count=details.entry_count - counted)
