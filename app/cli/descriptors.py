"""File descriptors: raises the limit, and divides it among their uses."""

import resource
from contextlib import suppress
from dataclasses import dataclass

_FILES = 64  # descriptors for the database, the workers, the log and short-lived files
_LONGEST_BACKLOG = 16384  # connections in the accept queue, if `net.core.somaxconn` allows them
_FEWEST = 16  # descriptors for connections, whatever the limit


@dataclass(frozen=True, slots=True)
class DescriptorPlan:
    """How the file descriptors of a process are divided.

    Args:
        limit: the system's limit.
        backlog: the most connections in the accept queue. The event loop accepts all of them
            before it can refuse the first, so as many descriptors have to be free.
        connections: the remaining descriptors, for connections and the files read for them.
    """

    limit: int
    backlog: int
    connections: int


def plan_descriptors() -> DescriptorPlan:
    """Raise the limit of this process and its workers as far as possible, and divide it."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    with suppress(OSError, ValueError):  # a system may report "unlimited" and still refuse it
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    limit, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if limit == resource.RLIM_INFINITY:
        limit = 1024 * 1024
    backlog = min(_LONGEST_BACKLOG, max(8, limit // 8))
    return DescriptorPlan(limit, backlog, max(_FEWEST, limit - backlog - _FILES))
