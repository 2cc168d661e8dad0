"""Long work in time slices."""

import asyncio

import pytest

from app.hub.slices import TimeSlices


class FakeCpu:
    """A thread's CPU time, which passes only with work."""

    def __init__(self) -> None:
        self.used = 0.0

    def work(self, number: int) -> int:
        """Work for half a millisecond."""
        self.used += 0.0005
        return number


def slices(cpu: FakeCpu) -> TimeSlices:
    """Time slices on that CPU, with a clock that stands still."""
    return TimeSlices(clock=lambda: 0.0, cpu_time=lambda: cpu.used)


async def test_all_of_the_work_is_done_in_its_order():
    """All of the work is done in order, however many slices it takes."""
    cpu = FakeCpu()
    assert await slices(cpu).map(cpu.work, range(40)) == list(range(40))
    assert await slices(cpu).run(lambda: "one") == "one"


async def test_others_run_between_two_slices():
    """A callback that is due runs after one slice, and not after all of the work."""
    cpu, used_before = FakeCpu(), []
    loop = asyncio.get_running_loop()
    loop.call_soon(lambda: used_before.append(cpu.used))
    await slices(cpu).map(cpu.work, range(100))
    assert used_before[0] <= 0.0025


async def test_those_who_have_work_take_turns():
    """Two tasks with work alternate."""
    cpu, order = FakeCpu(), []

    async def work(name: str) -> None:
        def step(_number: int) -> None:
            cpu.work(0)
            order.append(name)

        await slices_of_both.map(step, range(20))

    slices_of_both = slices(cpu)
    await asyncio.gather(work("a"), work("b"))
    assert set(order[:10]) == {"a", "b"}
    assert len(order) == 40


async def test_long_work_leaves_most_of_the_loop_to_others(monkeypatch: pytest.MonkeyPatch):
    """After an initial burst each slice is followed by a pause of three times its length."""
    cpu, paused, sleep = FakeCpu(), [0.0], asyncio.sleep
    own_task = asyncio.current_task()

    async def pause(seconds: float) -> None:
        if asyncio.current_task() is own_task:  # other threads of the suite have loops too
            paused[0] += seconds
        await sleep(0)

    monkeypatch.setattr(asyncio, "sleep", pause)
    time_slices = TimeSlices(clock=lambda: cpu.used + paused[0], cpu_time=lambda: cpu.used)
    await time_slices.map(cpu.work, range(200))
    assert paused[0] == 0
    await time_slices.map(cpu.work, range(20_000))
    assert 2.5 < paused[0] / cpu.used < 3.1


async def test_a_few_are_worked_on_without_a_turn():
    """Up to `at_once` items are processed without waiting for a turn."""
    cpu = FakeCpu()
    busy = slices(cpu)
    await busy._turn.acquire()
    assert await busy.map(cpu.work, range(3), at_once=3) == [0, 1, 2]
