"""Promises of how the doorbell's tasks end."""

import asyncio

from app.tasks import end_tasks


async def test_a_task_that_loses_cancellations_is_ended_all_the_same():
    """A driver may swallow one, or two, and go on; closing does not wait for it for ever."""
    lost = []
    deaf = asyncio.create_task(_lose_cancellations(lost))
    plain = asyncio.create_task(asyncio.sleep(3600))
    await asyncio.sleep(0)
    async with asyncio.timeout(30):
        await end_tasks([deaf, plain])
    assert len(lost) == 2
    assert deaf.cancelled()
    assert plain.cancelled()


async def test_ending_what_has_ended_returns_at_once():
    """Whoever closes twice, or before anything was started, waits for nothing."""
    done = asyncio.create_task(asyncio.sleep(0))
    await done
    await end_tasks([done])
    await end_tasks([])


async def _lose_cancellations(lost: list[int]) -> None:
    while len(lost) < 2:
        try:
            await asyncio.sleep(3600)
        except asyncio.CancelledError:
            lost.append(1)
    await asyncio.sleep(3600)
