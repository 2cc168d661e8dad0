"""Tests of the second factor, in both databases: which codes are accepted, and how often."""

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

START = datetime(2026, 7, 20, 20, 17, tzinfo=UTC)  # TOTP counts from 1970
STEP = timedelta(seconds=30)


async def enrol(store: Store) -> tuple[Person, pyotp.TOTP, list[str]]:
    """Set up a person's app at `START`; returns the person, the app and the recovery codes."""
    bob = await take_in(store, "bob")
    async with store.writing() as session:
        app = pyotp.TOTP(await begin_factor(session, bob.id))
        codes = await confirm_factor(session, bob.id, app.at(START), START)
        return await find_person(session, bob.id), app, codes


async def verify(store: Store, person: Person, code: str, now: datetime) -> str | None:
    """Verify a code; returns the kind of code, or None if it is wrong."""
    async with store.writing() as session:
        return await verify_second_factor(session, person, code, now)


async def test_a_code_of_the_app_counts_once(store: Store):
    """A TOTP code is accepted once, also with spaces; the one of the setup is not."""
    bob, app, _ = await enrol(store)
    assert bob.second_factor
    assert await verify(store, bob, app.at(START), START) is None
    later = START + STEP
    code = app.at(later)
    assert await verify(store, bob, f"{code[:3]} {code[3:]}", later) == "code"
    assert await verify(store, bob, code, later) is None


async def test_of_many_who_send_one_code_at_once_one_gets_in(store: Store):
    """Of concurrent uses of one code one succeeds."""
    bob, app, _ = await enrol(store)
    later = START + STEP
    results = await asyncio.gather(*(verify(store, bob, app.at(later), later) for _ in range(5)))
    assert sorted(results, key=str) == [None] * 4 + ["code"]


@pytest.mark.parametrize(("drift", "counts"), [(-2, False), (-1, True), (1, True), (2, False)])
async def test_a_clock_may_be_half_a_minute_wrong(store: Store, drift: int, counts: bool):
    """A code of the previous or next 30 seconds is accepted, and no other."""
    bob, app, _ = await enrol(store)
    now = START + 10 * STEP
    assert (await verify(store, bob, app.at(now + drift * STEP), now) == "code") == counts


async def test_a_recovery_code_works_once(store: Store):
    """A recovery code is accepted once, in any case and without hyphens, for its owner only.

    Renewed codes replace the old ones.
    """
    bob, _, codes = await enrol(store)
    assert len(set(codes)) == RECOVERY_CODES
    entered = codes[0].upper().replace("-", "")
    assert await verify(store, bob, entered, START) == "recovery code"
    assert await verify(store, bob, codes[0], START) is None
    eve = await take_in(store, "eve")
    assert await verify(store, eve, codes[1], START) is None
    async with store.writing() as session:
        assert await count_recovery_codes(session, bob.id) == RECOVERY_CODES - 1
        new_codes = await renew_recovery_codes(session, bob.id)
    assert await verify(store, bob, codes[1], START) is None
    assert await verify(store, bob, new_codes[0], START) == "recovery code"


async def test_recovery_codes_are_nowhere_in_the_record(store: Store):
    """Recovery codes are not stored in readable form."""
    _, _, codes = await enrol(store)
    record = await stored_text(store)
    assert not any(code in record or code.replace("-", "") in record for code in codes)


async def test_after_ten_wrong_codes_the_right_one_has_to_wait(store: Store):
    """After ten consecutive wrong codes every code is refused for 15 minutes."""
    bob, app, codes = await enrol(store)
    for _ in range(9):
        assert await verify(store, bob, "000000x", START) is None
    assert await verify(store, bob, codes[0], START) == "recovery code"
    for _ in range(10):
        assert await verify(store, bob, "000000x", START) is None
    for code in (app.at(START + STEP), codes[1]):
        with pytest.raises(TooManyCodes, match="Wait 15 minutes"):
            await verify(store, bob, code, START + STEP / 2)
    later = START + timedelta(minutes=15)
    assert await verify(store, bob, app.at(later), later) == "code"


@pytest.mark.parametrize("code", ["", " ", "123", "\x00", "\uff11" * 6, "é" * 6, "x" * 5000])
async def test_what_is_no_code_is_wrong(store: Store, code: str):
    """A malformed code is refused without an error."""
    bob, _, _ = await enrol(store)
    assert await verify(store, bob, code, START + STEP) is None


async def test_a_secret_counts_only_once_it_was_confirmed(store: Store):
    """A factor counts once a code has confirmed it; a confirmed one cannot be replaced."""
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
    """The app's URI has the newsroom's name and the e-mail address."""
    uri = secret_uri("ABCDEFGH" * 4, "ada@example.org", "The Courier")
    assert uri.startswith("otpauth://totp/The%20Courier:ada%40example.org?secret=ABCDEFGH")


async def test_a_challenge_ends_by_time_and_with_the_access(store: Store):
    """A sign-in challenge ends after five minutes, or when its person is disabled."""
    await take_in(store, "ann", "chief")
    bob = await take_in(store, "bob")
    async with store.writing() as session:
        secret = await begin_challenge(session, bob, "/desk", START)
        assert (await find_challenge(session, secret, START)).person == bob
        for invalid in None, "", "x":
            with pytest.raises(NotSignedIn):
                await find_challenge(session, invalid, START)
        with pytest.raises(NotSignedIn):
            await find_challenge(session, secret, START + LIFETIME)
        await change_person(session, bob.id, {"disabled": True}, START)
        with pytest.raises(NotSignedIn):
            await find_challenge(session, secret, START)
        await change_person(session, bob.id, {"disabled": False}, START)
        await delete_expired_challenges(session, START + LIFETIME)
        with pytest.raises(NotSignedIn):
            await find_challenge(session, secret, START)
