"""Claims and figures of published entries, with the part of the journal in which each stood.

These tables are computed from the journal. Each row is valid from the event `since` until the event
`until`, so the state after any event is one query, without folding the journal. A retraction
deletes all rows of its entry, as it redacts the journal.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

import orjson
from sqlalchemy import Select, case, func, insert, or_, update
from sqlalchemy import select as select_columns
from sqlalchemy.orm import aliased
from sqlalchemy.sql.elements import ColumnElement
from sqlmodel import SQLModel, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.formats.public_json import dump_json
from app.formats.statement_json import decode_claim, decode_figure, encode_claim, encode_figure
from app.store.inserts import TableRows
from app.store.prepared import delete_of, table_of
from app.store.statement_tables import ClaimRow, FigureRow
from app.timeline.claim import AssessmentStatus
from app.timeline.entry import Entry
from app.timeline.event import Event
from app.timeline.figure import fold_name
from app.timeline.figure_table import FigureChanges
from app.timeline.ledger import Observation
from app.timeline.published_claim import PublishedClaim

_Row = TypeVar("_Row", FigureRow, ClaimRow)
Values = dict[str, object]
_DELETE = {table: delete_of(table, "coverage", "entry_id") for table in (FigureRow, ClaimRow)}
_OBSERVATION = ("state", "entry_id", "seq", "position", "published_at")
_LAST = 2  # observations of a series that a ledger shows: the current and the earlier one


@dataclass(frozen=True, slots=True)
class ClaimSelection:
    """Which claims: of a status, and of a source by its name; None for all."""

    status: AssessmentStatus | None = None
    source: str | None = None


@dataclass(frozen=True, slots=True)
class FigureSelection:
    """Which figures: of a metric, a group and a source, by name; None for all."""

    metric: str | None = None
    group: str | None = None
    source: str | None = None


async def save_statements(session: AsyncSession, entry: Entry, seq: int) -> None:
    """Store the claims and figures that a public entry has from an event on."""
    if entry.status == "retracted":
        for table in (FigureRow, ClaimRow):
            own = {"of_coverage": entry.coverage, "of_entry_id": entry.id}
            await _DELETE[table].execute(session, own)
        return
    await _replace(session, FigureRow, entry, seq, figure_values(entry, seq))
    await _replace(session, ClaimRow, entry, seq, claim_values(entry, seq))


async def _replace(
    session: AsyncSession, table: type[_Row], entry: Entry, seq: int, values: Sequence[Values]
) -> None:
    if entry.seq != seq:  # its publication, before which it has no rows
        present = (
            col(table.coverage) == entry.coverage,
            col(table.entry_id) == entry.id,
            col(table.until).is_(None),
        )
        query = select(table.state).where(*present).order_by(col(table.position))
        states = list(await session.exec(query))
        if states == [each["state"] for each in values]:
            return
        if states:
            await session.exec(update(table).where(*present).values(until=seq))
    if values:
        await session.exec(insert(table_of(table)), params=values)


def figure_values(entry: Entry, since: int) -> list[Values]:
    """Return an entry's figures as rows."""
    if not entry.figures:
        return []
    published_at, seq = _publication(entry)
    rows: list[Values] = []
    for position, figure in enumerate(entry.figures):
        series = figure.series
        rows.append(
            {
                "coverage": entry.coverage,
                "entry_id": entry.id,
                "since": since,
                "position": position,
                "until": None,
                "metric": series.metric,
                "group": series.group,
                "source": series.source,
                "rank": figure.instant(published_at),
                "seq": seq,
                "published_at": published_at,
                "state": dump_json(encode_figure(figure)).decode(),
            }
        )
    return rows


def claim_values(entry: Entry, since: int) -> list[Values]:
    """Return an entry's claims as rows."""
    if not entry.claims:
        return []
    published_at, _ = _publication(entry)
    return [
        {
            "coverage": entry.coverage,
            "entry_id": entry.id,
            "since": since,
            "position": position,
            "until": None,
            "source": fold_name(claim.source.name),
            "status": claim.status,
            "at": claim.at,
            "published_at": published_at,
            "state": dump_json(encode_claim(claim)).decode(),
        }
        for position, claim in enumerate(entry.claims)
    ]


def _publication(entry: Entry) -> tuple[datetime, int]:
    assert entry.published_at is not None
    assert entry.seq is not None
    return entry.published_at, entry.seq


def statement_tables(events: Iterable[Event]) -> Iterator[TableRows]:
    """The rows of the claims and figures of a whole new journal."""
    figures: dict[str, list[list[Values]]] = {}
    claims: dict[str, list[list[Values]]] = {}
    for event in events:
        if (entry := event.entry) is None:
            continue
        if entry.status == "retracted":
            figures.pop(entry.id, None)
            claims.pop(entry.id, None)
            continue
        _append(figures.setdefault(entry.id, []), figure_values(entry, event.seq), event.seq)
        _append(claims.setdefault(entry.id, []), claim_values(entry, event.seq), event.seq)
    for table, versions in ((FigureRow, figures), (ClaimRow, claims)):
        yield table, [row for of_entry in versions.values() for each in of_entry for row in each]


def _append(versions: list[list[Values]], values: list[Values], seq: int) -> None:
    """Add an entry's state after an event to its earlier ones, which end there if they differ."""
    before = versions[-1] if versions else []
    if [each["state"] for each in before] == [each["state"] for each in values]:
        return
    for each in before:
        each["until"] = seq
    versions.append(values)


def _standing(table: type[SQLModel], slug: str, seq: int | None) -> list[ColumnElement[bool]]:
    """Return the conditions for the rows that stand after an event; None is the last one."""
    since, until = table.since, table.until  # type: ignore[attr-defined]
    conditions = [col(table.coverage) == slug]  # type: ignore[attr-defined]
    if seq is None:
        return [*conditions, col(until).is_(None)]
    return [*conditions, col(since) <= seq, or_(col(until).is_(None), col(until) > seq)]


async def read_claims(
    session: AsyncSession, slug: str, selection: ClaimSelection, seq: int | None = None
) -> list[PublishedClaim]:
    """The claims of a coverage, those assessed last first.

    Args:
        session: the session to read in.
        slug: the coverage's slug.
        selection: which claims.
        seq: as of this event; None for the head.
    """
    row = ClaimRow
    where = _standing(row, slug, seq)
    if selection.status is not None:
        where.append(col(row.status) == selection.status)
    if selection.source is not None:
        where.append(col(row.source) == fold_name(selection.source))
    query = select(row.state, row.entry_id, row.published_at).where(*where)
    latest = (col(row.at).desc(), col(row.since).desc(), col(row.position))
    rows = await session.exec(query.order_by(*latest))
    return [PublishedClaim(decode_claim(orjson.loads(s)), i, at) for s, i, at in rows]


async def read_observations(
    session: AsyncSession,
    slug: str,
    selection: FigureSelection = FigureSelection(),
    seq: int | None = None,
    *,
    whole: bool = False,
    last: int = _LAST,
) -> list[Observation]:
    """The figures of a coverage.

    Args:
        session: the session to read in.
        slug: the coverage's slug.
        selection: which figures.
        seq: as of this event; None for the head.
        whole: all observations; otherwise the last ones and the first one of each series, however
            long it is.
        last: how many of each series are the last ones; a ledger needs two.
    """
    row = FigureRow
    where = _standing(row, slug, seq)
    for name in ("metric", "group", "source"):
        if (wanted := getattr(selection, name)) is not None:
            where.append(col(getattr(row, name)) == fold_name(wanted))
    columns = [col(getattr(row, name)) for name in _OBSERVATION]
    query: Select[Any] = select_columns(*columns).where(*where)
    if not whole:
        series = (row.metric, row.group, row.source)
        latest = (row.rank, row.seq, row.position)
        number = func.row_number()
        from_last = number.over(
            partition_by=[col(c) for c in series], order_by=[col(c).desc() for c in latest]
        )
        from_first = number.over(
            partition_by=[col(c) for c in series], order_by=[col(row.seq), col(row.position)]
        )
        numbered = query.add_columns(from_last.label("from_last"), from_first.label("from_first"))
        rows = numbered.subquery().c
        needed = or_(rows.from_last <= last, rows.from_first == 1)
        query = select_columns(*(rows[name] for name in _OBSERVATION)).where(needed)
    found = await session.exec(query)  # type: ignore[call-overload]
    return [_observation(*values) for values in found]


def _observation(
    state: str, entry_id: str, seq: int, position: int, published_at: datetime
) -> Observation:
    figure = decode_figure(orjson.loads(state))
    return Observation(figure, entry_id, seq, position, published_at)


async def read_figure_changes(session: AsyncSession, slug: str, after: int) -> FigureChanges:
    """The present observations that are younger than an event, and those that have ended since.

    Those that a retraction has deleted are not among them.

    Args:
        session: the session to read in.
        slug: the coverage's slug.
        after: the seq of the event.
    """
    row = FigureRow
    names = (*_OBSERVATION, "since", "until")
    columns = [col(getattr(row, name)) for name in names]
    is_changed = or_(col(row.since) > after, col(row.until) > after)
    query: Select[Any] = select_columns(*columns).where(col(row.coverage) == slug, is_changed)
    found = (await session.exec(query)).all()  # type: ignore[call-overload]
    return FigureChanges(
        gone=tuple(_observation(*values) for *values, since, _ in found if since <= after),
        new=tuple(
            _observation(*values) for *values, since, until in found if since > after and not until
        ),
    )


async def read_changed_series(
    session: AsyncSession, slug: str, after: int, until: int, offset: int, limit: int
) -> list[tuple[str | None, str | None, str | None]]:
    """The series of which an observation came or went between two events, the last ones first.

    Args:
        session: the session to read in.
        slug: the coverage's slug.
        after: the event before the first one that counts.
        until: the last event that counts.
        offset: how many series to skip.
        limit: the most series to return.

    Returns:
        Of each series the record of its current figure as of either event, None if it had none,
        and the id of the entry of the later one that there is.
    """
    row = FigureRow
    began = col(row.since).between(after + 1, until)
    ended = col(row.until).between(after + 1, until)
    names = (col(row.metric), col(row.group), col(row.source))
    last = func.max(case((ended, row.until), else_=row.since)).label("last")
    changed = select_columns(*names, last).where(col(row.coverage) == slug, or_(began, ended))
    by_time = (last.desc(), *names)
    listed = changed.group_by(*names).order_by(*by_time).offset(offset).limit(limit).subquery()
    series = listed.c
    one = aliased(FigureRow)

    def current(column: Any, seq: int) -> Any:
        # The sums keep SQLite from the indexes over `since` and `until`: by that of the series the
        # current observation is among the first that are found.
        first, end = col(one.since) + 0, col(one.until) + 0
        standing = (first <= seq, or_(end.is_(None), end > seq))
        own = [col(one.coverage) == slug, col(one.metric) == series.metric]
        own += [col(one.group) == series.group, col(one.source) == series.source]
        latest = (col(one.rank).desc(), col(one.seq).desc(), col(one.position).desc())
        query = select_columns(column).where(*own, *standing).order_by(*latest)
        return query.limit(1).correlate(listed).scalar_subquery()

    states = (current(one.state, after), current(one.state, until))
    entry_id = func.coalesce(current(one.entry_id, until), current(one.entry_id, after))
    query = select_columns(*states, entry_id).select_from(listed).order_by(series.last.desc())
    query = query.order_by(series.metric, series.group, series.source)
    found = await session.exec(query)  # type: ignore[call-overload]
    return [(before, now, each) for before, now, each in found]
