"""Write timeout: the end of connections whose client does not take its answer.

What a client does not read waits in this process, with the connection's descriptor and whoever
writes the answer. `close` does not end that: a transport closes only once its buffer is empty. So
while something waits in the buffer, the client has to take it at the least speed. How much it has
taken is asked of the kernel, which counts what was acknowledged.
"""

import asyncio
import socket
import struct
from typing import cast

from app.hub.raw_connection import reset
from app.server.data_rate import MinDataRate, TransferCredit
from app.server.timeouts import ReadTimeouts

_LOOKS = 8  # at the buffer, in the time that the credit lasts
# Where `struct tcp_info` of Linux has `tcpi_bytes_acked`, a number of 64 bits.
_BYTES_ACKED = 120


class WriteTimeout:
    """Looks after what waits for one client.

    Args:
        transport: of the connection.
        rate: how fast its client has to read.
        timeouts: who looks after all connections of this process.
    """

    __slots__ = ("_credit", "_is_armed", "_rate", "_taken", "_timeouts", "_transport")

    def __init__(
        self, transport: asyncio.Transport, rate: MinDataRate, timeouts: ReadTimeouts
    ) -> None:
        self._transport = transport
        self._rate = rate
        self._timeouts = timeouts
        self._credit = TransferCredit(rate)
        self._taken = 0
        self._is_armed = False

    def arm(self) -> None:
        """Begin to look, if something waits and nobody looks yet."""
        if self._is_armed or not self._transport.get_write_buffer_size():
            return
        self._is_armed = True
        self._taken = self._count_taken()
        self._credit.begin(asyncio.get_running_loop().time())
        self._timeouts.arm(self, self._rate.grace / _LOOKS)

    def disarm(self) -> None:
        """Look no longer: the connection is over, or somebody else's."""
        self._is_armed = False
        self._timeouts.disarm(self)

    def expired(self) -> float | None:
        """Look at the buffer; reset a connection whose client is too slow."""
        if not self._is_armed or not self._transport.get_write_buffer_size():
            self._is_armed = False
            return None
        now = asyncio.get_running_loop().time()
        before, self._taken = self._taken, self._count_taken()
        self._credit.add(max(0, self._taken - before), now)
        left = self._credit.left(now)
        if left <= 0:
            self._is_armed = False
            reset(self._transport)
            return None
        return min(left, self._rate.grace / _LOOKS)

    def _count_taken(self) -> int:
        """Bytes that the client has taken; where the kernel does not count, what waits, below 0."""
        line = self._transport.get_extra_info("socket")
        if hasattr(socket, "TCP_INFO") and line.family != socket.AF_UNIX:
            size = _BYTES_ACKED + 8
            info = cast("bytes", line.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, size))
            if len(info) == size:
                return int(struct.unpack_from("=Q", info, _BYTES_ACKED)[0])
        return -self._transport.get_write_buffer_size()
