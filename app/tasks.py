"""The end of background tasks, for which one cancellation may not be enough."""

import asyncio
from collections.abc import Sequence


async def end_tasks(tasks: Sequence[asyncio.Task[None]]) -> None:
    """Cancel tasks until they have ended, however often it takes.

    `asyncio.wait_for`, which drivers use, loses a cancellation that comes together with its result
    (in Python 3.11): the task would go on for ever. And psycopg takes a cancellation for a reason
    to have the server stop the query and to wait for that, which one that hangs never does.

    Args:
        tasks: looked at again each time, so one that is added meanwhile is ended as well.
    """
    while pending := [task for task in tasks if not task.done()]:
        for task in pending:
            task.cancel()
        await asyncio.wait(pending, timeout=0.25)
