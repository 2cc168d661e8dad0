"""Promises of the second factor, in both databases: which codes count, and how often."""

import asyncio
from datetime import UTC, datetime, timedelta

import pyotp
import pytest

from app.access.challenges import LIFETIME, begin_challenge, find_challenge
from app.access.directory import change_person
from app.access.people import Person, find_person
from app.access.roles import NotSignedIn
from app.access.second_factor import (
    RECOVERY_CODES,
    FactorExists,
    TooManyCodes,
    begin_factor,
    confirm_factor,
    count_recovery_codes,
    remove_factor,
    renew_recovery_codes,
    secret_uri,
    verify_second_factor,
)
from app.store.challenges import delete_expired_challenges
from app.store.engine import Store
from tests.access.newsroom import take_in
from tests.record import stored_text

START = datetime(2026, 7, 20, 20, 17, tzinfo=UTC)  # codes are of times since 1970
STEP = timedelta(seconds=30)


async def enrolled(store: Store) -> tuple[Person, pyotp.TOTP, list[str]]:
    """Somebody with an app that counts since START, the app, and their recovery codes."""
    bob = await take_in(store, "bob")
    async with store.writing() as session:
        app = pyotp.TOTP(await begin_factor(session, bob.id))
        codes = await confirm_factor(session, bob.id, app.at(START), START)
        return await find_person(session, bob.id), app, codes


async def taken(store: Store, person: Person, code: str, now: datetime) -> str | None:
    """What a code is taken for."""
    async with store.writing() as session:
        return await verify_second_factor(session, person, code, now)


async def test_a_code_of_the_app_counts_once(store: Store):
    """Nor does the one by which it was set up; the next one does, with blanks in it too."""
    bob, app, _ = await enrolled(store)
    assert bob.second_factor
    assert await taken(store, bob, app.at(START), START) is None
    then = START + STEP
    code = app.at(then)
    assert await taken(store, bob, f"{code[:3]} {code[3:]}", then) == "code"
    assert await taken(store, bob, code, then) is None


async def test_of_many_who_send_one_code_at_once_one_gets_in(store: Store):
    """Whoever read it over somebody's shoulder cannot use it in the same moment."""
    bob, app, _ = await enrolled(store)
    then = START + STEP
    found = await asyncio.gather(*(taken(store, bob, app.at(then), then) for _ in range(5)))
    assert sorted(found, key=str) == [None] * 4 + ["code"]


@pytest.mark.parametrize(("drift", "counts"), [(-2, False), (-1, True), (1, True), (2, False)])
async def test_a_clock_may_be_half_a_minute_wrong(store: Store, drift: int, counts: bool):
    """And no more, in either direction."""
    bob, app, _ = await enrolled(store)
    now = START + 10 * STEP
    assert (await taken(store, bob, app.at(now + drift * STEP), now) == "code") == counts


async def test_a_recovery_code_works_once(store: Store):
    """In capitals and without its hyphens as well; another person's is none."""
    bob, _, codes = await enrolled(store)
    assert len(set(codes)) == RECOVERY_CODES
    typed = codes[0].upper().replace("-", "")
    assert await taken(store, bob, typed, START) == "recovery code"
    assert await taken(store, bob, codes[0], START) is None
    eve = await take_in(store, "eve")
    assert await taken(store, eve, codes[1], START) is None
    async with store.writing() as session:
        assert await count_recovery_codes(session, bob.id) == RECOVERY_CODES - 1
        new = await renew_recovery_codes(session, bob.id)
    assert await taken(store, bob, codes[1], START) is None
    assert await taken(store, bob, new[0], START) == "recovery code"


async def test_recovery_codes_are_nowhere_in_the_record(store: Store):
    """Whoever reads the database has none of them."""
    _, _, codes = await enrolled(store)
    kept = await stored_text(store)
    assert not any(code in kept or code.replace("-", "") in kept for code in codes)


async def test_after_ten_wrong_codes_the_right_one_has_to_wait(store: Store):
    """A quarter of an hour; a right one in between begins the count anew."""
    bob, app, codes = await enrolled(store)
    for _ in range(9):
        assert await taken(store, bob, "000000x", START) is None
    assert await taken(store, bob, codes[0], START) == "recovery code"
    for _ in range(10):
        assert await taken(store, bob, "000000x", START) is None
    for code in (app.at(START + STEP), codes[1]):
        with pytest.raises(TooManyCodes, match="Wait 15 minutes"):
            await taken(store, bob, code, START + STEP / 2)
    later = START + timedelta(minutes=15)
    assert await taken(store, bob, app.at(later), later) == "code"


@pytest.mark.parametrize("code", ["", " ", "123", "\x00", "\uff11" * 6, "é" * 6, "x" * 5000])
async def test_what_is_no_code_is_wrong(store: Store, code: str):
    """Of whatever shape, without a fault."""
    bob, _, _ = await enrolled(store)
    assert await taken(store, bob, code, START + STEP) is None


async def test_a_secret_counts_only_once_it_was_confirmed(store: Store):
    """A wrong code confirms nothing, and who has one sets up no other over it."""
    bob = await take_in(store, "bob")
    async with store.writing() as session:
        await begin_factor(session, bob.id)
        app = pyotp.TOTP(await begin_factor(session, bob.id))
        with pytest.raises(NotSignedIn):
            await confirm_factor(session, bob.id, "000000x", START)
        assert not (await find_person(session, bob.id)).second_factor
        await confirm_factor(session, bob.id, app.at(START), START)
        with pytest.raises(FactorExists):
            await begin_factor(session, bob.id)
        await remove_factor(session, bob.id)
        session.expire_all()
        assert not (await find_person(session, bob.id)).second_factor
        assert await count_recovery_codes(session, bob.id) == 0
        await begin_factor(session, bob.id)


def test_the_app_is_told_whose_key_it_is():
    """The newsroom's name and the address, which the app shows."""
    uri = secret_uri("ABCDEFGH" * 4, "ada@example.org", "The Courier")
    assert uri.startswith("otpauth://totp/The%20Courier:ada%40example.org?secret=ABCDEFGH")


async def test_a_challenge_ends_by_time_and_with_the_access(store: Store):
    """After five minutes, or when its person may not sign in any more."""
    await take_in(store, "ann", "chief")
    bob = await take_in(store, "bob")
    async with store.writing() as session:
        secret = await begin_challenge(session, bob, "/desk", START)
        assert (await find_challenge(session, secret, START)).person == bob
        for wrong in None, "", "x":
            with pytest.raises(NotSignedIn):
                await find_challenge(session, wrong, START)
        with pytest.raises(NotSignedIn):
            await find_challenge(session, secret, START + LIFETIME)
        await change_person(session, bob.id, {"disabled": True}, START)
        with pytest.raises(NotSignedIn):
            await find_challenge(session, secret, START)
        await change_person(session, bob.id, {"disabled": False}, START)
        await delete_expired_challenges(session, START + LIFETIME)
        with pytest.raises(NotSignedIn):
            await find_challenge(session, secret, START)
