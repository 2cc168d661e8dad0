"""Changes: every way in which live coverage changes, with its result or the reason for a refusal.

Each function takes the coverage and the entry as read under the coverage's lock, and returns a
`Change` to be stored as a whole. An event's time is never before that of the previous event, even
if the clock goes back, so that `at=` cuts the journal at exactly one place.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime

from app.timeline.claim import Assessment, assess_claim, without_history
from app.timeline.coverage import Coverage, CoverageFields, CoverageStatus
from app.timeline.edition import Outdated
from app.timeline.entry import Entry, EntryFields, Note, tombstone, unpinned
from app.timeline.errors import (
    CoverageClosed,
    CoveragePlanned,
    CoveragePublic,
    EmptyEntry,
    EntryNotPublic,
    EntryPublic,
    EntryRetracted,
    OriginalRetracted,
    TimelineError,
)
from app.timeline.event import CoverageEventType, EntryEventType, Event
from app.timeline.figure import assess_figure
from app.timeline.fold import apply_entry


class StaleRevision(TimelineError):
    """The entry has changed since the revision that the caller saw; `current` is its state now."""

    def __init__(self, message: str, current: Entry) -> None:
        super().__init__(message)
        self.current = current


@dataclass(frozen=True, slots=True)
class Change:
    """A transaction's result to store: the coverage, its changed entries, and the new events.

    Without events nothing public has changed. The entry that the request named is the last one.
    """

    coverage: Coverage
    entries: tuple[Entry, ...] = ()
    events: tuple[Event, ...] = ()

    @property
    def entry(self) -> Entry:
        """The entry that the request named."""
        return self.entries[-1]

    def with_event(self, event_type: EntryEventType, after: Entry, at: datetime) -> "Change":
        """Add an event after which an entry is `after`."""
        before = next((e for e in self.entries if e.id == after.id), None)
        if before is None and event_type != "entry.published":
            raise ValueError("an entry's event needs the entry as it was")
        cursor = self.coverage.cursor.at(self.coverage.cursor.seq + 1)
        if event_type == "entry.published":
            after = replace(after, seq=cursor.seq)
        coverage = apply_entry(self.coverage, before, after, cursor, at)
        event = Event(cursor, event_type, coverage.slug, at, entry=after)
        entries = (*(e for e in self.entries if e.id != after.id), after)
        return Change(coverage, entries, (*self.events, event))


def open_coverage(coverage: Coverage, now: datetime, status: CoverageStatus = "live") -> Change:
    """Make a planned coverage public, with seq 1 of its journal.

    Raises:
        CoveragePublic: it is already open.
    """
    if coverage.is_public:
        raise CoveragePublic(f"The coverage {coverage.slug} is open already.")
    opened = replace(coverage, status=status, starts_at=coverage.starts_at or now)
    return _with_coverage_event(opened, "coverage.opened", now)


def change_coverage(
    coverage: Coverage, fields: CoverageFields, status: CoverageStatus | None, now: datetime
) -> Change:
    """Set fields and the status of a coverage: open, pause, close or reopen it.

    Args:
        coverage: the current state.
        fields: only the fields to change.
        status: the new status; None leaves it unchanged.
        now: the time of the change.

    Raises:
        CoveragePlanned: a planned coverage cannot be closed before it was open.
        CoveragePublic: a public coverage cannot become a planned one again.
    """
    changed = replace(coverage, **fields)
    status = status or coverage.status
    if coverage.status == "planned":
        if status == "closed":
            raise CoveragePlanned("The coverage was never open, so it cannot be closed.")
        if status == "planned":
            return Change(replace(changed, updated_at=now) if changed != coverage else coverage)
        return open_coverage(changed, now, status)
    if status == "planned":
        raise CoveragePublic("Readers have seen this coverage: pause or close it instead.")
    if status == "closed" != coverage.status:
        ended = replace(changed, status=status, ended_at=fields.get("ended_at") or now)
        return _with_coverage_event(ended, "coverage.closed", now)
    if status != coverage.status:
        changed = replace(changed, status=status, ended_at=fields.get("ended_at"))
    if replace(changed, entry_bylines=coverage.entry_bylines) == coverage:
        return Change(changed)  # readers see no difference
    return _with_coverage_event(changed, "coverage.changed", now)


def _with_coverage_event(
    coverage: Coverage, event_type: CoverageEventType, now: datetime
) -> Change:
    at = event_time(coverage, now)
    cursor = coverage.cursor.at(coverage.cursor.seq + 1)
    coverage = replace(coverage, cursor=cursor, updated_at=at)
    return Change(
        coverage, events=(Event(cursor, event_type, coverage.slug, at, details=coverage),)
    )


def save_draft(entry: Entry, fields: EntryFields, now: datetime) -> Entry:
    """Save a draft or a scheduled entry, as its next revision.

    Raises:
        EntryPublic: it is already published.
        EmptyEntry: it would have no content.
    """
    if entry.is_public:
        raise EntryPublic("The entry is published: amend or correct it.")
    saved = replace(entry, **fields)
    check_content(saved)
    claims = without_history(saved.claims, now)
    return replace(saved, claims=claims, revision=entry.revision + 1, updated_at=now)


def publish(coverage: Coverage, entry: Entry, now: datetime) -> Change:
    """Publish an entry, at the head of the journal.

    Raises:
        CoveragePlanned: the coverage is not public yet.
        CoverageClosed: the coverage has ended.
        EntryPublic: the entry is public already, or was until its retraction.
        EmptyEntry: there is nothing to publish.
        OriginalRetracted: it translates an entry that is retracted.
    """
    check_open(coverage)
    if entry.is_public:
        raise EntryPublic("The entry is published already.")
    check_content(entry)
    outdated = entry.translation_of and entry.translation_of.outdated
    if outdated and outdated.because == "retracted":
        raise OriginalRetracted(
            "The entry that this translates is retracted: what must not stand there must not be"
            " published here."
        )
    at = event_time(coverage, now)
    published = replace(
        entry,
        status="published",
        revision=1,
        published_at=at,
        updated_at=at,
        edited_at=None,
        embargo_until=None,
        author=None,
        submitted_at=None,
        returned=None,
        claims=without_history(entry.claims, at),
    )
    return Change(coverage).with_event("entry.published", published, at)


def check_open(coverage: Coverage) -> None:
    """Refuse to publish in a coverage that is not open.

    Raises:
        CoveragePlanned: the coverage is not public yet.
        CoverageClosed: the coverage has ended.
    """
    if coverage.status == "planned":
        raise CoveragePlanned(f"The coverage {coverage.slug} is not open yet.")
    if coverage.status == "closed":
        raise CoverageClosed(f"The coverage {coverage.slug} is closed: reopen it to publish.")


def amend(coverage: Coverage, entry: Entry, fields: EntryFields, now: datetime) -> Change:
    """Change a public entry without changing a fact: spelling, an addition, a tag.

    Raises:
        EntryNotPublic, EntryRetracted: there is nothing public to amend.
        EmptyEntry: it would have no content; retract it instead.
    """
    _check_published(entry)
    amended = replace(entry, **fields)
    if amended == entry:
        return Change(coverage, (entry,))
    return _revise(coverage, entry, amended, "entry.amended", event_time(coverage, now))


def correct(
    coverage: Coverage, entry: Entry, fields: EntryFields, note: str, now: datetime
) -> Change:
    """Correct a fact, with a public note; the earlier revision stays readable.

    Raises:
        EntryNotPublic, EntryRetracted: there is nothing public to correct.
        EmptyEntry: it would have no content; retract it instead.
    """
    _check_published(entry)
    at = event_time(coverage, now)
    corrected = replace(entry, **fields, correction=Note(note, at))
    return _revise(coverage, entry, corrected, "entry.corrected", at)


def assess(coverage: Coverage, entry: Entry, target: str | int, assessment: Assessment) -> Change:
    """Assess a claim or a figure of a public entry.

    Args:
        coverage: the current state.
        entry: the entry with the claim or figure.
        target: the claim's id, or the figure's index.
        assessment: the assessment, with the time of the change.

    Raises:
        EntryNotPublic, EntryRetracted: there is nothing public to assess.
        UnknownStatement: the entry has no such claim or figure.
        TooManyAssessments: the claim was assessed too often.
    """
    _check_published(entry)
    at = event_time(coverage, assessment.at)
    if isinstance(target, str):
        claims = assess_claim(entry.claims, target, replace(assessment, at=at))
        assessed = replace(entry, claims=claims)
    else:
        assessed = replace(entry, figures=assess_figure(entry.figures, target, assessment))
    if assessed == entry:
        return Change(coverage, (entry,))
    return _revise(coverage, entry, assessed, "entry.assessed", at)


def _revise(
    coverage: Coverage, entry: Entry, revised: Entry, event_type: EntryEventType, at: datetime
) -> Change:
    check_content(revised)
    is_edited = event_type == "entry.corrected" or revised.content != entry.content
    edited_at = at if is_edited else entry.edited_at
    revision = entry.revision + 1
    revised = replace(revised, revision=revision, updated_at=at, edited_at=edited_at)
    return Change(coverage, (entry,)).with_event(event_type, revised, at)


def outdate(coverage: Coverage, entry: Entry, outdated: Outdated, now: datetime) -> Change:
    """Mark a translation as outdated; readers see that of a public one.

    Its revision stays, so that an editor who has it open can still save. A scheduled translation of
    a retracted entry becomes a draft again.

    Args:
        coverage: the translation's coverage.
        entry: the translation.
        outdated: the reason.
        now: the time of the change.
    """
    assert entry.translation_of is not None
    marked = replace(entry, translation_of=replace(entry.translation_of, outdated=outdated))
    if entry.is_public:
        change = Change(coverage, (entry,))
        return change.with_event("entry.outdated", marked, event_time(coverage, now))
    if outdated.because == "retracted" and entry.status == "scheduled":
        marked = replace(marked, status="draft", embargo_until=None)
    return Change(coverage, (marked,))


def retract(coverage: Coverage, entry: Entry, note: str, now: datetime) -> Change:
    """Replace an entry by a tombstone; the store redacts earlier events in the same transaction.

    Raises:
        EntryNotPublic, EntryRetracted: there is nothing public to retract.
    """
    _check_published(entry)
    at = event_time(coverage, now)
    retracted = tombstone(entry, Note(note, at))
    change = Change(coverage, (entry,))
    if entry.pinned:
        # The event that removes the pin carries the tombstone too, and not the words once more.
        change = change.with_event("entry.unpinned", retracted, at)
    return change.with_event("entry.retracted", retracted, at)


def pin(coverage: Coverage, entry: Entry, pinned: Entry | None, now: datetime) -> Change:
    """Pin an entry to the top, and unpin the entry that was pinned before.

    Args:
        coverage: the current state.
        entry: the entry to pin.
        pinned: the entry that is pinned now; None if there is none.
        now: the time of the change.

    Raises:
        EntryNotPublic, EntryRetracted: there is nothing public to pin.
    """
    _check_published(entry)
    if entry.pinned:
        return Change(coverage, (entry,))
    at = event_time(coverage, now)
    change = Change(coverage, (pinned, entry) if pinned else (entry,))
    if pinned:
        change = change.with_event("entry.unpinned", unpinned(pinned), at)
    return change.with_event("entry.pinned", replace(entry, pinned=True), at)


def unpin(coverage: Coverage, entry: Entry, now: datetime) -> Change:
    """Unpin an entry; there is no event if it is not pinned.

    Raises:
        EntryNotPublic, EntryRetracted: there is nothing public to unpin.
    """
    _check_published(entry)
    change = Change(coverage, (entry,))
    if not entry.pinned:
        return change
    return change.with_event("entry.unpinned", unpinned(entry), event_time(coverage, now))


def summarise(coverage: Coverage, entry: Entry | None, now: datetime) -> Change:
    """Make an entry the summary above the timeline; None leaves the coverage without one.

    Raises:
        EntryNotPublic, EntryRetracted: there is nothing public to show.
    """
    if entry is not None:
        _check_published(entry)
    summary = entry.id if entry else None
    if summary == coverage.summary:
        return Change(coverage)
    return _with_coverage_event(replace(coverage, summary=summary), "coverage.changed", now)


def check_revision(entry: Entry, expected: Collection[int] | None) -> None:
    """Refuse a change that is not based on the latest revision.

    Args:
        entry: the current state.
        expected: the revisions that the caller is willing to change; None for any.

    Raises:
        StaleRevision: the entry is at another revision.
    """
    if expected is not None and entry.revision not in expected:
        sent = ", ".join(map(str, sorted(expected)))
        basis = f"revision {sent}" if sent else "none of the entry's revisions"
        raise StaleRevision(
            f"The change was made to {basis}, and the entry is at revision {entry.revision} now:"
            " look at it again.",
            entry,
        )


def _check_published(entry: Entry) -> None:
    if entry.status == "retracted":
        raise EntryRetracted("The entry is retracted, and that is final.")
    if not entry.is_public:
        raise EntryNotPublic("The entry is not published yet.")


def check_content(entry: Entry) -> None:
    """Refuse an entry without content.

    Raises:
        EmptyEntry: it has neither a body nor a headline nor media.
    """
    if entry.is_empty:
        raise EmptyEntry(
            "There is nothing that can be seen: an entry needs a body, a headline, media or"
            " figures."
        )


def event_time(coverage: Coverage, now: datetime) -> datetime:
    """Return the time of an event: the present, but not before the last event."""
    return now if coverage.status == "planned" else max(now, coverage.updated_at)
