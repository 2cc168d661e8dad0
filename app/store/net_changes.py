"""Net changes of a coverage's entries, and of what sources say, between two positions.

The database groups the events of a range by entry, from an index alone. Only the states of the
entries on the requested page are read, so the cost of an answer hardly depends on the range.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import (
    CTE,
    BigInteger,
    ColumnElement,
    String,
    and_,
    case,
    cast,
    func,
    literal,
    literal_column,
    union_all,
)
from sqlalchemy import select as select_columns
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.formats.statement_json import decode_figure
from app.store.journal_table import JournalRow
from app.store.sqlite import LONG
from app.store.statements import read_changed_series
from app.timeline.net_change import (
    DECISIVE,
    ORDER,
    ChangeKind,
    FigureChange,
    Mark,
    says_the_same,
)

_MARKS = 8  # more than the largest value of the marks
_FEW = 1000  # events that are grouped in a few milliseconds
_BASE = 2**50  # more than any seq, so that a rank and a seq are one number


@dataclass(frozen=True, slots=True)
class Range:
    """The events of a coverage after one seq, up to and including another."""

    slug: str
    after: int
    until: int


@dataclass(frozen=True, slots=True)
class Page:
    """Part of a list: how many items come before it, and how many it has at most."""

    offset: int
    limit: int


@dataclass(frozen=True, slots=True)
class Outline:
    """A net change without its states, which are still encoded.

    `before` and `after` are records of the entry; `before` is None if there is none to be shown.
    """

    kind: ChangeKind
    at: datetime
    seq: int
    before: str | None
    after: str


async def read_net_changes(
    session: AsyncSession, between: Range, page: Page
) -> tuple[dict[ChangeKind, int], list[Outline], bool]:
    """The net changes between two positions.

    Returns:
        How many entries have a net change of each kind, on all pages; the page of the changes in
        their order; and whether there are more after it.
    """
    entries = _entries(between)
    place = case(
        *(
            (and_(entries.c.kind == kind, entries.c.marks.bitwise_and(int(mark)) == int(mark)), n)
            for n, (kind, mark) in enumerate(ORDER)
        )
    ).label("place")
    listed = select_columns(
        entries.c.kind, entries.c.seq, place, entries.c.entry_id, entries.c.last
    )
    shown = (
        listed.order_by(place, entries.c.seq.desc()).offset(page.offset).limit(page.limit + 1)
    ).subquery()
    nothing: ColumnElement[Any] = literal_column("NULL")
    counts = select_columns(
        entries.c.kind, func.count(), nothing, cast(nothing, String), nothing
    ).group_by(entries.c.kind)
    # In one statement, the entries are grouped once.
    rows = (await session.exec(union_all(counts, select_columns(shown)))).all()  # type: ignore[call-overload]
    totals = {kind: count for kind, count, place, _, _ in rows if place is None}
    found = sorted((row for row in rows if row[2] is not None), key=lambda row: (row[2], -row[1]))
    return totals, await _outline(session, between, found[: page.limit]), len(found) > page.limit


async def _outline(
    session: AsyncSession, between: Range, found: Sequence[tuple[Any, ...]]
) -> list[Outline]:
    """Read the states and times of a page of changes."""
    standing = [entry_id for kind, _, _, entry_id, _ in found if kind != "retracted"]
    row = JournalRow
    last_before = (
        select(row.entry_id, func.max(row.seq))
        .where(row.coverage == between.slug, col(row.seq) <= between.after)
        .where(col(row.entry_id).in_(standing))
        .group_by(col(row.entry_id))
    )
    earlier = {each: seq for each, seq in await session.exec(last_before) if each}
    times = await read_times(session, between.slug, [seq for _, seq, *_ in found])
    needed = [*earlier.values(), *(last for *_, last in found)]
    states = await _read(session, between.slug, JournalRow.state, needed)
    return [
        Outline(kind, times[seq], seq, states.get(earlier.get(entry_id, 0)), states[last])
        for kind, seq, _, entry_id, last in found
    ]


def _entries(between: Range) -> CTE:
    """Group the events by entry: the kind of its net change, the deciding and the last seq.

    Two aggregates combine two numbers each, which costs a third of one for each type of event.
    """
    row, base = JournalRow, literal(_BASE, BigInteger)
    seqs = col(row.seq).between(between.after + 1, between.until)
    own = (col(row.coverage) == between.slug, seqs, col(row.entry_id).is_not(None))
    rank = case({name: n for n, (name, _) in enumerate(DECISIVE)}, value=col(row.type))
    grouping = (
        select_columns(
            col(row.entry_id),
            # The lowest rank, and the last seq that has it; null if no event is told of.
            func.min(rank * base - col(row.seq)).label("decisive"),
            func.max(col(row.seq) * _MARKS + col(row.marks)).label("marked"),
            func.max(case((col(row.type) == "entry.amended", col(row.seq)))).label("amended"),
        )
        .where(*own)
        .group_by(col(row.entry_id))
    )
    if between.until - between.after > _FEW:
        grouping = grouping.prefix_with(LONG)
    columns = grouping.cte("grouped").c
    decisive_rank = (columns.decisive + base - 1) // base
    seq = decisive_rank * base - columns.decisive
    # A retraction after the range has removed the entry's words from it as well.
    retracted = select(row.entry_id).where(
        row.coverage == between.slug, row.type == "entry.retracted"
    )
    is_gone = columns.entry_id.in_(retracted)
    kinds = case({n: kind for n, (_, kind) in enumerate(DECISIVE)}, value=decisive_rank)
    marks = columns.marked % _MARKS
    # An amendment has made it say what its original says.
    is_current = and_(kinds == "outdated", marks.bitwise_and(int(Mark.OUTDATED)) == 0)
    return (
        select_columns(
            columns.entry_id,
            (columns.marked // _MARKS).label("last"),
            marks.label("marks"),
            case((is_gone, "retracted"), (is_current, "amended"), else_=kinds).label("kind"),
            case((is_current, func.coalesce(columns.amended, seq)), else_=seq).label("seq"),
        )
        .where(columns.decisive.is_not(None))
        .cte("entries")
    )


async def read_times(
    session: AsyncSession, slug: str, seqs: Sequence[int]
) -> Mapping[int, datetime]:
    """The times of the events with these seqs; unknown ones are left out."""
    return await _read(session, slug, JournalRow.at, seqs)


async def _read(
    session: AsyncSession, slug: str, column: Any, seqs: Sequence[int]
) -> Mapping[int, Any]:
    """A column of the events with these seqs."""
    row = JournalRow
    query = select_columns(col(row.seq), column)
    rows = await session.exec(query.where(row.coverage == slug, col(row.seq).in_(seqs)))  # type: ignore[call-overload,arg-type]
    return dict(rows.all())


async def read_figure_changes(
    session: AsyncSession, between: Range, page: Page
) -> tuple[list[FigureChange], bool]:
    """What sources said before and say after, those that changed last first.

    Figures of entries that are retracted now are in neither.

    Args:
        session: the session to read in.
        between: the events.
        page: which of the series in which an observation came or went; those in which the source
            says the same as before are left out of it.

    Returns:
        The changes, and whether there are more series after the page.
    """
    positions = (between.after, between.until)
    found = await read_changed_series(
        session, between.slug, *positions, page.offset, page.limit + 1
    )
    changes = []
    for earlier, later, entry_id in found[: page.limit]:
        before, after = (
            decode_figure(orjson.loads(state)) if state else None for state in (earlier, later)
        )
        if entry_id is not None and not says_the_same(before, after):
            changes.append(FigureChange(before, after, entry_id))
    return changes, len(found) > page.limit
