"""Tests of sessions with a set clock, in both databases."""

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


async def begin(store: Store, name: str = "bob", browser: str = "Firefox") -> str:
    """Begin a session of a new person; returns its secret."""
    person = await take_in(store, name)
    async with store.writing() as session:
        return await begin_session(session, person, browser, START)


async def find(store: Store, secret: str, now: datetime = START) -> Session:
    """Return the session of a secret."""
    async with store.reading() as session:
        return await find_session(session, secret, now, CONFIG)


async def use(store: Store, secret: str, now: datetime) -> None:
    """Record a request of the session at this time."""
    session_row = await find(store, secret, now)
    async with store.writing() as session:
        await note_session(session, session_row, now)


async def has_ended(store: Store, secret: str, now: datetime = START) -> bool:
    """Whether a session has ended."""
    try:
        await find(store, secret, now)
    except NotSignedIn:
        return True
    return False


async def test_a_session_ends_when_nobody_has_used_it(store: Store):
    """A session ends after the idle time, to the millisecond."""
    secret = await begin(store)
    assert (await find(store, secret, START + CONFIG.idle - A_MOMENT)).person.name == "Bob"
    assert await has_ended(store, secret, START + CONFIG.idle)


async def test_a_session_in_use_ends_at_its_longest(store: Store):
    """A session ends after its lifetime, however often it is used."""
    secret = await begin(store)
    for hour in range(1, 5):
        await use(store, secret, START + hour * HOUR)
    assert not await has_ended(store, secret, START + CONFIG.lifetime - A_MOMENT)
    assert await has_ended(store, secret, START + CONFIG.lifetime)


async def test_a_session_is_noted_often_enough_to_stay(store: Store):
    """Use is recorded at most once a minute, or at a quarter of a shorter idle time."""
    session = await find(store, await begin(store))
    assert not is_due(session, START + timedelta(seconds=59), CONFIG)
    assert is_due(session, START + timedelta(seconds=60), CONFIG)
    short = SessionConfig(idle=timedelta(seconds=20))
    assert is_due(session, START + timedelta(seconds=5), short)


async def test_the_secret_is_nowhere_in_the_record(store: Store):
    """Neither a session's secret nor its form token is stored."""
    secret = await begin(store)
    record = await stored_text(store)
    assert secret not in record
    assert (await find(store, secret)).token not in record


@pytest.mark.parametrize("secret", ["", "x", "\x00", "é", "x" * 100_000])
async def test_what_is_no_secret_is_no_session(store: Store, secret: str):
    """An unknown secret is no session, without a database error."""
    await begin(store)
    assert await has_ended(store, secret)


async def test_no_two_sessions_are_alike(store: Store):
    """Each session has its own secret and form token."""
    secrets = [await begin(store, name) for name in ("bob", "eve")]
    tokens = {(await find(store, secret)).token for secret in secrets}
    assert len(set(secrets)) == len(tokens) == 2


async def test_signing_out_ends_one_session(store: Store):
    """Signing out ends one session; others of the person go on."""
    bob = await take_in(store, "bob")
    async with store.writing() as session:
        first, second = [await begin_session(session, bob, "x", START) for _ in range(2)]
        await end_session(session, first)
    assert await has_ended(store, first)
    assert not await has_ended(store, second)


async def test_a_person_sees_and_ends_their_own_sessions_only(store: Store):
    """People list and end their own sessions only; the most recently used is first."""
    bob, eve = await take_in(store, "bob"), await take_in(store, "eve")
    async with store.writing() as session:
        phone, desk = [await begin_session(session, bob, b, START) for b in ("Phone", "Desk")]
        other = await begin_session(session, eve, "Laptop", START)
    await use(store, desk, START + HOUR)
    async with store.writing() as session:
        listed = await list_sessions(session, bob.id, START + HOUR, CONFIG)
        (theirs,) = await list_sessions(session, eve.id, START, CONFIG)
        assert [browser.name for browser in listed] == ["Desk", "Phone"]
        await end_listed_session(session, bob.id, theirs.id)
        await end_listed_session(session, bob.id, listed[1].id)
    assert [await has_ended(store, secret) for secret in (phone, desk, other)] == [
        True,
        False,
        False,
    ]


async def test_ending_all_others_spares_one(store: Store):
    """Ending all other sessions keeps one, and other people's sessions."""
    bob, other = await take_in(store, "bob"), await begin(store, "eve")
    async with store.writing() as session:
        secrets = [await begin_session(session, bob, "x", START) for _ in range(3)]
    spared = (await find(store, secrets[1])).digest
    async with store.writing() as session:
        await end_sessions(session, bob.id, spare=spared)
    assert [await has_ended(store, secret) for secret in (*secrets, other)] == [
        True,
        False,
        True,
        False,
    ]


async def test_who_loses_access_is_signed_out_and_stays_so(store: Store):
    """Disabling a person ends their sessions for good."""
    secret = await begin(store)
    person = (await find(store, secret)).person
    async with store.writing() as session:
        await change_person(session, person.id, {"disabled": True}, START)
    assert await has_ended(store, secret)
    async with store.writing() as session:
        await change_person(session, person.id, {"disabled": False}, START)
    assert await has_ended(store, secret)


async def test_a_role_that_changes_counts_from_the_next_request(store: Store):
    """A changed role applies to existing sessions from the next request."""
    secret = await begin(store)
    person = (await find(store, secret)).person
    async with store.writing() as session:
        await change_person(session, person.id, {"role": "contributor"}, START)
    assert (await find(store, secret)).person.role == "contributor"


async def test_ended_sessions_are_dropped_and_living_ones_stay(store: Store):
    """Expired sessions are deleted, by idle time and by lifetime; others stay."""
    bob = await take_in(store, "bob")
    async with store.writing() as session:
        idle, old, living = [await begin_session(session, bob, n, START) for n in "ABC"]
    for hour in (1, 2, 3, 4):
        await use(store, old, START + hour * HOUR)
        if hour == 1:
            await use(store, living, START + HOUR)
    now = START + 2 * HOUR
    async with store.writing() as session:
        await delete_expired_sessions(session, now, CONFIG)
        names = {browser.name for browser in await list_sessions(session, bob.id, now, CONFIG)}
        assert names == {"B", "C"}
        await delete_expired_sessions(session, START + CONFIG.lifetime, CONFIG)
    assert [await has_ended(store, secret, now) for secret in (idle, old, living)] == [True] * 3
