"""States of sign-ins by the identity provider that have come back: each is taken once.

A state is made without being stored, and stored when it comes back, so nobody fills the table who
only sets out. It is kept for as long as its cookie would be good. Of too many the oldest are
forgotten; the provider's codes, which work once as well, are what holds then.
"""

import hashlib
from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from app.access.login_state import LASTS
from app.access.oidc import IdentityRefused
from app.store.login_states import add_login_state, forget_login_states, trim_login_states


async def use_login_state(
    session: AsyncSession, state: str, now: datetime, most: int = 10_000
) -> None:
    """Note that a state has come back.

    Args:
        session: the transaction.
        state: as it stands in the address.
        now: the time.
        most: how many are kept.

    Raises:
        IdentityRefused: it has before.
    """
    digest = hashlib.sha256(state.encode()).digest()
    if not await add_login_state(session, digest, now + LASTS):
        raise IdentityRefused("This way to sign in has been used. Begin again.")
    await forget_login_states(session, now)
    await trim_login_states(session, most)
