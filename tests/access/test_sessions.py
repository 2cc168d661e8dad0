"""Promises of sessions, by a clock, in both databases."""

from datetime import datetime, timedelta

import pytest

from app.access.directory import change_person
from app.access.roles import NotSignedIn
from app.access.sessions import (
    Session,
    SessionConfig,
    begin_session,
    delete_expired_sessions,
    end_listed_session,
    end_session,
    end_sessions,
    find_session,
    is_due,
    list_sessions,
    note_session,
)
from app.store.engine import Store
from tests.access.newsroom import HOUR, take_in
from tests.record import stored_text
from tests.strategies import START

CONFIG = SessionConfig(idle=timedelta(hours=2), lifetime=timedelta(hours=5))
A_MOMENT = timedelta(milliseconds=1)


async def begun(store: Store, name: str = "bob", browser: str = "Firefox") -> str:
    """The secret of a new session of somebody new."""
    person = await take_in(store, name)
    async with store.writing() as session:
        return await begin_session(session, person, browser, START)


async def found(store: Store, secret: str, now: datetime = START) -> Session:
    """Whose session it is."""
    async with store.reading() as session:
        return await find_session(session, secret, now, CONFIG)


async def seen(store: Store, secret: str, now: datetime) -> None:
    """A request of the session at that time."""
    it = await found(store, secret, now)
    async with store.writing() as session:
        await note_session(session, it, now)


async def gone(store: Store, secret: str, now: datetime = START) -> bool:
    """Whether a session has ended."""
    try:
        await found(store, secret, now)
    except NotSignedIn:
        return True
    return False


async def test_a_session_ends_when_nobody_has_used_it(store: Store):
    """To the millisecond after it was last seen."""
    secret = await begun(store)
    assert (await found(store, secret, START + CONFIG.idle - A_MOMENT)).person.name == "Bob"
    assert await gone(store, secret, START + CONFIG.idle)


async def test_a_session_in_use_ends_at_its_longest(store: Store):
    """However busy it is."""
    secret = await begun(store)
    for hour in range(1, 5):
        await seen(store, secret, START + hour * HOUR)
    assert not await gone(store, secret, START + CONFIG.lifetime - A_MOMENT)
    assert await gone(store, secret, START + CONFIG.lifetime)


async def test_a_session_is_noted_often_enough_to_stay(store: Store):
    """At most every minute, and four times within an idle end that is shorter than that."""
    it = await found(store, await begun(store))
    assert not is_due(it, START + timedelta(seconds=59), CONFIG)
    assert is_due(it, START + timedelta(seconds=60), CONFIG)
    short = SessionConfig(idle=timedelta(seconds=20))
    assert is_due(it, START + timedelta(seconds=5), short)


async def test_the_secret_is_nowhere_in_the_record(store: Store):
    """Nor is the token of its forms."""
    secret = await begun(store)
    kept = await stored_text(store)
    assert secret not in kept
    assert (await found(store, secret)).token not in kept


@pytest.mark.parametrize("secret", ["", "x", "\x00", "é", "x" * 100_000])
async def test_what_is_no_secret_is_no_session(store: Store, secret: str):
    """Of whatever shape, without a fault of the database."""
    await begun(store)
    assert await gone(store, secret)


async def test_no_two_sessions_are_alike(store: Store):
    """Each sign-in has a secret and a token of its own."""
    secrets = [await begun(store, name) for name in ("bob", "eve")]
    tokens = {(await found(store, secret)).token for secret in secrets}
    assert len(set(secrets)) == len(tokens) == 2


async def test_signing_out_ends_one_session(store: Store):
    """Others of the same person go on."""
    bob = await take_in(store, "bob")
    async with store.writing() as session:
        first, second = [await begin_session(session, bob, "x", START) for _ in range(2)]
        await end_session(session, first)
    assert await gone(store, first)
    assert not await gone(store, second)


async def test_a_person_sees_and_ends_their_own_sessions_only(store: Store):
    """The last seen comes first; another's id ends nothing."""
    bob, eve = await take_in(store, "bob"), await take_in(store, "eve")
    async with store.writing() as session:
        phone, desk = [await begin_session(session, bob, b, START) for b in ("Phone", "Desk")]
        other = await begin_session(session, eve, "Laptop", START)
    await seen(store, desk, START + HOUR)
    async with store.writing() as session:
        listed = await list_sessions(session, bob.id, START + HOUR, CONFIG)
        (theirs,) = await list_sessions(session, eve.id, START, CONFIG)
        assert [browser.name for browser in listed] == ["Desk", "Phone"]
        await end_listed_session(session, bob.id, theirs.id)
        await end_listed_session(session, bob.id, listed[1].id)
    assert [await gone(store, secret) for secret in (phone, desk, other)] == [True, False, False]


async def test_ending_all_others_spares_one(store: Store):
    """And nobody else's."""
    bob, other = await take_in(store, "bob"), await begun(store, "eve")
    async with store.writing() as session:
        secrets = [await begin_session(session, bob, "x", START) for _ in range(3)]
    spared = (await found(store, secrets[1])).digest
    async with store.writing() as session:
        await end_sessions(session, bob.id, spare=spared)
    assert [await gone(store, secret) for secret in (*secrets, other)] == [True, False, True, False]


async def test_who_loses_access_is_signed_out_and_stays_so(store: Store):
    """Getting it back does not bring the sessions back."""
    secret = await begun(store)
    person = (await found(store, secret)).person
    async with store.writing() as session:
        await change_person(session, person.id, {"disabled": True}, START)
    assert await gone(store, secret)
    async with store.writing() as session:
        await change_person(session, person.id, {"disabled": False}, START)
    assert await gone(store, secret)


async def test_a_role_that_changes_counts_from_the_next_request(store: Store):
    """A session holds no role of its own."""
    secret = await begun(store)
    person = (await found(store, secret)).person
    async with store.writing() as session:
        await change_person(session, person.id, {"role": "contributor"}, START)
    assert (await found(store, secret)).person.role == "contributor"


async def test_ended_sessions_are_dropped_and_living_ones_stay(store: Store):
    """By the same two ends by which they are refused."""
    bob = await take_in(store, "bob")
    async with store.writing() as session:
        idle, old, living = [await begin_session(session, bob, n, START) for n in "ABC"]
    for hour in (1, 2, 3, 4):
        await seen(store, old, START + hour * HOUR)
        if hour == 1:
            await seen(store, living, START + HOUR)
    now = START + 2 * HOUR
    async with store.writing() as session:
        await delete_expired_sessions(session, now, CONFIG)
        names = {browser.name for browser in await list_sessions(session, bob.id, now, CONFIG)}
        assert names == {"B", "C"}
        await delete_expired_sessions(session, START + CONFIG.lifetime, CONFIG)
    assert [await gone(store, secret, now) for secret in (idle, old, living)] == [True] * 3
