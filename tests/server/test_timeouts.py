"""Promises of the one timer that waits for all."""

import asyncio

import pytest

from app.server import timeouts as doorkeepers
from app.server.timeouts import ReadTimeouts


class Guest:
    """Somebody who is expected."""

    def __init__(self, *patience: float | None):
        self._patience = list(patience)
        self.has_expired = asyncio.Queue()

    def expired(self) -> float | None:
        self.has_expired.put_nowait(None)
        return self._patience.pop(0) if self._patience else None

    async def is_late(self):
        """Wait until nothing came in time."""
        await asyncio.wait_for(self.has_expired.get(), 15)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch):
    """A keeper who looks round a hundred times a second."""
    monkeypatch.setattr(doorkeepers, "_INTERVAL", 0.01)


async def test_who_does_not_come_is_overdue_once():
    """And then nobody waits any longer."""
    timeouts, guest = ReadTimeouts(), Guest()
    timeouts.arm(guest, 0.01)
    await guest.is_late()
    assert len(timeouts) == 0
    assert guest.has_expired.empty()


async def test_who_is_given_more_time_is_overdue_again():
    """As often as it says."""
    timeouts, guest = ReadTimeouts(), Guest(0.01, 0.01)
    timeouts.arm(guest, 0.01)
    for _ in range(3):
        await guest.is_late()
    assert len(timeouts) == 0


async def test_who_has_come_is_not_overdue():
    """Others still are, and whoever is expected anew has the new time."""
    timeouts, come, early, late = ReadTimeouts(), Guest(), Guest(), Guest()
    for guest in (come, early, late):
        timeouts.arm(guest, 0.01)
    timeouts.disarm(come)
    timeouts.disarm(come)
    timeouts.arm(early, 3600)
    await late.is_late()
    assert come.has_expired.empty()
    assert early.has_expired.empty()
    assert len(timeouts) == 1


async def test_a_keeper_with_nobody_to_wait_for_rests():
    """There is one timer for ten thousand, and none for nobody."""
    loop, timeouts = asyncio.get_running_loop(), ReadTimeouts()
    looks = 0
    call_later = loop.call_later

    def count(*given):
        nonlocal looks
        looks += 1
        return call_later(*given)

    loop.call_later = count
    guests = [Guest() for _ in range(10_000)]
    for guest in guests:
        timeouts.arm(guest, 3600)
    assert looks == 1
    for guest in guests:
        timeouts.disarm(guest)
    last = Guest()
    timeouts.arm(last, 0)
    await last.is_late()
    await asyncio.sleep(0)
    before = looks
    await several_rounds(call_later)
    assert looks == before


async def several_rounds(call_later):
    """Wait for as long as several rounds take."""
    passed = asyncio.Event()
    call_later(0.1, passed.set)
    await passed.wait()
