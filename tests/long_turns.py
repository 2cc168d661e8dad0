"""A monitor that reports long turns: what a task does on the event loop while all others wait.

It counts the processor time of the loop's thread, without the time in which that waits for a
processor, or for another thread of the process that holds the GIL, which is not found here. Other
load still makes a turn longer, since processors share caches and cores: on a busy machine single
turns took twice as long as usual. So a test has to find a long turn more than once.
`tests/transactions.py` calls it for each turn of a task.
"""

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

MARK = "held the event loop for"
LONGEST = 0.05  # seconds


@contextmanager
def turn(report: Callable[[str], None]) -> Iterator[None]:
    """Measure a turn.

    Args:
        report: called if it was long, with one line that contains `MARK`.
    """
    began = time.thread_time()
    try:
        yield
    finally:
        spent = time.thread_time() - began
        if spent > LONGEST:
            report(f"{asyncio.current_task()} {MARK} {spent * 1000:.0f} ms")
