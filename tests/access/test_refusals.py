"""Promises of the audit's lines about refusals, in both databases."""

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
    """A time that a test sets."""

    now = START


async def lines(store: Store) -> list[AuditEntry]:
    """The audit, oldest first."""
    async with store.reading() as session:
        return (await list_audit(session, 10_000))[::-1]


async def test_refusals_of_an_hour_are_one_line_with_their_number(store: Store):
    """Whenever they are written down; of another hour, person or address it is another one."""
    clock, refusal = Clock(), Refusal("refuseSignIn", "203.0.113.0/24", thing="1")
    log = RefusalLog(store, lambda: clock.now)
    for part in range(3):
        for _ in range(100):
            log.count(refusal)
        await log.flush()
        (line,) = await lines(store)
        assert line.detail["times"] == 100 * (part + 1)
        assert (line.detail["from"], line.thing) == ("203.0.113.0/24", "1")
    log.count(replace(refusal, thing="2"))
    log.count(replace(refusal, address="198.51.100.0/24"))
    clock.now += timedelta(hours=1)
    log.count(refusal)
    await log.flush()
    assert [line.detail["times"] for line in await lines(store)] == [300, 1, 1, 1]
    assert (await lines(store))[-1].at == clock.now


async def test_an_attack_from_everywhere_has_an_end(store: Store):
    """Kind: a log that an attacker fills. Lines of an hour are bounded, and none is uncounted."""
    log = RefusalLog(store, lambda: START, most=5)
    for number in range(500):
        log.count(Refusal("refuseSignIn", f"10.0.{number}.0/24", thing=str(number)))
        log.count(
            Refusal("refuseAction", f"10.0.{number}.0/24", Caller(f"key:{number}", "K", None))
        )
        if number % 50 == 0:
            await log.flush()
    await log.flush()
    found = await lines(store)
    assert len(found) <= 5 + 5 + 2
    for action in "refuseSignIn", "refuseAction":
        assert sum(li.detail["times"] for li in found if li.action == action) == 500
    assert {li.caller for li in found if li.detail["from"] == OTHERS} == {"nobody"}


async def test_strangers_leave_no_line_less_to_callers(store: Store):
    """What somebody of the newsroom may not do is told in full while strangers knock."""
    log = RefusalLog(store, lambda: START, most=5)
    for number in range(50):
        log.count(Refusal("refuseSignIn", f"10.0.{number}.0/24"))
    log.count(Refusal("refuseAction", "203.0.113.0/24", ANN, asked="createKey"))
    await log.flush()
    (told,) = [line for line in await lines(store) if line.caller == ANN.id]
    assert told.detail == {"from": "203.0.113.0/24", "asked": "createKey", "times": 1}


async def test_what_cannot_be_written_down_is_later(empty_database: str):
    """A database that is away takes nothing from the count, and stops nobody."""
    store = Store(empty_database)
    log = RefusalLog(store, lambda: START)
    log.count(Refusal("refuseKey", "203.0.113.0/24"))
    await log.flush()  # there are no tables yet
    await store.migrate()
    log.count(Refusal("refuseKey", "203.0.113.0/24"))
    await log.flush()
    assert [line.detail["times"] for line in await lines(store)] == [2]
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
    """Never whole."""
    assert network_of(address) == network


@given(st.ip_addresses())
def test_no_address_is_kept_whole(address: object):
    """What is kept is the same for all of the network."""
    text = network_of(str(address))
    assert "/" in text
    assert network_of(text.partition("/")[0]) == text


async def test_the_hour_is_that_of_the_clock(store: Store):
    """A clock that goes back, as a replay's does, begins another hour."""
    clock = Clock()
    log = RefusalLog(store, lambda: clock.now)
    times: list[datetime] = [START, START - timedelta(days=1), START]
    for clock.now in times:
        log.count(Refusal("refuseKey", "203.0.113.0/24"))
        await log.flush()
    assert [line.detail["times"] for line in await lines(store)] == [1, 1, 1]
