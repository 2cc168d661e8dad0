"""Names of callers, by which the desk shows who wrote or did something."""

from collections.abc import Iterable

from sqlmodel.ext.asyncio.session import AsyncSession

from app.access.makers import OPERATOR
from app.store import keys as keys_record
from app.store import people as people_record


async def names_of(session: AsyncSession, callers: Iterable[str | None]) -> dict[str, str]:
    """Map caller ids to the names of people and keys; ids that do not exist are left out."""
    ids: dict[str, set[str]] = {"person": set(), "key": set()}
    for caller in filter(None, callers):
        kind, _, own = caller.partition(":")
        ids.get(kind, set()).add(own)
    names = {OPERATOR.id: OPERATOR.name}
    for kind, list_names in (
        ("person", people_record.list_names),
        ("key", keys_record.list_names),
    ):
        if ids[kind]:
            by_id = await list_names(session, ids[kind])
            names |= {f"{kind}:{own}": name for own, name in by_id.items()}
    return names
