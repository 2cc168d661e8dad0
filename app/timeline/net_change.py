"""Net change: what became of an entry between two positions of the journal, whatever came between.

An entry has one net change, of the most important kind among its events. An event type that is
missing from `DECISIVE`, such as a pin, is no change that readers are told of.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntFlag
from typing import Literal

from app.timeline.claim import AssessmentStatus, Source
from app.timeline.coverage import Coverage
from app.timeline.cursor import Cursor
from app.timeline.entry import Entry
from app.timeline.figure import Figure

ChangeKind = Literal["retracted", "corrected", "assessed", "outdated", "published", "amended"]

# The first type among an entry's events decides the kind of its net change. A new entry stays new,
# even if it was corrected since: nobody has to be told of an error that they have not read.
DECISIVE: tuple[tuple[str, ChangeKind], ...] = (
    ("entry.retracted", "retracted"),
    ("entry.published", "published"),
    ("entry.corrected", "corrected"),
    ("entry.assessed", "assessed"),
    ("entry.outdated", "outdated"),
    ("entry.amended", "amended"),
)
# What a reader of the earlier page has to know, and not only may want to.
FAULTS: tuple[str, ...] = ("entry.retracted", "entry.corrected", "entry.assessed", "entry.outdated")
_CONTESTED = frozenset({"disputed", "false", "withdrawn"})


class Mark(IntFlag):
    """What the order of net changes needs to know of an entry's state."""

    NONE = 0
    KEY_EVENT = 1
    CONTESTED = 2  # a claim or figure is disputed, false or withdrawn


# The order in which net changes are listed: a kind, and the mark that its entry must have.
ORDER: tuple[tuple[ChangeKind, Mark], ...] = (
    ("retracted", Mark.NONE),
    ("corrected", Mark.NONE),
    ("assessed", Mark.CONTESTED),
    ("outdated", Mark.NONE),
    ("published", Mark.KEY_EVENT),
    ("assessed", Mark.NONE),
    ("published", Mark.NONE),
    ("amended", Mark.NONE),
)


def find_marks(entry: Entry) -> Mark:
    """Return the marks of an entry's state."""
    marks = Mark.KEY_EVENT if entry.key_event else Mark.NONE
    statuses = {claim.status for claim in entry.claims} | {f.status for f in entry.figures}
    return marks | Mark.CONTESTED if statuses & _CONTESTED else marks


@dataclass(frozen=True, slots=True)
class Reassessment:
    """A claim or figure whose assessment has changed.

    `text` is None for a claim that is the whole entry; for a figure it is its line.
    """

    text: str | None
    source: Source
    status: AssessmentStatus
    note: str | None

    @property
    def is_contested(self) -> bool:
        """Whether it is disputed, false or withdrawn."""
        return self.status in _CONTESTED


@dataclass(frozen=True, slots=True)
class NetChange:
    """The net change of an entry.

    Args:
        kind: the most important kind of its events.
        at: the time of the last event of that kind.
        seq: the seq of that event.
        before: the entry at the earlier position; None if it was not public, or is retracted.
        after: the entry at the later position; the tombstone of a retracted one.
    """

    kind: ChangeKind
    at: datetime
    seq: int
    before: Entry | None
    after: Entry

    @property
    def is_contested(self) -> bool:
        """Whether it says that a statement was called into question."""
        return self.kind == "assessed" and bool(find_marks(self.after) & Mark.CONTESTED)

    @property
    def reassessments(self) -> tuple[Reassessment, ...]:
        """What was assessed, if that is its kind: contested statements first."""
        if self.kind != "assessed" or self.before is None:
            return ()
        return reassess(self.before, self.after)

    @property
    def note(self) -> str | None:
        """The public note of a retraction, a correction or an assessment."""
        notes = {"retracted": self.after.retraction, "corrected": self.after.correction}
        if (note := notes.get(self.kind)) is not None:
            return note.note
        return next((each.note for each in self.reassessments if each.note), None)


@dataclass(frozen=True, slots=True)
class Correction:
    """An event of the register of corrections.

    Args:
        change: the event as the net change of its entry.
        coverage: the coverage, with the cursor of its head.
        entry: the entry as it is now.
    """

    change: NetChange
    coverage: Coverage
    entry: Entry

    @property
    def cursor(self) -> Cursor:
        """The event's cursor."""
        return self.coverage.cursor.at(self.change.seq)


@dataclass(frozen=True, slots=True)
class FigureChange:
    """The net change of what a source says; None where it said nothing."""

    before: Figure | None
    after: Figure | None
    entry_id: str


def reassess(before: Entry, after: Entry) -> tuple[Reassessment, ...]:
    """Return the claims and figures whose assessment differs, contested ones first."""
    claims = {claim.id: (claim.status, claim.note) for claim in before.claims}
    figures = {figure.series: (figure.status, figure.note) for figure in before.figures}
    changed = [
        Reassessment(claim.text, claim.source, claim.status, claim.note)
        for claim in after.claims
        if claims.get(claim.id, ("reported", None)) != (claim.status, claim.note)
    ]
    changed += [
        Reassessment(figure.line, figure.source, figure.status, figure.note)
        for figure in after.figures
        if figures.get(figure.series, ("reported", None)) != (figure.status, figure.note)
    ]
    return tuple(sorted(changed, key=lambda each: not each.is_contested))


def says_the_same(one: Figure | None, other: Figure | None) -> bool:
    """Whether two observations of a series differ in nothing but how its names are written."""
    return one is other or (one and _content(one)) == (other and _content(other))


def _content(figure: Figure) -> Sequence[object]:
    value = (figure.low, figure.high, figure.about, figure.text, figure.as_of)
    return (*value, figure.status, figure.note)
