"""Signals: starts the shutdown of streams as soon as the process receives SIGTERM or SIGINT.

uvicorn notifies the application only after the last connection has closed, and a stream closes only
when the application ends it, so shutdown would take the whole drain time. uvicorn's own signal
handler is still called.
"""

import asyncio
import signal
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

_SIGNALS = (signal.SIGTERM, signal.SIGINT)


@contextmanager
def handling_signals(act: Callable[[], Coroutine[Any, Any, None]]) -> Iterator[None]:
    """Start `act` on the loop at the first signal to stop; call the previous handler each time.

    Args:
        act: the coroutine function to run; it is started once.
    """
    loop = asyncio.get_running_loop()
    acting: list[asyncio.Task[None]] = []

    def begin() -> None:
        if not acting:
            acting.append(loop.create_task(act()))

    before = {number: signal.getsignal(number) for number in _SIGNALS}

    def handle(number: int, frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(begin)
        handler = before[signal.Signals(number)]
        if callable(handler):
            handler(number, frame)

    for number in _SIGNALS:
        signal.signal(number, handle)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
