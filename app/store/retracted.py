"""What retractions took from the public, for as long as the newsroom keeps it.

Nothing that answers readers looks in here.
"""

from datetime import datetime

import orjson
from sqlalchemy import delete, insert
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.formats.public_json import decode_entry, dump_json, encode_entry
from app.store.tables import WithdrawnRow
from app.timeline.entry import Entry
from app.timeline.errors import WordsForgotten


async def keep_withdrawn(session: AsyncSession, entry: Entry, at: datetime) -> None:
    """Keep a public entry as its retraction at that time found it."""
    values = {
        "coverage": entry.coverage,
        "entry_id": entry.id,
        "at": at,
        "state": dump_json(encode_entry(entry)).decode(),
    }
    await session.exec(insert(WithdrawnRow).values(values))


async def find_withdrawn(
    session: AsyncSession, coverage: str, entry_id: str, since: datetime
) -> Entry:
    """An entry as its retraction found it.

    Args:
        session: where to read.
        coverage: the slug of its coverage.
        entry_id: its id.
        since: what was retracted before that is forgotten, though not yet dropped perhaps.

    Raises:
        WordsForgotten: it is kept no longer, or never was.
    """
    row = WithdrawnRow
    key = (row.coverage == coverage, row.entry_id == entry_id, col(row.at) > since)
    state = (await session.exec(select(row.state).where(*key))).first()
    if state is None:
        raise WordsForgotten("The words of this entry are kept no longer.")
    return decode_entry(orjson.loads(state), coverage)


async def forget_withdrawn(session: AsyncSession, until: datetime) -> None:
    """Drop what was retracted at that time or before."""
    await session.exec(delete(WithdrawnRow).where(col(WithdrawnRow.at) <= until))
