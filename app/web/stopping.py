"""Hearing that the server is to stop before uvicorn tells the application.

uvicorn tells it only after the last connection is gone, and a stream goes only when it is told: so
stopping would wait for the whole drain time. Its signal handler is called all the same.
"""

import asyncio
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

_SIGNALS = (signal.SIGTERM, signal.SIGINT)


@contextmanager
def heeding_signals(act: Callable[[], None]) -> Iterator[None]:
    """Call `act` on the loop when the process is told to stop, then whoever heard it before.

    Args:
        act: what to do; it may be called more than once.
    """
    loop = asyncio.get_running_loop()
    before = {number: signal.getsignal(number) for number in _SIGNALS}

    def heed(number: int, frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(act)
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
