"""Server key: random bytes that all processes of the newsroom share.

It signs values that are given out without being stored. It is generated once and stored in the
database. An attacker who can read the database gains only that they can ask a device for a
signature ahead of time.
"""

import secrets

from app.store.engine import Store
from app.store.server_keys import add_server_key, find_server_key

_NAME = "challenges"


async def read_server_key(store: Store) -> bytes:
    """Read the key, or generate it if there is none yet.

    Args:
        store: the store of the key, whose tables exist.
    """
    async with store.reading() as session:
        key = await find_server_key(session, _NAME)
    if key is None:
        async with store.writing() as session:
            # If several processes start together, only one of them adds a key.
            await add_server_key(session, _NAME, secrets.token_bytes(32))
            key = await find_server_key(session, _NAME)
    assert key is not None
    return key
