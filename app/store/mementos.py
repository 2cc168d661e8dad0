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

_SECOND = 1000  # milliseconds
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


async def list_seconds(session: AsyncSession, slug: str, entry_id: str | None = None) -> list[int]:
    """List the seconds of all mementos, ascending, in seconds since 1970.

    Numbers, since a journal may have tens of thousands, of which a TimeMap shows some.
    """
    at = type_coerce(col(JournalRow.at), BigInteger)
    # Of a time before 1970 SQL's remainder is negative.
    start = at - (at % _SECOND + _SECOND) % _SECOND
    query = select(start).where(JournalRow.coverage == slug).distinct().order_by(start)
    if entry_id is not None:
        query = query.where(JournalRow.entry_id == entry_id)
    return [milliseconds // _SECOND for milliseconds in await session.exec(query)]


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
