"""The log of a coverage: the commitments of its journal's rows, and the frontier of their tree.

The frontier is in the coverage's row, whose lock orders the events; the leaves are computed from
the journal's rows. A retraction deletes the salts of the entry's earlier events: without them a
commitment says nothing about the words that it was made from, and the tree stays the same.
"""

import secrets
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.formats.log.leaf import SALT_SIZE, Leaf, commit
from app.formats.log.merkle import Frontier, leaf_hash
from app.formats.public_json import Json
from app.store.journal_table import JournalRow
from app.store.prepared import PreparedStatement, matches
from app.store.tables import CoverageRow

JournalValues = dict[str, object]

_row = JournalRow
_FIND_FRONTIER = PreparedStatement(
    select(CoverageRow.head_seq, CoverageRow.frontier).where(*matches(CoverageRow, "slug"))
)
_LEAF: tuple[Any, ...] = (_row.seq, _row.type, _row.at, _row.entry_id, _row.commitment)


async def read_frontier(session: AsyncSession, slug: str) -> Frontier:
    """The frontier of a coverage's log as of the session's snapshot.

    Raises:
        ValueError: it is not that of the journal's head: the row was changed by another program.
    """
    ((size, stored),) = await _FIND_FRONTIER.execute(session, {"of_slug": slug})
    return Frontier.parse(size, stored or b"")


async def save_frontier(session: AsyncSession, slug: str, frontier: Frontier) -> None:
    """Store the frontier of a coverage that the caller has locked."""
    statement = update(CoverageRow).where(col(CoverageRow.slug) == slug)
    await session.exec(statement.values(frontier=frontier.stored))


class LogWriter:
    """Appends events to the tree of a log; the caller stores the frontier that results."""

    def __init__(self, frontier: Frontier) -> None:
        self.frontier = frontier

    def append(self, values: JournalValues) -> JournalValues:
        """Return a row of the journal with its salt and commitment, as the log's next leaf.

        Args:
            values: the other columns of the row; its seq is the size of the tree plus one.
        """
        seq, kind, at, entry_id = (values[name] for name in ("seq", "type", "at", "entry_id"))
        assert isinstance(seq, int)
        assert isinstance(kind, str)
        assert isinstance(at, datetime)
        assert entry_id is None or isinstance(entry_id, str)
        assert seq == self.frontier.size + 1, "the log and its journal have parted"
        salt = secrets.token_bytes(SALT_SIZE)
        commitment = commit(salt, kind, orjson.loads(str(values["state"])))
        leaf = Leaf(seq, kind, at, entry_id, commitment)
        self.frontier = self.frontier.append(leaf_hash(leaf.encode()))
        return values | {"salt": salt, "commitment": commitment}

    def append_all(self, rows: Iterable[JournalValues]) -> Iterator[JournalValues]:
        """Yield rows as `append` returns them."""
        return map(self.append, rows)


async def read_leaves(session: AsyncSession, slug: str, after: int, limit: int) -> list[Leaf]:
    """The leaves after a seq, in order of seq."""
    query = select(*_LEAF).where(
        _row.coverage == slug, col(_row.seq).between(after + 1, after + limit)
    )
    return [Leaf(*values) for values in await session.exec(query.order_by(col(_row.seq)))]


async def read_records(
    session: AsyncSession, slug: str, after: int, limit: int
) -> list[tuple[int, bytes | None, str]]:
    """The seqs after a seq, in order, each with its salt and its record as JSON.

    A record is what its commitment was made from, byte for byte, whatever a later version of this
    program makes of it; or the tombstone in its place, without a salt.
    """
    query = select(_row.seq, _row.salt, _row.state).where(
        _row.coverage == slug, col(_row.seq).between(after + 1, after + limit)
    )
    return list(await session.exec(query.order_by(col(_row.seq))))


async def find_committed(
    session: AsyncSession, key: tuple[str, str], seq: int | None
) -> tuple[Leaf, bytes | None, Json] | None:
    """An event of an entry: its leaf, its salt, and its record.

    Args:
        session: the session to read in.
        key: the coverage's slug and the entry's id.
        seq: the event's seq; None for the entry's latest event.

    Returns:
        None if the entry has no such event.
    """
    query = select(_row).where(_row.coverage == key[0], _row.entry_id == key[1])
    if seq is not None:
        query = query.where(_row.seq == seq)
    row = (await session.exec(query.order_by(col(_row.seq).desc()).limit(1))).first()
    if row is None:
        return None
    leaf = Leaf(row.seq, row.type, row.at, row.entry_id, row.commitment)
    return leaf, row.salt, orjson.loads(row.state)
