"""TCP ports for the servers of a test."""

import os
import random
import socket
from contextlib import suppress
from itertools import cycle

# The kernel gives an outgoing connection a local port from 32768 on. A server whose port lay there
# could not be started again on it, where a connection took the port while the server was down.
_FIRST, _COUNT = 20_000, 1_200  # of each process of the tests, so that no two use the same


def _own_ports() -> list[int]:
    """The ports of this process, in a random order: another run may be under way beside it."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw9").removeprefix("gw")) % 10
    first = _FIRST + worker * _COUNT
    return random.sample(range(first, first + _COUNT), _COUNT)


_ports = cycle(_own_ports())


def free_port() -> int:
    """A port of the loopback address that nobody listens on and no other test is given."""
    while True:
        port = next(_ports)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
