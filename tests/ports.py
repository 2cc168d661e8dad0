"""TCP ports for the servers of tests."""

import os
import random
import socket
from contextlib import suppress
from itertools import cycle

# The kernel assigns outgoing connections local ports from 32768 on. A server on such a port could
# not be restarted if a connection took the port while it was down.
_FIRST, _COUNT = 20_000, 1_200  # for each test process, so that no two share a port


def _own_ports() -> list[int]:
    """Return this process's ports in random order, since another test run may be under way."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw9").removeprefix("gw")) % 10
    first = _FIRST + worker * _COUNT
    return random.sample(range(first, first + _COUNT), _COUNT)


_ports = cycle(_own_ports())


def free_port() -> int:
    """Return a loopback port on which nobody listens and which no other test gets."""
    while True:
        port = next(_ports)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
