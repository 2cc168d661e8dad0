"""What callers are called, as the desk tells who wrote or did something."""

from collections.abc import Iterable

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.access.makers import OPERATOR
from app.store.people import PersonRow
from app.store.tables import KeyRow


async def names_of(session: AsyncSession, callers: Iterable[str | None]) -> dict[str, str]:
    """The names of people and keys, by caller; whoever is not there any more is left out."""
    ids: dict[str, set[str]] = {"person": set(), "key": set()}
    for caller in filter(None, callers):
        kind, _, own = caller.partition(":")
        ids.get(kind, set()).add(own)
    names = {OPERATOR.id: OPERATOR.name}
    for kind, row in ("person", PersonRow), ("key", KeyRow):
        if ids[kind]:
            query = select(row.id, row.name).where(col(row.id).in_(ids[kind]))
            found = (await session.exec(query)).all()
            names |= {f"{kind}:{own}": name for own, name in found}
    return names
