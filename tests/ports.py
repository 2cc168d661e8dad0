"""TCP ports for the servers of tests."""

import atexit
import os
import random
import socket
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from itertools import cycle

# The kernel assigns outgoing connections local ports from 32768 on. A server on such a port could
# not be restarted if a connection took the port while it was down.
_FIRST, _COUNT, _RANGES = 20_000, 1_200, 10


@cache
def _own_ports() -> Iterator[int]:
    """Return the ports of this process in random order.

    A range of ports belongs to the process, of this test run or another, that has bound its first
    port. Of more than ten processes the others share a range with one of them.
    """
    for number in range(_RANGES):
        reservation = socket.socket()
        try:
            reservation.bind(("127.0.0.1", _FIRST + number * _COUNT))
        except OSError:
            reservation.close()
        else:
            atexit.register(reservation.close)
            break
    else:
        number = os.getpid() % _RANGES
    first = _FIRST + number * _COUNT
    return cycle(random.sample(range(first + 1, first + _COUNT), _COUNT - 1))


def free_port() -> int:
    """Return a loopback port on which nobody listens and which no other test gets."""
    while True:
        port = next(_own_ports())
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
