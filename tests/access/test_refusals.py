"""Tests of the audit's entries about refusals, in both databases."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.access.audit import AuditEntry, list_audit
from app.access.refusals import OTHERS, Refusal, RefusalLog, network_of
from app.access.roles import Caller
from app.store.engine import Store
from tests.strategies import START

ANN = Caller("person:1", "Ann", "editor")


class Clock:
    """A clock that a test sets."""

    now = START


async def audit_entries(store: Store) -> list[AuditEntry]:
    """Return the audit entries, oldest first."""
    async with store.reading() as session:
        return (await list_audit(session, 10_000))[::-1]


async def test_refusals_of_an_hour_are_one_line_with_their_number(store: Store):
    """Equal refusals of an hour are one audit entry with a count, across flushes.

    Another thing, network or hour begins a new entry.
    """
    clock, refusal = Clock(), Refusal("refuseSignIn", "203.0.113.0/24", thing="1")
    log = RefusalLog(store, lambda: clock.now)
    for part in range(3):
        for _ in range(100):
            log.count(refusal)
        await log.flush()
        (entry,) = await audit_entries(store)
        assert entry.detail["times"] == 100 * (part + 1)
        assert (entry.detail["from"], entry.thing) == ("203.0.113.0/24", "1")
    log.count(replace(refusal, thing="2"))
    log.count(replace(refusal, address="198.51.100.0/24"))
    clock.now += timedelta(hours=1)
    log.count(refusal)
    await log.flush()
    assert [entry.detail["times"] for entry in await audit_entries(store)] == [300, 1, 1, 1]
    assert (await audit_entries(store))[-1].at == clock.now


async def test_an_attack_from_everywhere_has_an_end(store: Store):
    """The entries per action and hour are limited; refusals beyond are counted together."""
    log = RefusalLog(store, lambda: START, most=5)
    for number in range(500):
        log.count(Refusal("refuseSignIn", f"10.0.{number}.0/24", thing=str(number)))
        log.count(
            Refusal("refuseAction", f"10.0.{number}.0/24", Caller(f"key:{number}", "K", None))
        )
        if number % 50 == 0:
            await log.flush()
    await log.flush()
    entries = await audit_entries(store)
    assert len(entries) <= 5 + 5 + 2
    for action in "refuseSignIn", "refuseAction":
        assert sum(entry.detail["times"] for entry in entries if entry.action == action) == 500
    assert {entry.caller for entry in entries if entry.detail["from"] == OTHERS} == {"nobody"}


async def test_strangers_leave_no_line_less_to_callers(store: Store):
    """Refusals of anonymous requests do not use up the limit of signed-in callers."""
    log = RefusalLog(store, lambda: START, most=5)
    for number in range(50):
        log.count(Refusal("refuseSignIn", f"10.0.{number}.0/24"))
    log.count(Refusal("refuseAction", "203.0.113.0/24", ANN, operation="createKey"))
    await log.flush()
    (refusal,) = [entry for entry in await audit_entries(store) if entry.caller == ANN.id]
    assert refusal.detail == {"from": "203.0.113.0/24", "asked": "createKey", "times": 1}


async def test_what_cannot_be_written_down_is_later(empty_database: str):
    """A failed flush keeps the counts for the next one."""
    store = Store(empty_database)
    log = RefusalLog(store, lambda: START)
    log.count(Refusal("refuseKey", "203.0.113.0/24"))
    await log.flush()  # there are no tables yet
    await store.migrate()
    log.count(Refusal("refuseKey", "203.0.113.0/24"))
    await log.flush()
    assert [entry.detail["times"] for entry in await audit_entries(store)] == [2]
    await store.close()


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.77", "203.0.113.0/24"),
        ("::ffff:203.0.113.77", "203.0.113.0/24"),
        ("2001:db8:1:2:3::4", "2001:db8:1::/48"),
        ("fe80::1%eth0", "fe80::/48"),
        (None, "an unknown address"),
        ("unix:", "an unknown address"),
    ],
)
def test_an_address_is_told_as_its_network(address: str | None, network: str):
    """An address is recorded as its network only."""
    assert network_of(address) == network


@given(st.ip_addresses())
def test_no_address_is_kept_whole(address: object):
    """A recorded network is the same for each of its addresses, and never a single address."""
    text = network_of(str(address))
    assert "/" in text
    assert network_of(text.partition("/")[0]) == text


async def test_the_hour_is_that_of_the_clock(store: Store):
    """The hour is that of the clock; a clock that goes back begins a new entry."""
    clock = Clock()
    log = RefusalLog(store, lambda: clock.now)
    times: list[datetime] = [START, START - timedelta(days=1), START]
    for clock.now in times:
        log.count(Refusal("refuseKey", "203.0.113.0/24"))
        await log.flush()
    assert [entry.detail["times"] for entry in await audit_entries(store)] == [1, 1, 1]
