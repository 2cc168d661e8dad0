"""Net changes of a coverage's entries, and of what sources say, between two positions.

The database groups the events of a range by entry, from an index alone. Only the states of the
entries on the requested page are read, so the cost of an answer hardly depends on the range.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import CTE, BigInteger, ColumnElement, and_, case, func, literal
from sqlalchemy import select as select_columns
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.store.journal_table import JournalRow
from app.store.statements import changed_series, read_current
from app.timeline.net_change import DECISIVE, ORDER, ChangeKind, FigureChange, says_the_same

_MARKS = 4  # more than the largest value of the marks


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


async def count_net_changes(session: AsyncSession, between: Range) -> dict[ChangeKind, int]:
    """How many entries have a net change of each kind; kinds without one are left out."""
    entries = _entries(between)
    query = select_columns(entries.c.kind, func.count()).group_by(entries.c.kind)
    rows = await session.exec(query)  # type: ignore[call-overload]
    return {kind: count for kind, count in rows if kind is not None}


async def read_net_changes(
    session: AsyncSession, between: Range, page: Page
) -> tuple[list[Outline], bool]:
    """A page of the net changes in their order, and whether there are more after it."""
    entries = _entries(between)
    columns = (entries.c.entry_id, entries.c.kind, entries.c.seq, entries.c.last)
    place = case(
        *(
            (and_(entries.c.kind == kind, entries.c.marks.bitwise_and(int(mark)) == int(mark)), n)
            for n, (kind, mark) in enumerate(ORDER)
        )
    )
    query = select_columns(*columns).where(entries.c.kind.is_not(None))
    query = query.order_by(place, entries.c.seq.desc()).offset(page.offset).limit(page.limit + 1)
    found = (await session.exec(query)).all()  # type: ignore[call-overload]
    shown = found[: page.limit]
    standing = [entry_id for entry_id, kind, _, _ in shown if kind != "retracted"]
    earlier = await _last_seqs(session, between.slug, standing, between.after)
    times = await _read(session, between.slug, JournalRow.at, [seq for _, _, seq, _ in shown])
    needed = [*earlier.values(), *(last for _, _, _, last in shown)]
    states = await _read(session, between.slug, JournalRow.state, needed)
    outlines = [
        Outline(kind, times[seq], seq, states.get(earlier.get(entry_id, 0)), states[last])
        for entry_id, kind, seq, last in shown
    ]
    return outlines, len(found) > page.limit


def _entries(between: Range) -> CTE:
    """Group the events by entry: the kind of its net change, the deciding and the last seq."""
    row = JournalRow
    own = (
        col(row.coverage) == between.slug,
        col(row.seq).between(between.after + 1, between.until),
        col(row.entry_id).is_not(None),
    )
    seqs = {kind: func.max(case((col(row.type) == name, row.seq))) for name, kind in DECISIVE}
    marked = func.max(col(row.seq) * literal(_MARKS, BigInteger) + col(row.marks))
    last = func.max(row.seq)
    grouped = (
        select_columns(col(row.entry_id), last.label("last"), (marked % _MARKS).label("marks"))
        .add_columns(*(seq.label(kind) for kind, seq in seqs.items()))
        .where(*own)
        .group_by(col(row.entry_id))
        .cte("grouped")
    )
    # A retraction after the range has removed the entry's words from it as well.
    retracted = select(row.entry_id).where(
        row.coverage == between.slug, row.type == "entry.retracted"
    )
    told: list[ColumnElement[Any]] = [grouped.c[kind] for _, kind in DECISIVE]
    gone = and_(func.coalesce(*told).is_not(None), grouped.c.entry_id.in_(retracted))
    kinds = [(gone, "retracted"), *((grouped.c[k].is_not(None), k) for _, k in DECISIVE)]
    deciding = [(grouped.c[k].is_not(None), grouped.c[k]) for _, k in DECISIVE]
    return select_columns(
        grouped.c.entry_id,
        grouped.c.last,
        grouped.c.marks,
        case(*kinds).label("kind"),
        case(*deciding).label("seq"),
    ).cte("entries")


async def _last_seqs(
    session: AsyncSession, slug: str, entry_ids: Collection[str], until: int
) -> dict[str, int]:
    """The seq of each entry's last event up to and including a seq; others are left out."""
    row = JournalRow
    query = (
        select(row.entry_id, func.max(row.seq))
        .where(row.coverage == slug, col(row.entry_id).in_(entry_ids), col(row.seq) <= until)
        .group_by(col(row.entry_id))
    )
    return {entry_id: seq for entry_id, seq in await session.exec(query) if entry_id}


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
    slug, after, until = between.slug, between.after, between.until
    changed = await changed_series(session, slug, after, until, page.offset, page.limit + 1)
    shown = changed[: page.limit]
    before = await read_current(session, slug, shown, after)
    now = await read_current(session, slug, shown, until)
    changes = []
    for series in shown:
        old, new = before.get(series), now.get(series)
        earlier, later = (each.figure if each else None for each in (old, new))
        observation = new or old
        if observation is not None and not says_the_same(earlier, later):
            changes.append(FigureChange(earlier, later, observation.entry_id))
    return changes, len(changed) > page.limit
