"""Promises of revocation: what a key or a person made ends with them when a chief says so."""

import pytest

from app.access.acceptance import AccountDetails, accept_invitation
from app.access.audit import list_audit
from app.access.invitations import InvitationEnded, invite, invite_back
from app.access.keys import Key, create_key, find_caller, list_keys
from app.access.makers import OPERATOR
from app.access.people import LastChief, Person, find_person, has_password
from app.access.revocation import Ended, revoke_key, revoke_made
from app.access.roles import NotSignedIn
from app.access.sessions import SessionConfig, begin_session, find_session
from app.store.engine import Store
from tests.access.newsroom import HOUR, take_in
from tests.strategies import START

LATER = START + HOUR


async def key_by(store: Store, maker: str) -> tuple[Key, str]:
    """A chief's key that somebody made."""
    async with store.writing() as session:
        return await create_key(session, "tool", "chief", START, made_by=maker)


async def guest_of(store: Store, maker: str, name: str) -> Person:
    """A chief who came by an invitation of somebody's."""
    async with store.writing() as session:
        _, secret = await invite(session, "chief", maker, START)
        details = AccountDetails(f"{name}@example.org", name.title(), "a hash")
        return await accept_invitation(session, secret, details, START)


async def test_keys_and_people_go_on_without_their_maker(store: Store):
    """Unless they are to end too: most of what a chief made is in order."""
    await take_in(store, "ann", "chief")
    first, _ = await key_by(store, OPERATOR.id)
    _, secret = await key_by(store, f"key:{first.id}")
    bob = await guest_of(store, f"key:{first.id}", "bob")
    async with store.writing() as session:
        await revoke_key(session, first.id, LATER)
    async with store.reading() as session:
        assert (await find_caller(session, secret)).role == "chief"
        assert (await find_person(session, bob.id)).disabled_at is None
        assert {key.made_by for key in await list_keys(session)} == {"operator", f"key:{first.id}"}


async def test_what_was_made_ends_to_the_last_link_of_the_chain(store: Store):
    """Keys by keys, people by keys, links by people; what others made stays, and all is audited."""
    ann = await take_in(store, "ann", "chief")
    stolen, _ = await key_by(store, OPERATOR.id)
    second, secret = await key_by(store, f"key:{stolen.id}")
    eve = await guest_of(store, f"key:{second.id}", "eve")
    _, last = await key_by(store, eve.caller.id)
    async with store.writing() as session:
        browser = await begin_session(session, eve, "Firefox", START)
        made, link = await invite(session, "chief", eve.caller.id, START)
    _, fair = await key_by(store, ann.caller.id)
    async with store.writing() as session:
        await revoke_key(session, stolen.id, LATER)
        ended = await revoke_made(session, f"key:{stolen.id}", ann.caller, LATER)
    assert len(ended.keys) == 2
    assert (ended.people, ended.invitations) == ([eve.id], [made.id])
    async with store.writing() as session:
        for gone in secret, last:
            with pytest.raises(NotSignedIn):
                await find_caller(session, gone)
        with pytest.raises(NotSignedIn):
            await find_session(session, browser, LATER, SessionConfig())
        with pytest.raises(InvitationEnded):
            await accept_invitation(
                session, link, AccountDetails("x@example.org", "X", "a hash"), LATER
            )
        assert (await find_caller(session, fair)).role == "chief"
        lines = {(line.action, line.thing) for line in await list_audit(session, 50)}
    assert {("revokeKey", second.id), ("changePerson", eve.id)} < lines
    assert ("endInvitation", made.id) in lines


async def test_a_chain_is_followed_through_what_has_ended_already(store: Store):
    """A thief who revokes the key in the middle saves nothing of what it made."""
    ann = await take_in(store, "ann", "chief")
    stolen, _ = await key_by(store, OPERATOR.id)
    middle, _ = await key_by(store, f"key:{stolen.id}")
    end, secret = await key_by(store, f"key:{middle.id}")
    async with store.writing() as session:
        await revoke_key(session, middle.id, START)
        await revoke_key(session, stolen.id, LATER)
        ended = await revoke_made(session, f"key:{stolen.id}", ann.caller, LATER)
        assert ended.keys == [end.id]
        with pytest.raises(NotSignedIn):
            await find_caller(session, secret)


async def test_who_came_back_in_by_a_stolen_link_needs_a_new_password(store: Store):
    """The link may have been the thief's, and so may the password that was chosen by it."""
    ann, bob = await take_in(store, "ann", "chief"), await take_in(store, "bob")
    stolen, _ = await key_by(store, OPERATOR.id)
    async with store.writing() as session:
        _, link = await invite_back(session, bob, f"key:{stolen.id}", START)
        await accept_invitation(
            session, link, AccountDetails(bob.email, bob.name, "the thief's"), START
        )
        browser = await begin_session(session, bob, "Firefox", START)
        ended = await revoke_made(session, f"key:{stolen.id}", ann.caller, LATER)
        assert ended == Ended(signed_out=[bob.id])
        with pytest.raises(NotSignedIn):
            await find_session(session, browser, LATER, SessionConfig())
        assert not await has_password(session, bob.id)
        assert (await find_person(session, bob.id)).disabled_at is None


async def test_whoever_asks_keeps_their_own_access(store: Store):
    """Also if the one who is to end once invited them, and with them what they made."""
    ann = await take_in(store, "ann", "chief")
    bob = await guest_of(store, ann.caller.id, "bob")
    key, secret = await key_by(store, bob.caller.id)
    async with store.writing() as session:
        assert await revoke_made(session, ann.caller.id, bob.caller, LATER) == Ended()
        assert (await find_person(session, bob.id)).disabled_at is None
        assert (await find_caller(session, secret)).id == f"key:{key.id}"


async def test_the_newsroom_keeps_a_chief(store: Store):
    """A chain that holds all of them is refused whole: nothing has ended."""
    key, _ = await key_by(store, OPERATOR.id)
    for name in "ann", "bob":
        await guest_of(store, f"key:{key.id}", name)
    _, secret = await key_by(store, f"key:{key.id}")
    with pytest.raises(LastChief):
        async with store.writing() as session:
            await revoke_made(session, f"key:{key.id}", OPERATOR, LATER)
    async with store.reading() as session:
        assert (await find_caller(session, secret)).role == "chief"
