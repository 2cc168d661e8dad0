"""Tests of passkeys and their challenges, in both databases."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import select

from app.access.directory import change_person, list_people
from app.access.passkey_challenges import (
    LIFETIME,
    Purpose,
    holder_of,
    make_challenge,
    use_challenge,
)
from app.access.passkey_errors import PasskeyRefused
from app.access.passkeys import (
    MOST,
    NewCredential,
    Passkey,
    TooManyPasskeys,
    UnknownPasskey,
    VerifiedAssertion,
    add_passkey,
    list_passkeys,
    remove_passkey,
    rename_passkey,
    use_passkey,
)
from app.access.people import Person, find_person
from app.access.second_factor import count_recovery_codes, renew_recovery_codes
from app.access.server_key import CHALLENGES, read_server_key
from app.store.challenges import delete_expired_used_challenges
from app.store.engine import Store
from app.store.tables import UsedChallengeRow
from tests.access.newsroom import take_in
from tests.strategies import START

BROWSER, ANOTHER = holder_of("one"), holder_of("two")
KEY = bytes(32)
NOTHING: Any = None  # a challenge with a wrong MAC is refused without a query


async def register(store: Store, person: Person, name: bytes = b"key", count: int = 0) -> Passkey:
    """Register a passkey of a person."""
    credential = NewCredential(name, b"public", count)
    async with store.writing() as session:
        return await add_passkey(session, person.id, "localhost", "Key", credential, START)


def new_challenge(purpose: Purpose = "sign-in", holder: bytes = BROWSER) -> bytes:
    """Return a challenge, made at `START`."""
    return make_challenge(KEY, purpose, holder, START)


async def is_assertion_accepted(
    store: Store, passkey: Passkey, count: int, challenge: bytes
) -> bool:
    """Whether a verified assertion with this sign count is accepted."""
    async with store.writing() as session:
        assertion = VerifiedAssertion(passkey, challenge, count)
        result = await use_passkey(session, KEY, assertion, "sign-in", BROWSER, START)
        return not isinstance(result, PasskeyRefused)


async def is_challenge_accepted(
    store: Store,
    challenge: bytes,
    purpose: Purpose = "sign-in",
    holder: bytes = BROWSER,
    after: timedelta = timedelta(0),
) -> bool:
    """Whether a challenge is accepted."""
    async with store.writing() as session:
        now = START + after
        return await use_challenge(session, KEY, challenge, purpose, holder, now) is None


async def test_a_challenge_counts_once_for_its_purpose_its_browser_and_five_minutes(store: Store):
    """A challenge is valid once, for its purpose, its browser and five minutes.

    A refused attempt with another purpose or browser does not use it.
    """
    challenge = new_challenge()
    assert not await is_challenge_accepted(store, challenge, "confirmation")
    assert not await is_challenge_accepted(store, challenge, holder=ANOTHER)
    assert not await is_challenge_accepted(store, challenge, after=LIFETIME)
    assert not await is_challenge_accepted(
        store, make_challenge(b"another key", "sign-in", BROWSER, START)
    )
    assert await is_challenge_accepted(store, challenge, after=LIFETIME - timedelta(milliseconds=1))
    assert not await is_challenge_accepted(store, challenge)
    async with store.writing() as session:
        await delete_expired_used_challenges(session, START + LIFETIME - timedelta(milliseconds=1))
    assert not await is_challenge_accepted(store, challenge)


async def test_what_time_has_ended_is_forgotten_and_of_no_use(store: Store):
    """Used challenges are deleted after their lifetime, and stay refused."""
    challenge = new_challenge()
    assert await is_challenge_accepted(store, challenge)
    async with store.writing() as session:
        await delete_expired_used_challenges(session, START + LIFETIME)
        assert not (await session.exec(select(UsedChallengeRow))).all()
    assert not await is_challenge_accepted(store, challenge, after=LIFETIME)


@given(st.binary(max_size=80), st.integers(0, 600))
def test_no_bytes_are_a_challenge_that_were_not_made(noise: bytes, bit: int):
    """Random, truncated and modified bytes are refused as challenges."""
    challenge = bytearray(new_challenge())
    challenge[bit // 8 % len(challenge)] ^= 1 << bit % 8
    for forged in (
        noise,
        bytes(challenge),
        bytes(challenge)[: bit % len(challenge)],
        new_challenge()[:-1],
    ):
        refusal = asyncio.run(use_challenge(NOTHING, KEY, forged, "sign-in", BROWSER, START))
        assert refusal is not None


async def test_a_newsroom_has_one_key(store: Store):
    """A newsroom has one server key, even if several processes create it at once."""
    keys = await asyncio.gather(*(read_server_key(store, CHALLENGES) for _ in range(5)))
    assert {*keys, await read_server_key(store, CHALLENGES)} == {keys[0]}
    assert len(keys[0]) == 32


async def test_of_many_that_show_one_signature_at_once_one_gets_in(store: Store):
    """Of concurrent uses of one assertion one is accepted."""
    passkey = await register(store, await take_in(store, "bob"))
    challenge = new_challenge()
    results = await asyncio.gather(
        *(is_assertion_accepted(store, passkey, 1, challenge) for _ in range(5))
    )
    assert sorted(results) == [False] * 4 + [True]


@pytest.mark.parametrize(
    ("counts", "accepted"),
    [
        ([1, 2, 7], [True, True, True]),
        ([5, 5], [True, False]),
        ([5, 4, 6], [True, False, True]),
        ([0, 0, 0], [True, True, True]),
        ([3, 0], [True, False]),
        ([0, 1, 0], [True, True, False]),
    ],
    ids=str,
)
async def test_a_count_that_does_not_go_up_is_refused(
    store: Store, counts: list[int], accepted: list[bool]
):
    """A sign count must increase, unless it is always zero; a refused one is not stored."""
    passkey = await register(store, await take_in(store, "bob"))
    results = [
        await is_assertion_accepted(store, passkey, count, new_challenge()) for count in counts
    ]
    assert results == accepted


async def test_a_passkey_is_one_persons(store: Store):
    """A credential is registered once, and a person has a limited number of passkeys."""
    bob, eve = await take_in(store, "bob"), await take_in(store, "eve")
    results = await asyncio.gather(
        *(register(store, person) for person in (bob, eve, bob)), return_exceptions=True
    )
    assert sorted(type(result).__name__ for result in results) == [
        "Passkey",
        *["PasskeyRefused"] * 2,
    ]
    ann = await take_in(store, "ann")
    for number in range(MOST):
        await register(store, ann, bytes([number]))
    with pytest.raises(TooManyPasskeys):
        await register(store, ann, b"more")


async def test_who_is_gone_or_has_removed_it_is_refused(store: Store):
    """A passkey of a disabled person, or a removed one, is refused after verification too."""
    await take_in(store, "ann", "chief")
    bob = await take_in(store, "bob")
    passkey = await register(store, bob)
    for disabled, accepted in (True, False), (False, True):
        async with store.writing() as session:
            await change_person(session, bob.id, {"disabled": disabled}, START)
        assert await is_assertion_accepted(store, passkey, 1, new_challenge()) == accepted
    async with store.writing() as session:
        await remove_passkey(session, bob.id, passkey.id)
    assert not await is_assertion_accepted(store, passkey, 2, new_challenge())


@pytest.mark.parametrize("wrong", ["", "x", "\x00", "é", "0" * 16, "0" * 10_000])
async def test_what_is_no_passkey_of_theirs_is_unknown(store: Store, wrong: str):
    """An unknown passkey id, or another person's, raises `UnknownPasskey`."""
    bob, eve = await take_in(store, "bob"), await take_in(store, "eve")
    own = await register(store, bob)
    async with store.writing() as session:
        for person, passkey in (bob, wrong), (eve, own.id):
            with pytest.raises(UnknownPasskey):
                await rename_passkey(session, person.id, passkey, "Mine")
            with pytest.raises(UnknownPasskey):
                await remove_passkey(session, person.id, passkey)
        assert [each.name for each in await list_passkeys(session, bob.id)] == ["Key"]


async def test_recovery_codes_stay_until_the_last_factor_is_gone(store: Store):
    """Recovery codes are kept until the last factor is removed; the directory counts passkeys."""
    bob = await take_in(store, "bob")
    first, second = await register(store, bob), await register(store, bob, b"second")
    async with store.writing() as session:
        await renew_recovery_codes(session, bob.id)
        assert [(p.passkeys, p.second_factor) for p in await list_people(session)] == [(2, True)]
        await remove_passkey(session, bob.id, first.id)
        assert await count_recovery_codes(session, bob.id) == 10
        await remove_passkey(session, bob.id, second.id)
        assert await count_recovery_codes(session, bob.id) == 0
        assert not (await find_person(session, bob.id)).second_factor
