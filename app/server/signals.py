"""Hearing that the server is to stop before uvicorn tells the application.

uvicorn tells it only after the last connection is gone, and a stream goes only when it is told: so
stopping would wait for the whole drain time. Its signal handler is called all the same.
"""

import asyncio
import signal
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

_SIGNALS = (signal.SIGTERM, signal.SIGINT)


@contextmanager
def heeding_signals(act: Callable[[], Coroutine[Any, Any, None]]) -> Iterator[None]:
    """Start `act` on the loop when the process is told to stop, then whoever heard it before.

    Args:
        act: what to do; it is started once.
    """
    loop = asyncio.get_running_loop()
    acting: list[asyncio.Task[None]] = []

    def begin() -> None:
        if not acting:
            acting.append(loop.create_task(act()))

    before = {number: signal.getsignal(number) for number in _SIGNALS}

    def heed(number: int, frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(begin)
        handler = before[signal.Signals(number)]
        if callable(handler):
            handler(number, frame)

    for number in _SIGNALS:
        signal.signal(number, heed)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
