"""Tests of device cookies, in both databases."""

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


async def is_known(store: Store, secret: str, person_id: str, days: float = 0) -> bool:
    """Whether a device secret is known as a person's after so many days."""
    async with store.reading() as session:
        now = START + timedelta(days=days)
        return await find_device(session, secret, person_id, now) is not None


async def renew(store: Store, secret: str | None, person_id: str, minutes: int = 0) -> str:
    """Sign a person in with a device's secret, or without one; returns the new secret."""
    async with store.writing() as session:
        now = START + timedelta(minutes=minutes)
        return await renew_device(session, secret, person_id, now)


async def test_a_browser_is_known_for_half_a_year_and_as_one_persons(store: Store):
    """A device is known for half a year, for its person only.

    Its secret is not stored, and expired devices are deleted.
    """
    bob, eve = await take_in(store, "bob"), await take_in(store, "eve")
    secret = await renew(store, None, bob.id)
    assert await is_known(store, secret, bob.id)
    assert not await is_known(store, secret, eve.id)
    for other in ("", "x", secret[:-1], "é\x00"):
        assert not await is_known(store, other, bob.id)
    before = (LIFETIME - A_MOMENT) / timedelta(days=1)
    assert await is_known(store, secret, bob.id, before)
    assert not await is_known(store, secret, bob.id, LIFETIME / timedelta(days=1))
    async with store.writing() as session:
        await delete_expired_devices(session, START + LIFETIME)
    assert not await is_known(store, secret, bob.id)
    assert secret not in await stored_text(store)


async def test_each_sign_in_makes_a_new_secret(store: Store):
    """Each sign-in replaces the device's secret, for all people who use the device."""
    bob, eve = await take_in(store, "bob"), await take_in(store, "eve")
    first = await renew(store, None, bob.id)
    second = await renew(store, first, eve.id, 1)
    third = await renew(store, second, bob.id, 2)
    for person in bob, eve:
        assert await is_known(store, third, person.id)
        assert not await is_known(store, first, person.id)
        assert not await is_known(store, second, person.id)


async def test_a_persons_browsers_are_bounded(store: Store):
    """A person has a limited number of devices; beyond it the least recently used is deleted."""
    bob, eve = await take_in(store, "bob"), await take_in(store, "eve")
    hers = await renew(store, None, eve.id)
    his = [await renew(store, None, bob.id, minute) for minute in range(MOST + 2)]
    assert [await is_known(store, secret, bob.id) for secret in his] == [False] * 2 + [True] * MOST
    assert await is_known(store, hers, eve.id)


@pytest.mark.parametrize("how", ["password", "factor", "access", "everywhere"])
async def test_what_signs_somebody_out_everywhere_ends_their_browsers(store: Store, how: str):
    """A new password, a reset factor, lost access and a full sign-out delete all devices."""
    bob = await take_in(store, "bob")
    secret = await renew(store, None, bob.id)
    async with store.writing() as session:
        if how == "password":
            await replace_password(session, bob.id, "hash", START)
        elif how == "factor":
            await reset_factor(session, bob.id)
        elif how == "access":
            await disable_person(session, bob.id, START)
        else:
            await end_sessions(session, bob.id)
    assert not await is_known(store, secret, bob.id)


async def test_signing_out_elsewhere_spares_the_own_browser_alone(store: Store):
    """A device is forgotten when its session is ended remotely, but not by its own sign-out."""
    bob = await take_in(store, "bob")
    devices = [await renew(store, None, bob.id, minute) for minute in range(3)]
    async with store.writing() as session:
        secrets = [await begin_session(session, bob, d, START, device=d) for d in devices]
    async with store.writing() as session:
        await end_session(session, secrets[0])
    assert [await is_known(store, d, bob.id) for d in devices] == [True, True, True]
    async with store.writing() as session:
        (lost,) = [
            s for s in await list_sessions(session, bob.id, START, CONFIG) if s.name == devices[1]
        ]
        await end_listed_session(session, bob.id, lost.id)
    assert [await is_known(store, d, bob.id) for d in devices] == [True, False, True]
    async with store.writing() as session:
        own = await find_session(session, secrets[2], START, CONFIG)
        await end_sessions(session, bob.id, spare=own.digest)
    assert [await is_known(store, d, bob.id) for d in devices] == [False, False, True]


async def test_wrong_codes_of_a_stranger_do_not_stop_a_known_browser(store: Store):
    """Wrong codes from unknown devices do not use up the attempts of a known device."""
    bob = await take_in(store, "bob")
    device = device_digest(await renew(store, None, bob.id))

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
