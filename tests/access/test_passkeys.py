"""Promises of passkeys and their challenges, in both databases."""

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
from app.access.passkeys import (
    MOST,
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
from app.access.server_key import read_server_key
from app.access.webauthn import NewCredential, PasskeyRefused
from app.store.challenges import delete_expired_used_challenges
from app.store.engine import Store
from app.store.tables import UsedChallengeRow
from tests.access.newsroom import take_in
from tests.strategies import START

BROWSER, ANOTHER = holder_of("one"), holder_of("two")
KEY = bytes(32)
NOTHING: Any = None  # what is refused by its MAC asks no database


async def added(store: Store, person: Person, name: bytes = b"key", count: int = 0) -> Passkey:
    """A passkey of somebody's."""
    new = NewCredential(name, b"public", count)
    async with store.writing() as session:
        return await add_passkey(session, person.id, "localhost", "Key", new, START)


def begun(purpose: Purpose = "sign-in", holder: bytes = BROWSER) -> bytes:
    """A challenge."""
    return make_challenge(KEY, purpose, holder, START)


async def shown(store: Store, passkey: Passkey, count: int, challenge: bytes) -> bool:
    """Whether a signature that was verified is accepted."""
    async with store.writing() as session:
        proof = VerifiedAssertion(passkey, challenge, count)
        found = await use_passkey(session, KEY, proof, "sign-in", BROWSER, START)
        return not isinstance(found, PasskeyRefused)


async def used(
    store: Store,
    challenge: bytes,
    purpose: Purpose = "sign-in",
    holder: bytes = BROWSER,
    after: timedelta = timedelta(0),
) -> bool:
    """Whether a challenge is good."""
    async with store.writing() as session:
        now = START + after
        return await use_challenge(session, KEY, challenge, purpose, holder, now) is None


async def test_a_challenge_counts_once_for_its_purpose_its_browser_and_five_minutes(store: Store):
    """What is refused to another leaves it good for whom it was made."""
    challenge = begun()
    assert not await used(store, challenge, "confirmation")
    assert not await used(store, challenge, holder=ANOTHER)
    assert not await used(store, challenge, after=LIFETIME)
    assert not await used(store, make_challenge(b"another key", "sign-in", BROWSER, START))
    assert await used(store, challenge, after=LIFETIME - timedelta(milliseconds=1))
    assert not await used(store, challenge)
    async with store.writing() as session:
        await delete_expired_used_challenges(session, START + LIFETIME - timedelta(milliseconds=1))
    assert not await used(store, challenge)


async def test_what_time_has_ended_is_forgotten_and_of_no_use(store: Store):
    """The record of what was used does not grow."""
    challenge = begun()
    assert await used(store, challenge)
    async with store.writing() as session:
        await delete_expired_used_challenges(session, START + LIFETIME)
        assert not (await session.exec(select(UsedChallengeRow))).all()
    assert not await used(store, challenge, after=LIFETIME)


@given(st.binary(max_size=80), st.integers(0, 600))
def test_no_bytes_are_a_challenge_that_were_not_made(noise: bytes, at: int):
    """Kind: foreign bytes. Cut, made up or with one bit turned over, they are refused."""
    challenge = bytearray(begun())
    challenge[at // 8 % len(challenge)] ^= 1 << at % 8
    for false in noise, bytes(challenge), bytes(challenge)[: at % len(challenge)], begun()[:-1]:
        refusal = asyncio.run(use_challenge(NOTHING, KEY, false, "sign-in", BROWSER, START))
        assert refusal is not None


async def test_a_newsroom_has_one_key(store: Store):
    """Also where several processes start at once; it stays."""
    keys = await asyncio.gather(*(read_server_key(store) for _ in range(5)))
    assert {*keys, await read_server_key(store)} == {keys[0]}
    assert len(keys[0]) == 32


async def test_of_many_that_show_one_signature_at_once_one_gets_in(store: Store):
    """Whoever read it on its way cannot use it in the same moment."""
    passkey = await added(store, await take_in(store, "bob"))
    challenge = begun()
    found = await asyncio.gather(*(shown(store, passkey, 1, challenge) for _ in range(5)))
    assert sorted(found) == [False] * 4 + [True]


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
    """Unless the device never counts; what was refused does not change what is kept."""
    passkey = await added(store, await take_in(store, "bob"))
    found = [await shown(store, passkey, count, begun()) for count in counts]
    assert found == accepted


async def test_a_passkey_is_one_persons(store: Store):
    """Nobody registers it a second time, nor in the same moment; many are too many."""
    bob, eve = await take_in(store, "bob"), await take_in(store, "eve")
    found = await asyncio.gather(
        *(added(store, person) for person in (bob, eve, bob)), return_exceptions=True
    )
    assert sorted(type(each).__name__ for each in found) == ["Passkey", *["PasskeyRefused"] * 2]
    ann = await take_in(store, "ann")
    for number in range(MOST):
        await added(store, ann, bytes([number]))
    with pytest.raises(TooManyPasskeys):
        await added(store, ann, b"more")


async def test_who_is_gone_or_has_removed_it_is_refused(store: Store):
    """Also where the signature was verified before."""
    await take_in(store, "ann", "chief")
    bob = await take_in(store, "bob")
    passkey = await added(store, bob)
    for disabled, accepted in (True, False), (False, True):
        async with store.writing() as session:
            await change_person(session, bob.id, {"disabled": disabled}, START)
        assert await shown(store, passkey, 1, begun()) == accepted
    async with store.writing() as session:
        await remove_passkey(session, bob.id, passkey.id)
    assert not await shown(store, passkey, 2, begun())


@pytest.mark.parametrize("wrong", ["", "x", "\x00", "é", "0" * 16, "0" * 10_000])
async def test_what_is_no_passkey_of_theirs_is_unknown(store: Store, wrong: str):
    """Of whatever shape, and another person's too."""
    bob, eve = await take_in(store, "bob"), await take_in(store, "eve")
    own = await added(store, bob)
    async with store.writing() as session:
        for person, passkey in (bob, wrong), (eve, own.id):
            with pytest.raises(UnknownPasskey):
                await rename_passkey(session, person.id, passkey, "Mine")
            with pytest.raises(UnknownPasskey):
                await remove_passkey(session, person.id, passkey)
        assert [each.name for each in await list_passkeys(session, bob.id)] == ["Key"]


async def test_recovery_codes_stay_until_the_last_factor_is_gone(store: Store):
    """And the roster counts passkeys."""
    bob = await take_in(store, "bob")
    first, second = await added(store, bob), await added(store, bob, b"second")
    async with store.writing() as session:
        await renew_recovery_codes(session, bob.id)
        assert [(p.passkeys, p.second_factor) for p in await list_people(session)] == [(2, True)]
        await remove_passkey(session, bob.id, first.id)
        assert await count_recovery_codes(session, bob.id) == 10
        await remove_passkey(session, bob.id, second.id)
        assert await count_recovery_codes(session, bob.id) == 0
        assert not (await find_person(session, bob.id)).second_factor
