"""Tests of API keys, in both databases."""

import re
import zlib
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.access.keys import Key, UnknownKey, create_key, find_caller, list_keys
from app.access.revocation import revoke_key
from app.access.roles import ROLES, Caller, NotSignedIn, Role
from app.store.engine import Store
from tests.record import stored_text
from tests.strategies import START

_SECRET_FORMAT = re.compile(r"dateline_[0-9a-f]{8}_[0-9a-f]{40}[0-9a-f]{8}")


async def create(store: Store, name: str = "Ann", role: Role = "editor") -> tuple[Key, str]:
    """Create a key; returns it and its secret."""
    async with store.writing() as session:
        return await create_key(session, name, role, START, made_by="operator")


async def caller_of(store: Store, secret: str) -> Caller:
    """Return the caller of a secret."""
    async with store.reading() as session:
        return await find_caller(session, secret)


@pytest.mark.parametrize("role", ROLES)
async def test_who_holds_a_key_has_its_role(store: Store, role: Role):
    """A key's caller has its role and name, and an id that stays the same."""
    key, secret = await create(store, "Desk tool", role)
    assert await caller_of(store, secret) == Caller(f"key:{key.id}", "Desk tool", role)
    assert await caller_of(store, secret) == await caller_of(store, secret)


async def test_a_key_is_told_by_its_form_and_no_two_are_alike(store: Store):
    """Secrets have a recognizable format, for leak scanners, and are unique."""
    secrets = [(await create(store))[1] for _ in range(20)]
    assert all(_SECRET_FORMAT.fullmatch(secret) for secret in secrets)
    assert len(set(secrets)) == 20


async def test_the_secret_is_nowhere_in_the_record(store: Store):
    """The secret of a key is not stored."""
    key, secret = await create(store)
    record = await stored_text(store)
    assert key.id in record
    assert secret not in record
    assert secret.split("_")[2][:40] not in record


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(st.integers(0, 64), st.sampled_from("0123456789abcdefg_ \n\x00é"))
async def test_a_key_with_one_letter_changed_is_none(store: Store, index: int, letter: str):
    """A secret with one character changed is refused."""
    _, secret = await create(store)
    forged = secret[:index] + letter + secret[index + 1 :]
    if forged == secret:
        return
    with pytest.raises(NotSignedIn):
        await caller_of(store, forged)


@pytest.mark.parametrize(
    "text",
    ["", " ", "x", "dateline_", "Bearer x", "dateline_00000000_" + "0" * 48, "\x00", "é" * 9],
)
async def test_what_is_no_key_is_refused(store: Store, text: str):
    """A malformed key is refused, without a database error."""
    with pytest.raises(NotSignedIn):
        await caller_of(store, text)


async def test_the_secret_of_one_key_does_not_open_another(store: Store):
    """A secret does not authenticate as another key, even with the right checksum."""
    first, secret = await create(store)
    second, _ = await create(store)
    text = secret[:-8].replace(first.id, second.id)
    with pytest.raises(NotSignedIn):
        await caller_of(store, text + f"{zlib.crc32(text.encode()):08x}")


async def test_a_revoked_key_is_none_at_once(store: Store):
    """A revoked key is refused at once; revoking it again keeps the time, and others stay."""
    key, secret = await create(store)
    _, other = await create(store)
    later = START + timedelta(hours=1)
    async with store.writing() as session:
        assert (await revoke_key(session, key.id, later)).revoked_at == later
    with pytest.raises(NotSignedIn):
        await caller_of(store, secret)
    async with store.writing() as session:
        repeated = await revoke_key(session, key.id, later + timedelta(hours=1))
    assert repeated.revoked_at == later
    assert (await caller_of(store, other)).role == "editor"


@pytest.mark.parametrize("key_id", ["00000000", "", "x", "\x00", "a" * 500])
async def test_a_key_that_is_not_there_cannot_be_revoked(store: Store, key_id: str):
    """Revoking an unknown key raises `UnknownKey`, whatever its form."""
    async with store.writing() as session:
        with pytest.raises(UnknownKey):
            await revoke_key(session, key_id, START)


async def test_keys_are_listed_oldest_first_revoked_ones_too(store: Store):
    """Keys are listed oldest first, including revoked ones."""
    first, _ = await create(store, "First")
    async with store.writing() as session:
        second, _ = await create_key(
            session, "Second", "chief", START + timedelta(seconds=1), made_by="operator"
        )
        await revoke_key(session, first.id, START)
    async with store.reading() as session:
        listed = await list_keys(session)
    assert [key.name for key in listed] == ["First", "Second"]
    assert listed[0].revoked_at == START
    assert listed[1] == second
