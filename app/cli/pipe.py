"""Standard output as a pipe that its reader may close early (`dateline tail SLUG | head -1`)."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def ignore_broken_pipe() -> Iterator[None]:
    """End the block silently when the pipe has been closed."""
    try:
        yield
        sys.stdout.flush()
    except BrokenPipeError:
        # Without this, Python would report the closed pipe again when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
