"""Write timeout: resets connections whose client does not read its answer.

Data that a client does not read stays in this process, together with the connection's descriptor
and the task that writes the answer. `close` does not end that: a transport closes only once its
write buffer is empty. So while the buffer holds data, the client has to read at the minimum rate.
The kernel's count of acknowledged bytes shows how much it has read.
"""

import asyncio
import socket
import struct
from typing import cast

from app.hub.raw_connection import reset
from app.server.data_rate import MinDataRate, TransferCredit
from app.server.timeouts import ReadTimeouts

_LOOKS = 8  # checks of the buffer in the time that the credit lasts
# Offset of `tcpi_bytes_acked`, a 64-bit number, in Linux's `struct tcp_info`.
_BYTES_ACKED = 120


class WriteTimeout:
    """The write timeout of one connection.

    Args:
        transport: the connection's transport.
        rate: the minimum rate at which its client has to read.
        timeouts: the time-outs of this process.
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
        """Arm the timeout if the buffer holds data and it is not armed yet."""
        if self._is_armed or not self._transport.get_write_buffer_size():
            return
        self._is_armed = True
        self._taken = self._count_taken()
        self._credit.begin(asyncio.get_running_loop().time())
        self._timeouts.arm(self, self._rate.grace / _LOOKS)

    def disarm(self) -> None:
        """Disarm the timeout: the connection has closed, or has been taken over."""
        self._is_armed = False
        self._timeouts.disarm(self)

    def expired(self) -> float | None:
        """Check the buffer, and reset the connection if its client reads too slowly."""
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
        """Return the bytes acknowledged; without a kernel count, the buffered bytes, negated."""
        line = self._transport.get_extra_info("socket")
        if hasattr(socket, "TCP_INFO") and line.family != socket.AF_UNIX:
            size = _BYTES_ACKED + 8
            info = cast("bytes", line.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, size))
            if len(info) == size:
                return int(struct.unpack_from("=Q", info, _BYTES_ACKED)[0])
        return -self._transport.get_write_buffer_size()
