"""Makers of links, keys and people, and the permissions that they have now.

A maker has a caller's id: `key:…`, `person:…`, or `operator` for the command line. This module only
looks up; its callers refuse.
"""

from sqlmodel.ext.asyncio.session import AsyncSession

from app.access.keys import key_from
from app.access.people import person_of
from app.access.roles import Caller
from app.store.keys import find_key
from app.store.people import find_person

# For commands on the database itself, which only its owner can run.
OPERATOR = Caller("operator", "the operator", "chief")


async def find_maker(session: AsyncSession, maker: str, *, lock: bool = False) -> Caller | None:
    """Find a maker, with their present roles.

    Args:
        session: where to look.
        maker: a caller's id.
        lock: whether to lock the maker's row until the transaction ends. Without the lock, what
            they made could be used in PostgreSQL while a concurrent transaction revokes their
            access.

    Returns:
        The maker; None for a revoked key, a person without access, and an unknown id.
    """
    kind, _, own = maker.partition(":")
    if maker == OPERATOR.id:
        return OPERATOR
    if kind == "key":
        key = await find_key(session, own, share=lock)
        return None if key is None or key.revoked_at is not None else key_from(key).caller
    if kind == "person":
        person = await find_person(session, own, share=lock)
        if person is not None and person.disabled_at is None:
            return (await person_of(session, person)).caller
    return None


async def may_grant_roles(session: AsyncSession, maker: str, *, lock: bool = False) -> bool:
    """Whether a maker may give out roles and access at present, that is, whether they are a chief.

    Args:
        session: where to look.
        maker: a caller's id.
        lock: as for `find_maker`.
    """
    caller = await find_maker(session, maker, lock=lock)
    return caller is not None and caller.may("chief")
