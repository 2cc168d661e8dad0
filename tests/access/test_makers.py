"""Tests of who may grant roles: a link is valid while its maker may still grant them."""

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
    """Change the rows directly, so that no application code ends the links.

    Another process or a restored backup could do so.
    """
    their = col(PersonRow.id) == person.id
    await session.exec(update(PersonRow).where(their).values(role=None))
    await session.exec(update(KeyRow).where(col(KeyRow.id) == key).values(revoked_at=START))


@pytest.mark.parametrize("end", [_demote, _disable, _change_rows])
async def test_no_link_outlives_the_power_of_its_maker(store: Store, end: Ending):
    """A link ends when its maker is demoted, disabled or revoked; it creates nobody.

    This holds for invitations and personal links, made by people and by keys.
    """
    await take_in(store, "ann", "chief")
    bob, zoe = await take_in(store, "bob", "chief"), await take_in(store, "zoe", "chief")
    async with store.writing() as session:
        key, _ = await create_key(session, "tool", "chief", START, made_by="operator")
        makers = bob.caller.id, f"key:{key.id}"
        links = [await invite(session, "chief", maker, START) for maker in makers]
        links += [await invite_back(session, zoe, maker, START) for maker in makers]
        await end(session, bob, key.id)
    for _, secret in links:
        with pytest.raises(InvitationEnded):
            async with store.reading() as session:
                await find_invitation(session, secret, START + HOUR)
        with pytest.raises(InvitationEnded):
            async with store.writing() as session:
                await accept_invitation(session, secret, EVE, START + HOUR)
    async with store.reading() as session:
        assert {person.name for person in await list_people(session)} == {"Ann", "Bob", "Zoe"}


async def test_the_refusal_says_what_to_do(store: Store):
    """The refusal tells the guest to ask for another link, and does not name the maker."""
    await take_in(store, "ann", "chief")
    bob = await take_in(store, "bob", "chief")
    async with store.writing() as session:
        invitation, secret = await invite(session, "editor", bob.caller.id, START)
        await _change_rows(session, bob, "")
    async with store.reading() as session:
        with pytest.raises(MakerGone, match="Ask a chief for another one") as error:
            await find_invitation(session, secret, START)
    assert error.value.invitation_id == invitation.id
    assert "Bob" not in str(error.value)


async def test_a_link_of_who_is_a_chief_still_works(store: Store):
    """A link of a chief works, whether made by a person, a key or the command line."""
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
    """An unknown maker may not grant roles."""
    async with store.reading() as session:
        assert await find_maker(session, maker) is None
        assert not await may_grant_roles(session, maker)


async def test_a_chief_of_one_coverage_gives_no_roles(store: Store):
    """A chief of one coverage may not grant roles, neither as a person nor as a key."""
    await take_in(store, "ann", "chief")
    bob, slug = await take_in(store, "bob", "chief"), await open_coverage(store)
    async with store.writing() as session:
        key, _ = await create_key(session, "tool", "chief", START, slug, made_by="operator")
        await change_person(session, bob.id, {"role": None, "coverages": {slug: "chief"}}, START)
        for maker in bob.caller.id, f"key:{key.id}":
            assert not await may_grant_roles(session, maker)
