"""Promises of the fair queue: turns go around, ends are bounded, and no turn is lost."""

import asyncio
import random
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.media.fair_queue import FairQueue, QueueFull

Sent = list[tuple[str, bool]]  # whose, and whether it is given up


@given(st.lists(st.tuples(st.sampled_from("abc"), st.booleans()), max_size=30), st.randoms())
async def test_every_turn_is_had_or_given_up_and_nothing_is_left(sent: Sent, dice: random.Random):
    """One at a time, whoever gives up whenever; at the end the queue is as it was."""
    queue, at_once, had = FairQueue(30, 100), 0, Counter[str]()

    async def have(caller: str) -> None:
        nonlocal at_once
        async with queue.turn(caller):
            at_once += 1
            try:
                assert at_once == 1
                await asyncio.sleep(0)
            finally:
                at_once -= 1
        had[caller] += 1

    tasks = [(asyncio.create_task(have(caller)), caller, gives_up) for caller, gives_up in sent]
    for task, _, gives_up in tasks:
        for _ in range(dice.randrange(3)):
            await asyncio.sleep(0)
        if gives_up:
            task.cancel()
    await asyncio.gather(*(task for task, _, _ in tasks), return_exceptions=True)
    whole = Counter(caller for task, caller, _ in tasks if not task.cancelled())
    assert had == whole
    assert not queue.is_busy
    async with asyncio.timeout(5), queue.turn("d"):
        pass


async def test_callers_take_turns_one_job_each():
    """Whatever came first: a, then b, then a, until one has none left."""
    queue, order = FairQueue(10, 100), list[str]()

    async def have(caller: str) -> None:
        async with queue.turn(caller):
            order.append(caller)
            await asyncio.sleep(0)

    await asyncio.gather(*(have(caller) for caller in "aaaaabbc"))
    assert "".join(order) == "aabcabaa"


async def test_queues_have_an_end_by_caller_and_in_all():
    """One more is refused at once, and takes no place."""
    queue = FairQueue(2, 3)
    async with queue.turn("a"):
        waiting = [asyncio.create_task(_have(queue, caller)) for caller in "aab"]
        await asyncio.sleep(0)
        for caller in "a", "b", "c":
            with pytest.raises(QueueFull):
                await _have(queue, caller)
    await asyncio.gather(*waiting)
    assert not queue.is_busy


async def _have(queue: FairQueue, caller: str) -> None:
    async with queue.turn(caller):
        pass
