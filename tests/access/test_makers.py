"""Promises that power ends with its source: what a link gives is what its maker may still give."""

from collections.abc import Awaitable, Callable

import pytest
from sqlalchemy import update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from app.access.acceptance import AccountDetails, accept_invitation
from app.access.directory import change_person, list_people
from app.access.invitations import (
    InvitationEnded,
    MakerGone,
    find_invitation,
    invite,
    invite_back,
)
from app.access.keys import create_key
from app.access.makers import OPERATOR, find_maker, may_grant_roles
from app.access.people import Person, find_person
from app.access.revocation import revoke_key
from app.store.engine import Store
from app.store.tables import KeyRow, PersonRow
from tests.access.newsroom import HOUR, open_coverage, take_in
from tests.strategies import START

EVE = AccountDetails("eve@example.org", "Eve", "a hash")
Ending = Callable[[AsyncSession, Person, str], Awaitable[object]]


async def _demote(session: AsyncSession, person: Person, key: str) -> None:
    await change_person(session, person.id, {"role": "editor"}, START)
    await session.exec(update(KeyRow).where(col(KeyRow.id) == key).values(role="editor"))


async def _disable(session: AsyncSession, person: Person, key: str) -> None:
    await change_person(session, person.id, {"disabled": True}, START)
    await revoke_key(session, key, START)


async def _change_rows(session: AsyncSession, person: Person, key: str) -> None:
    """As another process, or a restored backup, would: nothing ends the links beside it."""
    their = col(PersonRow.id) == person.id
    await session.exec(update(PersonRow).where(their).values(role=None))
    await session.exec(update(KeyRow).where(col(KeyRow.id) == key).values(revoked_at=START))


@pytest.mark.parametrize("end", [_demote, _disable, _change_rows])
async def test_no_link_outlives_the_power_of_its_maker(store: Store, end: Ending):
    """Neither invitations nor personal links, by a person or a key; and nobody comes of it."""
    await take_in(store, "ann", "chief")
    bob, zoe = await take_in(store, "bob", "chief"), await take_in(store, "zoe", "chief")
    async with store.writing() as session:
        key, _ = await create_key(session, "tool", "chief", START, made_by="operator")
        makers = bob.caller.id, f"key:{key.id}"
        made = [await invite(session, "chief", maker, START) for maker in makers]
        made += [await invite_back(session, zoe, maker, START) for maker in makers]
        await end(session, bob, key.id)
    for _, secret in made:
        with pytest.raises(InvitationEnded):
            async with store.reading() as session:
                await find_invitation(session, secret, START + HOUR)
        with pytest.raises(InvitationEnded):
            async with store.writing() as session:
                await accept_invitation(session, secret, EVE, START + HOUR)
    async with store.reading() as session:
        assert {person.name for person in await list_people(session)} == {"Ann", "Bob", "Zoe"}


async def test_the_refusal_says_what_to_do(store: Store):
    """A sentence for whoever was invited, which names nobody."""
    await take_in(store, "ann", "chief")
    bob = await take_in(store, "bob", "chief")
    async with store.writing() as session:
        made, secret = await invite(session, "editor", bob.caller.id, START)
        await _change_rows(session, bob, "")
    async with store.reading() as session:
        with pytest.raises(MakerGone, match="Ask a chief for another one") as caught:
            await find_invitation(session, secret, START)
    assert caught.value.invitation_id == made.id
    assert "Bob" not in str(caught.value)


async def test_a_link_of_who_is_a_chief_still_works(store: Store):
    """By a key, by a person, and by the command line."""
    ann = await take_in(store, "ann", "chief")
    async with store.writing() as session:
        key, _ = await create_key(session, "tool", "chief", START, made_by=ann.caller.id)
        for number, maker in enumerate((ann.caller.id, f"key:{key.id}", OPERATOR.id)):
            _, secret = await invite(session, "editor", maker, START)
            details = AccountDetails(f"guest{number}@example.org", "Guest", "a hash")
            person = await accept_invitation(session, secret, details, START)
            assert (await find_person(session, person.id)).invited_by == maker


@pytest.mark.parametrize("maker", ["", "nobody", "schedule", "key:", "key:00000000", "person:x"])
async def test_who_was_never_there_gives_nothing(store: Store, maker: str):
    """Whatever stands in the record as a maker."""
    async with store.reading() as session:
        assert await find_maker(session, maker) is None
        assert not await may_grant_roles(session, maker)


async def test_a_chief_of_one_coverage_gives_no_roles(store: Store):
    """Neither as a key nor as a person: roles are given out in the whole newsroom."""
    await take_in(store, "ann", "chief")
    bob, slug = await take_in(store, "bob", "chief"), await open_coverage(store)
    async with store.writing() as session:
        key, _ = await create_key(session, "tool", "chief", START, slug, made_by="operator")
        await change_person(session, bob.id, {"role": None, "coverages": {slug: "chief"}}, START)
        for maker in bob.caller.id, f"key:{key.id}":
            assert not await may_grant_roles(session, maker)
