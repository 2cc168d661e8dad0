"""Promises of fair scheduling: a flow of requests takes one step in each pass of the loop."""

import asyncio

from app.web.rate_limits.fair_scheduling import FairSteps, PacedSteps


async def work(steps: FairSteps, flow: str, done: list[str], times: int = 3) -> None:
    """Take steps one after the other, as a request does."""
    for _ in range(times):
        if turn := steps.wait(flow):
            await turn
        done.append(flow)
        await asyncio.sleep(0)


async def test_a_flow_of_many_requests_takes_no_more_steps_than_one_of_a_few():
    """While a client's fifty requests take their steps, another's single one is soon through."""
    steps, done = FairSteps(), list[str]()
    async with asyncio.TaskGroup() as tasks:
        for _ in range(50):
            tasks.create_task(work(steps, "many", done))
        tasks.create_task(work(steps, "one", done))
    assert len(done) == 51 * 3
    last = len(done) - done[::-1].index("one")
    assert done[:last].count("many") <= 4 * done[:last].count("one") + 1


async def test_who_gives_up_holds_up_nobody():
    """The turn of a request that was cancelled while it waited goes to the next."""
    steps, done = FairSteps(), list[str]()
    tasks = [asyncio.create_task(work(steps, "flow", done, 1)) for _ in range(9)]
    await asyncio.sleep(0)
    for task in tasks[1::2]:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert len(done) == 5
    assert steps.wait("flow") is None, "nothing is left of a flow that has ended"


async def test_a_flow_alone_does_not_wait():
    """Each step is taken at once where the one before was in an earlier pass."""
    steps = FairSteps()
    for _ in range(5):
        assert steps.wait("flow") is None
        await asyncio.sleep(0)
        await asyncio.sleep(0)


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


async def pass_by(times: int = 5) -> None:
    """Let the loop run whatever is ready."""
    for _ in range(times):
        await asyncio.sleep(0)


async def test_what_is_spent_is_waited_for():
    """After a burst the next step comes when the share has flowed in, and not before."""
    clock = Clock()
    steps = PacedSteps(0.25, clock)
    assert steps.wait("a") is None
    steps.spend(0.2)
    await pass_by()
    turn = steps.wait("a")
    assert turn is not None
    clock.now += 10
    async with asyncio.timeout(30):
        await turn
    await pass_by()
    assert steps.wait("a") is None, "what has flowed in is there for the next"


async def test_callers_take_turns_whatever_each_of_them_has_waiting():
    """Somebody with one step is behind one of everybody else's, not behind all of somebody's."""
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


async def test_whoever_gives_up_while_paced_holds_up_nobody():
    """Their turn goes to the next, and none is lost."""
    steps = PacedSteps(0.5)
    assert steps.wait("a") is None
    turns = [steps.wait(caller) for caller in "bcdef"]
    assert all(turns)
    for turn in turns[::2]:
        turn.cancel()
    async with asyncio.timeout(30):
        await asyncio.gather(*(turn for turn in turns if not turn.cancelled()))
    await pass_by()
    assert steps.wait("g") is None
