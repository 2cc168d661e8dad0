"""The end of a transaction, which no cancellation interrupts."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

OnCommit = Callable[[AsyncSession], Coroutine[Any, Any, None]]


async def complete(ending: Coroutine[Any, Any, Any]) -> None:
    """Await the end of a transaction, even if the task is cancelled meanwhile.

    An interrupted end would leave a connection in an unknown state and a traceback in the log, and
    would skip the callbacks of the commit.

    Raises:
        CancelledError: the task was cancelled, and the end is complete.
    """
    task, is_cancelled = asyncio.create_task(ending), False
    while not task.done():
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError:
            is_cancelled = True
    task.result()
    if is_cancelled:
        raise asyncio.CancelledError
