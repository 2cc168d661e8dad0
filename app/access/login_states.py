"""Used login states: each `state` that the identity provider sends back is accepted once.

A state is stored only when it comes back, so a client that merely starts sign-ins cannot fill the
table. It is kept for as long as its cookie would be valid. If there are too many, the oldest are
deleted; the provider's codes, which also work once, are the protection then.
"""

import hashlib
from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from app.access.login_state import LIFETIME
from app.access.oidc import IdentityRefused
from app.store.login_states import add_login_state, delete_expired_login_states, trim_login_states


async def use_login_state(
    session: AsyncSession, state: str, now: datetime, most: int = 10_000
) -> None:
    """Mark a state as used.

    Args:
        session: the transaction.
        state: the parameter `state` of the callback's address.
        now: the current time.
        most: the number of used states that are kept.

    Raises:
        IdentityRefused: the state has already been used.
    """
    digest = hashlib.sha256(state.encode()).digest()
    if not await add_login_state(session, digest, now + LIFETIME):
        raise IdentityRefused("This sign-in has been used. Begin again.")
    await delete_expired_login_states(session, now)
    await trim_login_states(session, most)
