"""Background tasks: cancels them until they have ended, since one cancellation may be lost."""

import asyncio
from collections.abc import Sequence


async def end_tasks(tasks: Sequence[asyncio.Task[None]]) -> None:
    """Cancel tasks repeatedly until all have ended.

    `asyncio.wait_for`, which drivers use, loses a cancellation that coincides with its result (in
    Python 3.11), so the task would run for ever. On a cancellation, psycopg asks the database
    server to stop the query and waits for that, which a hanging server never does.

    Args:
        tasks: read again in each round, so tasks that are added meanwhile end as well.
    """
    while pending := [task for task in tasks if not task.done()]:
        for task in pending:
            task.cancel()
        await asyncio.wait(pending, timeout=0.25)
