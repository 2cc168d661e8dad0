"""Promises of device cookies, in both databases."""

from datetime import timedelta

import pytest

from app.access.acceptance import replace_password
from app.access.devices import (
    LIFETIME,
    MOST,
    delete_expired_devices,
    device_digest,
    find_device,
    renew_device,
)
from app.access.revocation import disable_person, reset_factor
from app.access.second_factor import TooManyCodes, verify_second_factor
from app.access.sessions import (
    begin_session,
    end_listed_session,
    end_session,
    end_sessions,
    find_session,
    list_sessions,
)
from app.store.engine import Store
from tests.access.newsroom import take_in
from tests.access.test_sessions import CONFIG
from tests.record import stored_text
from tests.strategies import START

A_MOMENT = timedelta(milliseconds=1)


async def known(store: Store, secret: str, person_id: str, days: float = 0) -> bool:
    """Whether a browser is known as somebody's."""
    async with store.reading() as session:
        now = START + timedelta(days=days)
        return await find_device(session, secret, person_id, now) is not None


async def renewed(store: Store, secret: str | None, person_id: str, minutes: int = 0) -> str:
    """Somebody signs in with a browser."""
    async with store.writing() as session:
        now = START + timedelta(minutes=minutes)
        return await renew_device(session, secret, person_id, now)


async def test_a_browser_is_known_for_half_a_year_and_as_one_persons(store: Store):
    """Whatever somebody else, or another cookie, says; its secret is not stored."""
    bob, eve = await take_in(store, "bob"), await take_in(store, "eve")
    secret = await renewed(store, None, bob.id)
    assert await known(store, secret, bob.id)
    assert not await known(store, secret, eve.id)
    for other in ("", "x", secret[:-1], "é\x00"):
        assert not await known(store, other, bob.id)
    before = (LIFETIME - A_MOMENT) / timedelta(days=1)
    assert await known(store, secret, bob.id, before)
    assert not await known(store, secret, bob.id, LIFETIME / timedelta(days=1))
    async with store.writing() as session:
        await delete_expired_devices(session, START + LIFETIME)
    assert not await known(store, secret, bob.id)
    assert secret not in await stored_text(store)


async def test_each_sign_in_makes_a_new_secret(store: Store):
    """The one before is worth nothing; two people who share a browser are both known."""
    bob, eve = await take_in(store, "bob"), await take_in(store, "eve")
    first = await renewed(store, None, bob.id)
    second = await renewed(store, first, eve.id, 1)
    third = await renewed(store, second, bob.id, 2)
    for person in bob, eve:
        assert await known(store, third, person.id)
        assert not await known(store, first, person.id)
        assert not await known(store, second, person.id)


async def test_a_persons_browsers_are_bounded(store: Store):
    """Beyond twenty the one that was used longest ago is forgotten; nobody else's is."""
    bob, eve = await take_in(store, "bob"), await take_in(store, "eve")
    hers = await renewed(store, None, eve.id)
    his = [await renewed(store, None, bob.id, minute) for minute in range(MOST + 2)]
    assert [await known(store, secret, bob.id) for secret in his] == [False] * 2 + [True] * MOST
    assert await known(store, hers, eve.id)


@pytest.mark.parametrize("how", ["password", "factor", "access", "everywhere"])
async def test_what_signs_somebody_out_everywhere_ends_their_browsers(store: Store, how: str):
    """A new password, a reset, lost access: no browser is known any more, in whoever's hands."""
    bob = await take_in(store, "bob")
    secret = await renewed(store, None, bob.id)
    async with store.writing() as session:
        if how == "password":
            await replace_password(session, bob.id, "hash", START)
        elif how == "factor":
            await reset_factor(session, bob.id)
        elif how == "access":
            await disable_person(session, bob.id, START)
        else:
            await end_sessions(session, bob.id)
    assert not await known(store, secret, bob.id)


async def test_signing_out_elsewhere_spares_the_own_browser_alone(store: Store):
    """One that is signed out from afar is no longer known; one that signs out itself is."""
    bob = await take_in(store, "bob")
    devices = [await renewed(store, None, bob.id, minute) for minute in range(3)]
    async with store.writing() as session:
        secrets = [await begin_session(session, bob, d, START, device=d) for d in devices]
    async with store.writing() as session:
        await end_session(session, secrets[0])
    assert [await known(store, d, bob.id) for d in devices] == [True, True, True]
    async with store.writing() as session:
        (lost,) = [
            s for s in await list_sessions(session, bob.id, START, CONFIG) if s.name == devices[1]
        ]
        await end_listed_session(session, bob.id, lost.id)
    assert [await known(store, d, bob.id) for d in devices] == [True, False, True]
    async with store.writing() as session:
        own = await find_session(session, secrets[2], START, CONFIG)
        await end_sessions(session, bob.id, spare=own.digest)
    assert [await known(store, d, bob.id) for d in devices] == [False, False, True]


async def test_wrong_codes_of_a_stranger_do_not_stop_a_known_browser(store: Store):
    """Kind: lock-out of the right person. Who has the password alone uses up strangers' tries."""
    bob = await take_in(store, "bob")
    device = device_digest(await renewed(store, None, bob.id))

    async def code(by: bytes | None) -> None:
        async with store.writing() as session:
            await verify_second_factor(session, bob, "000000", START, by)

    for _ in range(10):
        await code(None)
    with pytest.raises(TooManyCodes):
        await code(None)
    for _ in range(10):
        await code(device)
    with pytest.raises(TooManyCodes):
        await code(device)
