"""Promises of fair scheduling: a flow of requests takes one step in each pass of the loop."""

import asyncio

from app.web.steps import FairSteps


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
