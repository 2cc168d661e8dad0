"""Copies of coverages: all rows of a coverage that is imported.

They are computed and written to a file before the transaction that stores them, if the archive is
large by another process. So the transaction, for which all other writers to SQLite wait, does
nothing but insert, and holds only one batch of the rows in memory.
"""

import pickle
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, BinaryIO

from sqlmodel import SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession

from app.formats.log.merkle import Frontier
from app.store.coverages import add_coverage
from app.store.entries import entry_tables
from app.store.facets import earlier_facets
from app.store.facets_table import EarlierFacetsRow
from app.store.inserts import TableRows
from app.store.journal import event_values
from app.store.journal_table import JournalRow
from app.store.log import LogWriter, save_frontier
from app.store.media import add_media, record_lead
from app.store.prepared import PreparedStatement, insert_of
from app.store.statements import statement_tables
from app.timeline.coverage import Coverage
from app.timeline.entry import Entry
from app.timeline.event import Event

Values = Mapping[str, object]

# A batch is read within a millisecond, in the event loop, and takes some 10 ms in the connection's
# thread.
_BATCH = 100  # rows
_LONG = 256 * 1024  # characters, after which a batch has no further row


def write_copy(
    file: BinaryIO, coverage: Coverage, entries: Collection[Entry], events: Sequence[Event]
) -> None:
    """Write the rows of a new coverage to a file.

    Args:
        file: where they are written. Only this program writes and reads it: it holds pickles.
        coverage: the coverage.
        entries: its entries and drafts.
        events: its whole journal, from which the other tables are computed.
    """
    pickle.dump(coverage, file)
    times = {event.seq: event.at for event in events}
    is_in_order = all(entry.published_at == times.get(entry.seq or 0) for entry in entries)
    pickle.dump(is_in_order, file)
    log = LogWriter(Frontier())
    for table, rows in _tables(entries, events, log):
        for batch in _batches(rows):
            pickle.dump((table, batch), file)
    leads = [coverage.lead_image] if coverage.lead_image else []
    media = [*leads, *(media for entry in entries for media in entry.media)]
    pickle.dump(log.frontier, file)
    pickle.dump(list({one.id: one for one in media}.values()), file)


def _tables(
    entries: Collection[Entry], events: Sequence[Event], log: LogWriter
) -> Iterator[TableRows]:
    yield from entry_tables(entries)
    yield JournalRow, log.append_all(map(event_values, events))
    yield EarlierFacetsRow, earlier_facets(events)
    yield from statement_tables(events)


def _batches(rows: Iterable[Values]) -> Iterator[list[Values]]:
    batch: list[Values] = []
    length = 0
    for row in rows:
        batch.append(row)
        length += sum(len(value) for value in row.values() if isinstance(value, str))
        if len(batch) == _BATCH or length >= _LONG:
            yield batch
            batch, length = [], 0
    if batch:
        yield batch


def read_part(file: BinaryIO) -> Any:
    """Read the next part of a file that this program has written."""
    return pickle.load(file)  # noqa: S301


async def store_copy(session: AsyncSession, file: BinaryIO) -> Coverage:
    """Store the rows of a new coverage.

    Args:
        session: the transaction.
        file: what `write_copy` has written.

    Raises:
        SlugTaken: a coverage with that slug exists.
    """
    coverage = read_part(file)
    assert isinstance(coverage, Coverage)
    await add_coverage(session, coverage, is_in_order=read_part(file))
    inserts: dict[type[SQLModel], PreparedStatement] = {}
    while isinstance(part := read_part(file), tuple):
        table, rows = part
        insert = inserts.get(table) or inserts.setdefault(table, insert_of(table))
        await insert.execute_many(session, rows)
    assert isinstance(part, Frontier)
    await save_frontier(session, coverage.slug, part)
    await record_lead(session, coverage.slug, coverage.lead_image)
    await add_media(session, read_part(file), coverage.slug)
    return coverage
