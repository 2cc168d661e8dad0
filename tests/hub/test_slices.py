"""Promises of long work that is done in slices."""

import asyncio

import pytest

from app.hub.slices import TimeSlices


class Processor:
    """A thread's time, which passes only with work, and the loop's, which a test moves on."""

    def __init__(self) -> None:
        self.spent = 0.0

    def work(self, number: int) -> int:
        """Half a millisecond of work."""
        self.spent += 0.0005
        return number


def slices(processor: Processor) -> TimeSlices:
    """Slices of that processor's time, for which no time is given back."""
    return TimeSlices(clock=lambda: 0.0, cpu_time=lambda: processor.spent)


async def test_all_of_the_work_is_done_in_its_order():
    """However many slices it takes."""
    processor = Processor()
    assert await slices(processor).map(processor.work, range(40)) == list(range(40))
    assert await slices(processor).run(lambda: "one") == "one"


async def test_others_run_between_two_slices():
    """A callback that is due waits for four steps of half a millisecond, and not for all."""
    processor, seen = Processor(), []
    loop = asyncio.get_running_loop()
    loop.call_soon(lambda: seen.append(processor.spent))
    await slices(processor).map(processor.work, range(100))
    assert seen[0] <= 0.0025


async def test_those_who_have_work_take_turns():
    """Neither of two is done before the other has begun."""
    processor, order = Processor(), []

    async def work(name: str) -> None:
        def step(_number: int) -> None:
            processor.work(0)
            order.append(name)

        await slices_of_both.map(step, range(20))

    slices_of_both = slices(processor)
    await asyncio.gather(work("a"), work("b"))
    assert set(order[:10]) == {"a", "b"}
    assert len(order) == 40


async def test_long_work_leaves_most_of_the_loop_to_others(monkeypatch: pytest.MonkeyPatch):
    """Once a burst is used up, each slice is paid for with three times as long a pause."""
    processor, hours, sleep = Processor(), [0.0], asyncio.sleep

    async def pass_by(seconds: float) -> None:
        hours[0] += seconds
        await sleep(0)

    monkeypatch.setattr(asyncio, "sleep", pass_by)
    sliced = TimeSlices(clock=lambda: processor.spent + hours[0], cpu_time=lambda: processor.spent)
    await sliced.map(processor.work, range(200))
    assert hours[0] == 0
    await sliced.map(processor.work, range(20_000))
    assert 2.5 < hours[0] / processor.spent < 3.1


async def test_a_few_are_worked_on_without_a_turn():
    """What has just been published waits for nobody's replay."""
    processor = Processor()
    busy = slices(processor)
    await busy._turn.acquire()
    assert await busy.map(processor.work, range(3), at_once=3) == [0, 1, 2]
