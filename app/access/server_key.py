"""Server keys: random bytes that all processes of the newsroom share.

Each is generated once and stored in the database. `CHALLENGES` signs challenges for passkeys, which
are given out without being stored: an attacker who can read the database gains only that they can
ask a device for a signature ahead of time. `LOG` is the seed of the key that signs checkpoints:
whoever has it can sign a forged history, which those find who kept a checkpoint of the true one.
"""

import secrets

from app.store.engine import Store
from app.store.server_keys import add_server_key, find_server_key

CHALLENGES = "challenges"
LOG = "log"


async def read_server_key(store: Store, name: str) -> bytes:
    """Read a key of 32 bytes, or generate it if there is none yet.

    Args:
        store: the store of the key, whose tables exist.
        name: the key's name.
    """
    async with store.reading() as session:
        key = await find_server_key(session, name)
    if key is None:
        async with store.writing() as session:
            # If several processes start together, only one of them adds a key.
            await add_server_key(session, name, secrets.token_bytes(32))
            key = await find_server_key(session, name)
    assert key is not None
    return key
