"""Who made a link, a key or a person, and how far they may go by now.

Makers are named as callers are: `key:…`, `person:…`, or `operator` for the command line. Refuses
nothing itself.
"""

from sqlmodel.ext.asyncio.session import AsyncSession

from app.access.keys import key_from
from app.access.people import person_of
from app.access.roles import Caller
from app.store.keys import find_key
from app.store.people import find_person

# Commands on the database itself, which nobody can run but whoever owns it.
OPERATOR = Caller("operator", "the operator", "chief")


async def find_maker(session: AsyncSession, maker: str, *, lock: bool = False) -> Caller | None:
    """A maker, with the roles that they have at this moment.

    Args:
        session: where to look.
        maker: a caller's id.
        lock: holds the maker until the transaction ends. Else, in PostgreSQL, what they made could
            be used in the same moment in which their access is taken.

    Returns:
        None for a revoked key, for somebody who lost their access, and for who was never there.
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


async def may_give_roles(session: AsyncSession, maker: str, *, lock: bool = False) -> bool:
    """Whether a maker may give out roles and access by now: whether they are a chief.

    Args:
        session: where to look.
        maker: a caller's id.
        lock: as `find_maker` takes it.
    """
    caller = await find_maker(session, maker, lock=lock)
    return caller is not None and caller.may("chief")
