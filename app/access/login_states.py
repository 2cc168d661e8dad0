"""States of sign-ins by the identity provider that have come back: each is taken once.

A state is made without being stored, and stored when it comes back, so nobody fills the table who
only sets out. It is kept for as long as its cookie would be good. Of too many the oldest are
forgotten; the provider's codes, which work once as well, are what holds then.
"""

import hashlib
from datetime import datetime

from sqlalchemy import delete, func, insert
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.access.errand import LASTS
from app.access.provider import IdentityRefused
from app.store.people import LoginStateRow


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
        IdentityRefused: it has before. The transaction is of no use any more.
    """
    row = LoginStateRow
    values = {"digest": hashlib.sha256(state.encode()).digest(), "ends_at": now + LASTS}
    try:
        await session.exec(insert(row).values(values))
    except IntegrityError as error:
        raise IdentityRefused("This way to sign in has been used. Begin again.") from error
    await forget_login_states(session, now)
    kept = (await session.exec(select(func.count()).select_from(row))).one()
    if kept > most:
        oldest = select(row.digest).order_by(col(row.ends_at)).limit(kept - most)
        await session.exec(delete(row).where(col(row.digest).in_(oldest)))


async def forget_login_states(session: AsyncSession, now: datetime) -> None:
    """Drop those whose cookies have ended."""
    await session.exec(delete(LoginStateRow).where(col(LoginStateRow.ends_at) <= now))
