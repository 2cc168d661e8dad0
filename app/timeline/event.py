"""Event: a fact in a coverage's journal."""

from dataclasses import dataclass
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
    "entry.assessed",
    "entry.outdated",
    "entry.retracted",
    "entry.pinned",
    "entry.unpinned",
]
EventType = CoverageEventType | EntryEventType
COVERAGE_EVENTS: frozenset[str] = frozenset(get_args(CoverageEventType))
ENTRY_EVENTS: frozenset[str] = frozenset(get_args(EntryEventType))
REVISING_EVENTS: frozenset[str] = frozenset(
    {"entry.published", "entry.amended", "entry.corrected", "entry.assessed"}
)


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
