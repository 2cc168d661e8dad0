"""Fair scheduling: a flow of requests takes one step in each pass of the event loop."""

import asyncio
from collections.abc import Callable

import pytest

from app.web.rate_limits.fair_scheduling import FairSteps, PacedSteps, ShortSteps


async def take_steps(steps: FairSteps, flow: str, order: list[str], times: int = 3) -> None:
    """Take steps one after another, as a request does."""
    for _ in range(times):
        if turn := steps.wait(flow):
            await turn
        order.append(flow)
        await asyncio.sleep(0)


async def test_a_flow_of_many_requests_takes_no_more_steps_than_one_of_a_few():
    """While fifty requests of one client take steps, another client's request completes early."""
    steps, order = FairSteps(), list[str]()
    async with asyncio.TaskGroup() as tasks:
        for _ in range(50):
            tasks.create_task(take_steps(steps, "many", order))
        tasks.create_task(take_steps(steps, "one", order))
    assert len(order) == 51 * 3
    last = len(order) - order[::-1].index("one")
    assert order[:last].count("many") <= 4 * order[:last].count("one") + 1


async def test_who_gives_up_holds_up_nobody():
    """The turn of a request that is cancelled while it waits goes to the next one."""
    steps, order = FairSteps(), list[str]()
    tasks = [asyncio.create_task(take_steps(steps, "flow", order, 1)) for _ in range(9)]
    await asyncio.sleep(0)
    for task in tasks[1::2]:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert len(order) == 5
    assert steps.wait("flow") is None, "a flow that has ended is forgotten"


async def test_a_flow_alone_does_not_wait():
    """A flow without competition never waits for its next step."""
    steps = FairSteps()
    for _ in range(5):
        assert steps.wait("flow") is None
        await asyncio.sleep(0)
        await asyncio.sleep(0)


class Clock:
    """A clock that a test advances."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


async def run_ready(times: int = 5) -> None:
    """Let the event loop run what is ready."""
    for _ in range(times):
        await asyncio.sleep(0)


async def test_what_is_spent_is_waited_for():
    """After a burst the next step waits until the share has refilled."""
    clock = Clock()
    steps = PacedSteps(0.25, clock)
    assert steps.wait("a") is None
    steps.spend(0.2)
    await run_ready()
    turn = steps.wait("a")
    assert turn is not None
    clock.now += 10
    async with asyncio.timeout(30):
        await turn
    await run_ready()
    assert steps.wait("a") is None, "the refilled share is available to the next step"


async def test_callers_take_turns_whatever_each_of_them_has_waiting():
    """A caller with one step waits for one step of each other caller, not for all of them."""
    steps, order = PacedSteps(0.5), list[str]()

    async def step(caller: str) -> None:
        if turn := steps.wait(caller):
            await turn
        order.append(caller)

    async with asyncio.TaskGroup() as tasks:
        for _ in range(20):
            tasks.create_task(step("many"))
        tasks.create_task(step("one"))
    assert order.index("one") <= 2
    assert len(order) == 21


async def take_short(steps: ShortSteps, caller: str, order: list[str]) -> None:
    """Take a short step, as the opening of a stream does."""
    if turn := steps.wait(caller):
        await turn
    order.append(caller)


async def test_a_pass_has_a_few_short_steps():
    """However many streams are opened at once, other tasks run after each few of them."""
    steps, order = ShortSteps(4), list[str]()
    async with asyncio.TaskGroup() as tasks:
        for _ in range(40):
            tasks.create_task(take_short(steps, "reader", order))
        while len(order) < 40:
            before = len(order)
            await asyncio.sleep(0)
            assert len(order) - before <= 8  # those of the pass before, and those of this one
    assert steps.wait("reader") is None


async def test_callers_of_short_steps_take_turns():
    """A caller with one stream waits for one of each other caller, not for all of them."""
    steps, order = ShortSteps(2), list[str]()
    async with asyncio.TaskGroup() as tasks:
        for _ in range(20):
            tasks.create_task(take_short(steps, "many", order))
        tasks.create_task(take_short(steps, "one", order))
    assert order.index("one") <= 4
    assert len(order) == 21


@pytest.mark.parametrize("kind", [lambda: PacedSteps(0.5), lambda: ShortSteps(1)])
async def test_whoever_leaves_while_waiting_holds_up_nobody(
    kind: Callable[[], PacedSteps | ShortSteps],
):
    """The turn of a step that is cancelled while it waits goes to the next one."""
    steps = kind()
    assert steps.wait("a") is None
    turns = [turn for caller in "bcdef" if (turn := steps.wait(caller))]
    assert len(turns) == 5
    for turn in turns[::2]:
        turn.cancel()
    async with asyncio.timeout(30):
        await asyncio.gather(*(turn for turn in turns if not turn.cancelled()))
    await run_ready()
    assert steps.wait("g") is None
