"""Net change: what became of an entry between two positions of the journal, whatever came between.

An entry has one net change, of the most important kind among its events. An event type that is
missing from `DECISIVE`, such as a pin, is no change that readers are told of. A translation
that was outdated in between, and says again what the original says, counts as amended.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntFlag
from typing import Literal

from app.timeline.claim import AssessmentStatus, Source
from app.timeline.coverage import Coverage
from app.timeline.cursor import Cursor
from app.timeline.edition import Outdated
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
    OUTDATED = 4  # it is a translation that does not say what the original says


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
    statuses = {claim.status for claim in entry.claims} | {f.status for f in entry.figures}
    has_mark = {
        Mark.KEY_EVENT: entry.key_event,
        Mark.CONTESTED: bool(statuses & _CONTESTED),
        Mark.OUTDATED: _outdated(entry) is not None,
    }
    return Mark(sum(mark for mark, has_it in has_mark.items() if has_it))


def _outdated(entry: Entry) -> Outdated | None:
    return entry.translation_of.outdated if entry.translation_of else None


@dataclass(frozen=True, slots=True)
class Reassessment:
    """A claim or figure whose assessment has changed.

    `text` is None for a claim that is the whole entry; for a figure it is its line. `figure` is
    None for a claim.
    """

    text: str | None
    source: Source
    status: AssessmentStatus
    note: str | None
    figure: Figure | None = None

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
    def outdated(self) -> Outdated | None:
        """Why a translation does not say what the original says, if that is its kind."""
        return _outdated(self.after) if self.kind == "outdated" else None

    @property
    def note(self) -> str | None:
        """The public note of a retraction, a correction, an assessment or the original's change."""
        notes = {"retracted": self.after.retraction, "corrected": self.after.correction}
        if (note := notes.get(self.kind) or self.outdated) is not None:
            return note.note
        return next((each.note for each in self.reassessments if each.note), None)

    @property
    def note_language(self) -> str:
        """The language of the note (BCP 47), which may be that of the original."""
        return self.outdated.language if self.outdated else self.after.language


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
    def updated_at(self) -> datetime:
        """The time of its last change: a retraction removes notes from earlier events as well."""
        change, outdated = self.change, _outdated(self.entry)
        if change.after.retraction:
            return max(change.at, change.after.retraction.at)
        if change.kind == "outdated" and outdated and outdated.because == "retracted":
            return max(change.at, outdated.at)
        return change.at

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
        Reassessment(figure.line, figure.source, figure.status, figure.note, figure)
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
