"""Journal builder: makes the events of a journal from entries that another system published.

Refuses nothing: contradictory times are put in an order that a journal can have.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from operator import itemgetter
from typing import Any, TypeAlias

from app.formats.log.leaf import DERIVED
from app.formats.public_json import encode_coverage, encode_entry
from app.formats.rfc3339 import format_time
from app.intake.report import Report
from app.timeline.coverage import Coverage
from app.timeline.entry import Entry

Json: TypeAlias = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Intake:
    """The result of an import: a journal's lines, drafts, counts and notes.

    `lines` hold one event each, in order of seq from 1 without a gap, with times that never go
    backwards; `drafts` are entries that were not public. `counts` say how much was read and
    imported; each of the `notes` is a sentence on something that could not be kept exactly.
    """

    lines: list[Json]
    counts: dict[str, int]
    notes: list[str]
    drafts: list[Json] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Publication:
    """A public entry, and the time of the last change to its text (None for never).

    Only the latest text is known, so the entry is published with it; an amendment at the time of
    the change keeps that time.
    """

    entry: Entry
    published_at: datetime
    changed_at: datetime | None = None

    @property
    def is_amended(self) -> bool:
        """Whether the entry was changed after its publication."""
        return self.changed_at is not None and self.changed_at > self.published_at


def journal_lines(
    coverage: Coverage, publications: Iterable[Publication], pinned: str | None
) -> list[Json]:
    """Return a coverage's events in order of time.

    Args:
        coverage: in its final state; a closed one is opened live and closed at its `ended_at`,
            or with the last event if that is later.
        publications: its entries; those with equal publication times in the given order.
        pinned: the id of the pinned entry, None for none. The time of pinning is unknown, so
            its event follows the entry's last change.

    Returns:
        The lines, `coverage.opened` first, and `coverage.closed` last if it is closed.
    """
    events = [event for publication in publications for event in _entry_events(publication, pinned)]
    events.sort(key=itemgetter(0, 1))
    opened_at = min(
        [coverage.starts_at or coverage.created_at, *(event[0] for event in events[:1])]
    )
    opened = replace(coverage, status="live", ended_at=None) if _is_closed(coverage) else coverage
    lines = [_line(coverage.slug, "coverage.opened", opened_at, "details", _details(opened))]
    for at, _, event_type, entry in events:
        lines.append(_line(coverage.slug, event_type, at, "entry", _entry_json(entry)))
    if _is_closed(coverage):
        ended_at = max(
            [coverage.ended_at or opened_at, opened_at, *(event[0] for event in events[-1:])]
        )
        closed = _details(replace(coverage, ended_at=ended_at))
        lines.append(_line(coverage.slug, "coverage.closed", ended_at, "details", closed))
    return [{"seq": seq, **line} for seq, line in enumerate(lines, start=1)]


def make_intake(
    coverage: Coverage,
    publications: list[Publication],
    pinned: str | None,
    report: Report,
    drafts: Iterable[Entry] = (),
) -> Intake:
    """Assemble the result of an import, with its counts.

    Args:
        coverage: in its final state.
        publications: its public entries.
        pinned: the id of the pinned entry, None for none.
        report: the counts and notes of the reader.
        drafts: entries that were not public.
    """
    draft_lines = [_entry_json(entry) for entry in drafts]
    report.count("entries", len(publications))
    report.count("amendments", sum(publication.is_amended for publication in publications))
    report.count("pinned", sum(publication.entry.id == pinned for publication in publications))
    report.count("drafts", len(draft_lines))
    report.count("skipped", 0)
    lines = journal_lines(coverage, publications, pinned)
    return Intake(lines, report.ordered_counts, report.notes, draft_lines)


def _is_closed(coverage: Coverage) -> bool:
    return coverage.status == "closed"


def _entry_events(
    publication: Publication, pinned: str | None
) -> list[tuple[datetime, int, str, Entry]]:
    """Return an entry's events, each with its time and its rank among events of that time."""
    at = publication.published_at
    entry = replace(
        publication.entry,
        status="published",
        revision=1,
        published_at=at,
        updated_at=at,
        pinned=False,
    )
    events = [(at, 0, "entry.published", entry)]
    if publication.is_amended and publication.changed_at:
        at = publication.changed_at
        entry = replace(entry, revision=2, updated_at=at)
        events.append((at, 1, "entry.amended", entry))
    if entry.id == pinned:
        events.append((at, 2, "entry.pinned", replace(entry, pinned=True)))
    return events


def _line(slug: str, event_type: str, at: datetime, kind: str, state: Json) -> Json:
    return {"type": event_type, "coverage": slug, "at": format_time(at), kind: state}


def _details(coverage: Coverage) -> Json:
    return {k: v for k, v in encode_coverage(coverage).items() if k not in DERIVED}


def _entry_json(entry: Entry) -> Json:
    return {k: v for k, v in encode_entry(entry).items() if k != "seq"}
