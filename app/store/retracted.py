"""Withdrawn entries: the words of retracted entries, for as long as the newsroom keeps them.

No code that answers readers uses this table.
"""

from datetime import datetime

import orjson
from sqlalchemy import delete
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.formats.public_json import decode_entry, dump_json, encode_entry
from app.store.prepared import insert_of
from app.store.tables import WithdrawnRow
from app.timeline.entry import Entry
from app.timeline.errors import WordsForgotten

_KEEP = insert_of(WithdrawnRow)


async def keep_withdrawn(session: AsyncSession, entry: Entry, at: datetime) -> None:
    """Store a public entry in its state before its retraction at that time."""
    values = {
        "coverage": entry.coverage,
        "entry_id": entry.id,
        "at": at,
        "state": dump_json(encode_entry(entry)).decode(),
    }
    await _KEEP.execute(session, values)


async def find_withdrawn(
    session: AsyncSession, coverage: str, entry_id: str, since: datetime
) -> Entry:
    """An entry in its state before its retraction.

    Args:
        session: the session to read in.
        coverage: the slug of its coverage.
        entry_id: its id.
        since: entries retracted at or before this time have expired, even if still stored.

    Raises:
        WordsForgotten: its words are no longer kept, or never were.
    """
    row = WithdrawnRow
    key = (row.coverage == coverage, row.entry_id == entry_id, col(row.at) > since)
    state = (await session.exec(select(row.state).where(*key))).first()
    if state is None:
        raise WordsForgotten("The words of this entry are no longer kept.")
    return decode_entry(orjson.loads(state), coverage)


async def delete_expired_withdrawn(session: AsyncSession, until: datetime) -> None:
    """Delete the entries that were retracted at or before a time."""
    await session.exec(delete(WithdrawnRow).where(col(WithdrawnRow.at) <= until))
