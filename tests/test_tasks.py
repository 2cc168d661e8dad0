"""Tests of how background tasks are ended."""

import asyncio

from app.tasks import end_tasks


async def test_a_task_that_loses_cancellations_is_ended_all_the_same():
    """A task that ignores two cancellations is cancelled again until it ends."""
    cancellations = []
    stubborn = asyncio.create_task(_lose_cancellations(cancellations))
    cancellable = asyncio.create_task(asyncio.sleep(3600))
    await asyncio.sleep(0)
    async with asyncio.timeout(30):
        await end_tasks([stubborn, cancellable])
    assert len(cancellations) == 2
    assert stubborn.cancelled()
    assert cancellable.cancelled()


async def test_ending_what_has_ended_returns_at_once():
    """Ending tasks that have ended, or none, returns at once."""
    ended = asyncio.create_task(asyncio.sleep(0))
    await ended
    await end_tasks([ended])
    await end_tasks([])


async def _lose_cancellations(cancellations: list[int]) -> None:
    while len(cancellations) < 2:
        try:
            await asyncio.sleep(3600)
        except asyncio.CancelledError:
            cancellations.append(1)
    await asyncio.sleep(3600)
