"""Open file descriptors are not inherited by the programs that the server starts."""

import os
from contextlib import suppress
from pathlib import Path

_STANDARD = 3  # input, output and errors, which are inherited


def set_close_on_exec() -> None:
    """Close the descriptors that are open now in every program that this process starts later.

    uvloop closes none by itself. The worker that opens untrusted files would hold the listening
    socket: it could accept readers, and after a crash of the server the port would stay in use
    until the worker's job is done.
    """
    for path in Path("/dev/fd").iterdir():
        if int(path.name) >= _STANDARD:
            with suppress(OSError):  # the descriptor of the directory itself is closed by now
                os.set_inheritable(int(path.name), False)
