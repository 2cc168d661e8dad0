"""File descriptors: how many the system allows, and what they are for."""

import resource
from contextlib import suppress
from dataclasses import dataclass

_FILES = 64  # descriptors for the database, the workers, the log and what is read in passing
_LONGEST_BACKLOG = 2048  # connections that wait to be taken
_FEWEST = 16  # descriptors for connections, whatever the limit


@dataclass(frozen=True, slots=True)
class DescriptorPlan:
    """What the descriptors of a process are for.

    Args:
        limit: as many as the system allows.
        backlog: connections that may wait to be taken. The loop takes all of them before the first
            can be refused, so that many descriptors have to be free.
        connections: the rest: for connections, and the files that are read for them.
    """

    limit: int
    backlog: int
    connections: int


def plan_descriptors() -> DescriptorPlan:
    """Raise the limit of this process and its workers as far as it goes, and divide it."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    with suppress(OSError, ValueError):  # a system may say "unlimited" and not mean it
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    limit, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if limit == resource.RLIM_INFINITY:
        limit = 1024 * 1024
    backlog = min(_LONGEST_BACKLOG, max(8, limit // 8))
    return DescriptorPlan(limit, backlog, max(_FEWEST, limit - backlog - _FILES))
