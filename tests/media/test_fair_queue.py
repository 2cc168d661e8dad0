"""The fair queue: round-robin, bounded, and no turn is lost."""

import asyncio
import random
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.media.fair_queue import FairQueue, QueueFull

Jobs = list[tuple[str, bool]]  # the caller, and whether they cancel


@given(st.lists(st.tuples(st.sampled_from("abc"), st.booleans()), max_size=30), st.randoms())
async def test_every_turn_is_had_or_given_up_and_nothing_is_left(jobs: Jobs, rng: random.Random):
    """Turns are exclusive; each is taken or cancelled, and the queue ends empty."""
    queue, concurrent, completed = FairQueue(30, 100), 0, Counter[str]()

    async def take_turn(caller: str) -> None:
        nonlocal concurrent
        async with queue.turn(caller):
            concurrent += 1
            try:
                assert concurrent == 1
                await asyncio.sleep(0)
            finally:
                concurrent -= 1
        completed[caller] += 1

    tasks = [(asyncio.create_task(take_turn(caller)), caller, cancels) for caller, cancels in jobs]
    for task, _, cancels in tasks:
        for _ in range(rng.randrange(3)):
            await asyncio.sleep(0)
        if cancels:
            task.cancel()
    await asyncio.gather(*(task for task, _, _ in tasks), return_exceptions=True)
    expected = Counter(caller for task, caller, _ in tasks if not task.cancelled())
    assert completed == expected
    assert not queue.is_busy
    async with asyncio.timeout(5), queue.turn("d"):
        pass


async def test_callers_take_turns_one_job_each():
    """Callers alternate, one job each, whatever the order of arrival."""
    queue, order = FairQueue(10, 100), list[str]()

    async def take_turn(caller: str) -> None:
        async with queue.turn(caller):
            order.append(caller)
            await asyncio.sleep(0)

    await asyncio.gather(*(take_turn(caller) for caller in "aaaaabbc"))
    assert "".join(order) == "aabcabaa"


async def test_queues_have_an_end_by_caller_and_in_all():
    """The queue is bounded per caller and in total; one more is refused at once."""
    queue = FairQueue(2, 3)
    async with queue.turn("a"):
        waiting = [asyncio.create_task(_take_turn(queue, caller)) for caller in "aab"]
        await asyncio.sleep(0)
        for caller in "a", "b", "c":
            with pytest.raises(QueueFull):
                await _take_turn(queue, caller)
    await asyncio.gather(*waiting)
    assert not queue.is_busy


async def _take_turn(queue: FairQueue, caller: str) -> None:
    async with queue.turn(caller):
        pass
