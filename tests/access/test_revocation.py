"""Tests of revocation: what a key or a person created can be ended with it, on request."""

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
    """Create a chief's key by this maker."""
    async with store.writing() as session:
        return await create_key(session, "tool", "chief", START, made_by=maker)


async def guest_of(store: Store, maker: str, name: str) -> Person:
    """Invite a chief as this maker, and accept; returns the person."""
    async with store.writing() as session:
        _, secret = await invite(session, "chief", maker, START)
        details = AccountDetails(f"{name}@example.org", name.title(), "a hash")
        return await accept_invitation(session, secret, details, START)


async def test_keys_and_people_go_on_without_their_maker(store: Store):
    """Without `made`, keys and people stay when the key that created them is revoked."""
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
    """Everything that a revoked key created ends, along the whole chain, and is audited.

    The chain has keys by keys, people by keys, and links by people. Other makers' keys stay.
    """
    ann = await take_in(store, "ann", "chief")
    stolen, _ = await key_by(store, OPERATOR.id)
    second, secret = await key_by(store, f"key:{stolen.id}")
    eve = await guest_of(store, f"key:{second.id}", "eve")
    _, last = await key_by(store, eve.caller.id)
    async with store.writing() as session:
        session_secret = await begin_session(session, eve, "Firefox", START)
        invitation, link = await invite(session, "chief", eve.caller.id, START)
    _, unrelated = await key_by(store, ann.caller.id)
    async with store.writing() as session:
        await revoke_key(session, stolen.id, LATER)
        ended = await revoke_made(session, f"key:{stolen.id}", ann.caller, LATER)
    assert len(ended.keys) == 2
    assert (ended.people, ended.invitations) == ([eve.id], [invitation.id])
    async with store.writing() as session:
        for revoked_secret in secret, last:
            with pytest.raises(NotSignedIn):
                await find_caller(session, revoked_secret)
        with pytest.raises(NotSignedIn):
            await find_session(session, session_secret, LATER, SessionConfig())
        with pytest.raises(InvitationEnded):
            await accept_invitation(
                session, link, AccountDetails("x@example.org", "X", "a hash"), LATER
            )
        assert (await find_caller(session, unrelated)).role == "chief"
        audited = {(entry.action, entry.thing) for entry in await list_audit(session, 50)}
    assert {("revokeKey", second.id), ("changePerson", eve.id)} < audited
    assert ("endInvitation", invitation.id) in audited


async def test_a_chain_is_followed_through_what_has_ended_already(store: Store):
    """The chain is followed through a key that was revoked before."""
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
    """A person who accepted a personal link of a revoked key loses sessions and password.

    The link and the chosen password may have been the thief's.
    """
    ann, bob = await take_in(store, "ann", "chief"), await take_in(store, "bob")
    stolen, _ = await key_by(store, OPERATOR.id)
    async with store.writing() as session:
        _, link = await invite_back(session, bob, f"key:{stolen.id}", START)
        await accept_invitation(
            session, link, AccountDetails(bob.email, bob.name, "the thief's"), START
        )
        session_secret = await begin_session(session, bob, "Firefox", START)
        ended = await revoke_made(session, f"key:{stolen.id}", ann.caller, LATER)
        assert ended == Ended(signed_out=[bob.id])
        with pytest.raises(NotSignedIn):
            await find_session(session, session_secret, LATER, SessionConfig())
        assert not await has_password(session, bob.id)
        assert (await find_person(session, bob.id)).disabled_at is None


async def test_whoever_asks_keeps_their_own_access(store: Store):
    """The caller is not ended, nor what they created, even if they are part of the chain."""
    ann = await take_in(store, "ann", "chief")
    bob = await guest_of(store, ann.caller.id, "bob")
    key, secret = await key_by(store, bob.caller.id)
    async with store.writing() as session:
        assert await revoke_made(session, ann.caller.id, bob.caller, LATER) == Ended()
        assert (await find_person(session, bob.id)).disabled_at is None
        assert (await find_caller(session, secret)).id == f"key:{key.id}"


async def test_the_newsroom_keeps_a_chief(store: Store):
    """A chain with all chiefs is refused, and nothing ends."""
    key, _ = await key_by(store, OPERATOR.id)
    for name in "ann", "bob":
        await guest_of(store, f"key:{key.id}", name)
    _, secret = await key_by(store, f"key:{key.id}")
    with pytest.raises(LastChief):
        async with store.writing() as session:
            await revoke_made(session, f"key:{key.id}", OPERATOR, LATER)
    async with store.reading() as session:
        assert (await find_caller(session, secret)).role == "chief"
