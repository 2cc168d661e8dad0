"""The newsroom's key: random bytes that its processes share, and nobody else has.

It signs what is given out without being stored. It is made once and lies in the database: whoever
reads that can do no more with it than ask a device for a signature ahead of time.
"""

import secrets

from app.store.engine import Store
from app.store.server_keys import add_server_key, find_server_key

_NAME = "challenges"


async def read_server_key(store: Store) -> bytes:
    """The key; it is made where there is none yet.

    Args:
        store: where it is; its tables are there.
    """
    async with store.reading() as session:
        key = await find_server_key(session, _NAME)
    if key is None:
        async with store.writing() as session:
            # Of processes that start together one makes it.
            await add_server_key(session, _NAME, secrets.token_bytes(32))
            key = await find_server_key(session, _NAME)
    assert key is not None
    return key
