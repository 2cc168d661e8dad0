"""Mementos of a coverage or an entry: the seconds in which the journal has events of it."""

from bisect import bisect_right
from datetime import UTC, datetime, timedelta

from sqlalchemy import BigInteger, ColumnElement, ScalarSelect, func, type_coerce
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.store.journal import find_last
from app.store.journal_table import JournalRow
from app.store.past import find_coverage_as_of, find_seq_as_of, read_states_as_of
from app.timeline.coverage import Coverage
from app.timeline.entry import Entry
from app.timeline.memento import Mementos, end_of_second, second_of

Span = tuple[int, int]  # the first and the last second, in seconds since 1970

_SECOND = 1000  # milliseconds
_PER_SPAN = 1000  # mementos at most
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


async def find_mementos(session: AsyncSession, slug: str, as_of: datetime | None) -> Mementos:
    """Find the mementos of a coverage around a time.

    Args:
        session: the session to read in.
        slug: of a public coverage.
        as_of: inclusive; None for the last memento.
    """
    row = JournalRow
    own, at = col(row.coverage) == slug, col(row.at)

    # Each is one look-up in the index; a query of two aggregates would read all of its range.
    def earliest(*where: ColumnElement[bool]) -> ScalarSelect[datetime | None]:
        return select(func.min(row.at)).where(own, *where).scalar_subquery()

    def latest(*where: ColumnElement[bool]) -> ScalarSelect[datetime | None]:
        return select(func.max(row.at)).where(own, *where).scalar_subquery()

    until = () if as_of is None else (at <= as_of,)
    first, last, current = (await session.exec(select(earliest(), latest(), latest(*until)))).one()
    assert first is not None
    assert last is not None
    if current is None:
        return Mementos(second_of(first), second_of(last), None, None, second_of(first))
    before, after = latest(at < second_of(current)), earliest(at > end_of_second(current))
    previous, following = (await session.exec(select(before, after))).one()
    return Mementos(
        second_of(first),
        second_of(last),
        second_of(current),
        previous and second_of(previous),
        following and second_of(following),
    )


async def find_entry_mementos(
    session: AsyncSession, slug: str, entry_id: str, as_of: datetime | None
) -> Mementos:
    """Find the mementos of a public entry around a time, as `find_mementos`.

    An entry has few events, so all are read: SQLite would look up a time in those of the coverage.
    """
    seconds = [to_time(second) for second in await list_seconds(session, slug, entry_id)]
    count = len(seconds) if as_of is None else bisect_right(seconds, as_of)
    return Mementos(
        seconds[0],
        seconds[-1],
        seconds[count - 1] if count > 0 else None,
        seconds[count - 2] if count > 1 else None,
        seconds[count] if count < len(seconds) else None,
    )


async def list_spans(session: AsyncSession, coverage: Coverage) -> list[Span]:
    """List the spans of a coverage's mementos, ascending, of at most a thousand mementos each.

    They follow from each thousandth event, so that no other is read. A second belongs to the span
    of its first event; so a span never changes once there is a later one.
    """
    row, head = JournalRow, coverage.cursor.seq
    ends = {*range(_PER_SPAN, head, _PER_SPAN), head}
    needed = ends | {1} | {seq + 1 for seq in ends}
    query = select(row.seq, row.at).where(row.coverage == coverage.slug, col(row.seq).in_(needed))
    times = dict((await session.exec(query)).all())
    spans: list[Span] = []
    start = 1
    for end in sorted(ends):
        first: datetime | None = times[start]
        if spans and _number(times[start]) <= spans[-1][1]:
            beyond = end_of_second(to_time(spans[-1][1]))
            later = select(func.min(row.at)).where(row.coverage == coverage.slug, row.at > beyond)
            first = (await session.exec(later)).one()
        if first is not None and first <= times[end]:
            spans.append((_number(first), _number(times[end])))
        start = end + 1
    return spans


async def list_entry_spans(session: AsyncSession, slug: str, entry_id: str) -> list[Span]:
    """List the spans of an entry's mementos, as `list_spans`; it has few events."""
    seconds = await list_seconds(session, slug, entry_id)
    starts = range(0, len(seconds), _PER_SPAN)
    return [(seconds[n], seconds[n : n + _PER_SPAN][-1]) for n in starts]


async def list_seconds(
    session: AsyncSession, slug: str, entry_id: str | None = None, span: Span | None = None
) -> list[int]:
    """List the seconds of mementos, ascending, in seconds since 1970.

    Args:
        session: the session to read in.
        slug: the coverage's slug.
        entry_id: an entry, for its mementos; None for those of the coverage.
        span: the first and the last of them; None for all.
    """
    row = JournalRow
    at = type_coerce(col(row.at), BigInteger)
    # Of a time before 1970 SQL's remainder is negative.
    start = at - (at % _SECOND + _SECOND) % _SECOND
    query = select(start).where(row.coverage == slug).distinct().order_by(start)
    if entry_id is not None:
        query = query.where(row.entry_id == entry_id)
    if span is not None:
        first, last = (to_time(second) for second in span)
        query = query.where(row.at >= first, row.at <= end_of_second(last))
    return [milliseconds // _SECOND for milliseconds in await session.exec(query)]


def _number(time: datetime) -> int:
    return (second_of(time) - _EPOCH) // timedelta(seconds=1)


def to_time(second: int) -> datetime:
    """Return the time of a second since 1970."""
    return _EPOCH + timedelta(seconds=second)


async def find_entry_as_of(
    session: AsyncSession, coverage: Coverage, entry_id: str, as_of: datetime
) -> tuple[Coverage, Entry]:
    """Find an entry as it was at a time, and the coverage's own fields as of then.

    Raises:
        UnknownEntry: there is no such public entry, or it was not public yet.
    """
    slug, last = coverage.slug, await find_last(session, coverage.slug, as_of)
    await find_seq_as_of(session, slug, last, entry_id)
    shown = await find_coverage_as_of(session, slug, coverage.cursor.at(last))
    assert shown is not None
    (entry,) = await read_states_as_of(session, slug, last, [entry_id])
    return shown, entry
