"""Jobs of a worker process: read from standard input and answered on standard output.

This is the worker's side of `worker_process.py`. A job and its answer are a line of JSON each.
"""

import json
import os
import resource
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Any

Json = dict[str, Any]


def lower_limits(memory: int, niceness: int) -> None:
    """Limit what this process may use, so that it cannot slow down the one that serves readers.

    Args:
        memory: bytes of its address space.
        niceness: its niceness, 0 to 19.
    """
    os.setpgid(0, 0)  # so that Ctrl-C in a terminal interrupts only the server
    os.nice(niceness)
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def answer_jobs(do: Callable[[Json], Json]) -> None:
    """Do jobs until the input ends, a job leaves the process tired, or nobody reads the answers.

    Args:
        do: does one job, and returns its answer.
    """
    # The server may have been killed during the job: then there is nobody to tell.
    with suppress(BrokenPipeError), os.fdopen(os.dup(1), "w", buffering=1) as answers:
        os.dup2(2, 1)  # output of a C library must not be taken for an answer
        for line in sys.stdin:
            answer = do(json.loads(line))
            answers.write(json.dumps(answer) + "\n")
            if answer.get("tired"):
                return
