"""The newsroom's key: random bytes that its processes share, and nobody else has.

It signs what is given out without being stored. It is made once and lies in the database: whoever
reads that can do no more with it than ask a device for a signature ahead of time.
"""

import secrets

from sqlmodel import select

from app.store.engine import Store
from app.store.people import ServerKeyRow
from app.store.tables import insert_new

_NAME = "challenges"


async def read_server_key(store: Store) -> bytes:
    """The key; it is made where there is none yet.

    Args:
        store: where it is; its tables are there.
    """
    query = select(ServerKeyRow.key).where(ServerKeyRow.name == _NAME)
    async with store.reading() as session:
        key = (await session.exec(query)).first()
    if key is None:
        async with store.writing() as session:
            # Of processes that start together one makes it.
            row = {"name": _NAME, "key": secrets.token_bytes(32)}
            await insert_new(session, ServerKeyRow, row)
            key = (await session.exec(query)).one()
    return key
