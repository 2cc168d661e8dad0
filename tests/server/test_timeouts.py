"""The timer that all connections share."""

import asyncio

import pytest

from app.server import timeouts as timeouts_module
from app.server.timeouts import ReadTimeouts


class Connection:
    """A connection that records its expired time-outs."""

    def __init__(self, *seconds: float | None):
        self._next_timeouts = list(seconds)
        self.has_expired = asyncio.Queue()

    def expired(self) -> float | None:
        self.has_expired.put_nowait(None)
        return self._next_timeouts.pop(0) if self._next_timeouts else None

    async def wait_expired(self):
        """Wait until the time-out expires."""
        await asyncio.wait_for(self.has_expired.get(), 15)


@pytest.fixture(autouse=True)
def short_interval(monkeypatch: pytest.MonkeyPatch):
    """A timer that checks a hundred times a second."""
    monkeypatch.setattr(timeouts_module, "_INTERVAL", 0.01)


async def test_who_does_not_come_is_overdue_once():
    """A time-out expires once and is then disarmed."""
    timeouts, connection = ReadTimeouts(), Connection()
    timeouts.arm(connection, 0.01)
    await connection.wait_expired()
    assert len(timeouts) == 0
    assert connection.has_expired.empty()


async def test_who_is_given_more_time_is_overdue_again():
    """A time-out is armed again for as long as `expired` returns."""
    timeouts, connection = ReadTimeouts(), Connection(0.01, 0.01)
    timeouts.arm(connection, 0.01)
    for _ in range(3):
        await connection.wait_expired()
    assert len(timeouts) == 0


async def test_who_has_come_is_not_overdue():
    """A disarmed time-out does not expire, and arming again replaces the time."""
    timeouts, disarmed, rearmed, late = ReadTimeouts(), Connection(), Connection(), Connection()
    for connection in (disarmed, rearmed, late):
        timeouts.arm(connection, 0.01)
    timeouts.disarm(disarmed)
    timeouts.disarm(disarmed)
    timeouts.arm(rearmed, 3600)
    await late.wait_expired()
    assert disarmed.has_expired.empty()
    assert rearmed.has_expired.empty()
    assert len(timeouts) == 1


async def test_a_keeper_with_nobody_to_wait_for_rests():
    """10,000 armed time-outs need one timer, and none runs when all are disarmed."""
    loop, timeouts = asyncio.get_running_loop(), ReadTimeouts()
    scheduled = 0
    call_later = loop.call_later

    def count(*args):
        nonlocal scheduled
        scheduled += 1
        return call_later(*args)

    loop.call_later = count
    connections = [Connection() for _ in range(10_000)]
    for connection in connections:
        timeouts.arm(connection, 3600)
    assert scheduled == 1
    for connection in connections:
        timeouts.disarm(connection)
    last = Connection()
    timeouts.arm(last, 0)
    await last.wait_expired()
    await asyncio.sleep(0)
    scheduled_before = scheduled
    await wait_several_intervals(call_later)
    assert scheduled == scheduled_before


async def wait_several_intervals(call_later):
    """Wait for as long as several checks take."""
    elapsed = asyncio.Event()
    call_later(0.1, elapsed.set)
    await elapsed.wait()
