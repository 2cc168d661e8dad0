"""Hostile openings: what a client can send at the start of a connection, and then do or omit."""

import select
import socket
import struct
import time
from contextlib import suppress
from dataclasses import dataclass

from tests.dateline import DatelineServer

HOST = b"Host: a.example\r\n"
UPGRADE = b"Connection: Upgrade\r\nUpgrade: websocket\r\n"
KEY = b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
SOCKET = b"GET /v1/coverages/nowhere/socket HTTP/1.1\r\n" + HOST + UPGRADE + KEY
SIGN_IN = (
    b"POST /desk/sign-in HTTP/1.1\r\nHost: HOST\r\nOrigin: http://HOST\r\n"
    b"Content-Type: application/x-www-form-urlencoded\r\n"
)
CHUNKED = SIGN_IN + b"Transfer-Encoding: chunked\r\n\r\n"
POST = b"POST /v1/coverages HTTP/1.1\r\n" + HOST
READ = b"DELETE /v1/coverages/a/drafts/b HTTP/1.1\r\n" + HOST + b"Authorization: Bearer SECRET\r\n"
IDEMPOTENT = READ + b"Idempotency-Key: a\r\n"
UPLOAD = (
    b"POST /v1/media HTTP/1.1\r\n" + HOST + b"Authorization: Bearer SECRET\r\n"
    b"Content-Type: multipart/form-data; boundary=a\r\nContent-Length: 100000\r\n\r\n"
)
LARGE = b"GET /openapi.json HTTP/1.1\r\n" + HOST + b"Accept-Encoding: identity\r\n\r\n"
PING = b"GET /healthz HTTP/1.1\r\n" + HOST
A_PING_FRAME = b"\x89\x80\0\0\0\0"
_ESTABLISHED = 1  # the value of Linux's TCP_ESTABLISHED
_TIMEOUT = 60.0  # seconds for something that is sure to happen


@dataclass(frozen=True)
class Opening:
    """The behaviour of one client.

    Args:
        data: bytes that are sent at once.
        repeated: bytes that are sent again and again, until the connection ends.
        interval: seconds between two sends, or two reads.
        read_size: bytes that are read at a time; 0 reads nothing.
        half_closes: whether the client shuts down its sending side at once.
        duration: seconds after which the client only keeps the connection open.
    """

    data: bytes = b""
    repeated: bytes = b""
    interval: float = 0.1
    read_size: int = 65536
    half_closes: bool = False
    duration: float = _TIMEOUT


HEADS = {
    "silence": Opening(),
    "a letter": Opening(b"G"),
    "half a line": Opening(b"GET / HT"),
    "half a field": Opening(PING + b"A: "),
    "half a field, and its own side closed": Opening(PING + b"A: ", half_closes=True),
    "a head in drips": Opening(PING + b"A: ", b"b"),
    "fields in drips": Opening(PING, b"a: b\r\n"),
    "empty lines in drips": Opening(b"", b"\r\n"),
    "half of TLS": Opening(bytes.fromhex("16030102000100")),
    "HTTP/2": Opening(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    "a tunnel": Opening(b"CONNECT a.example:443 HTTP/1.1\r\n" + HOST + b"\r\n", b"x"),
    "a second head in drips": Opening(PING + b"\r\n" + PING + b"A: ", b"b"),
    "nothing behind an answer": Opening(PING + b"\r\n"),
    "nothing behind an answer, and its own side closed": Opening(PING + b"\r\n", half_closes=True),
}
BODIES = {
    "no body": Opening(SIGN_IN + b"Content-Length: 50\r\n\r\n"),
    "no body, and its own side closed": Opening(
        SIGN_IN + b"Content-Length: 50\r\n\r\n", half_closes=True
    ),
    "a body in drips": Opening(SIGN_IN + b"Content-Length: 10000\r\n\r\n", b"e"),
    "chunks in drips": Opening(CHUNKED, b"1\r\ne\r\n"),
    "a chunk's length in drips": Opening(CHUNKED, b"0"),
    "a chunk's extension in drips": Opening(CHUNKED + b"5;", b"a"),
    "trailers in drips": Opening(CHUNKED + b"0\r\n", b"a:b\r\n"),
    "a body that is asked for and does not come": Opening(
        SIGN_IN + b"Expect: 100-continue\r\nContent-Length: 50\r\n\r\n"
    ),
    "a body that nobody wants": Opening(
        POST + b"Content-Length: 100000000000\r\n\r\n", b"x" * 9999
    ),
    "a digest's body in drips": Opening(IDEMPOTENT + b"Content-Length: 1000\r\n\r\n", b"x"),
    "a file in drips": Opening(
        UPLOAD + b'--a\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n', b"x"
    ),
    "a part's head in drips": Opening(UPLOAD + b"--a\r\nContent-Disposition: ", b"x"),
}
UPGRADES = {
    "an upgrade with a body": Opening(SOCKET + b"Content-Length: 5\r\n\r\nhello"),
    "an upgrade with chunks": Opening(SOCKET + b"Transfer-Encoding: chunked\r\n\r\n"),
    "an upgrade with a long field": Opening(SOCKET + b"A: " + b"b" * 20_000 + b"\r\n\r\n"),
    "an upgrade with many fields": Opening(SOCKET + b"a: b\r\n" * 200 + b"\r\n"),
    "an upgrade with a long path": Opening(SOCKET.replace(b"nowhere", b"n" * 20_000) + b"\r\n"),
    "an upgrade without an end": Opening(SOCKET, b"a: b\r\n"),
    "an upgrade without a key": Opening(PING + UPGRADE + b"\r\n"),
    "an upgrade of another version": Opening(PING + UPGRADE + KEY.replace(b"13", b"99") + b"\r\n"),
    "an upgrade by POST": Opening(SOCKET.replace(b"GET", b"POST") + b"\r\n"),
    "an upgrade of HTTP/1.0": Opening(SOCKET.replace(b"/1.1", b"/1.0") + b"\r\n"),
    "an upgrade of a path that is none": Opening(SOCKET.replace(b"/v1/", b"/%ff/\x7f") + b"\r\n"),
    "an upgrade to another protocol": Opening(
        PING + b"Connection: Upgrade\r\nUpgrade: h2c\r\n\r\n", b"x"
    ),
    "an upgrade before an answer": Opening(LARGE * 30 + SOCKET + b"\r\n", interval=0.01),
    "an upgrade behind an answer": Opening(
        PING + b"\r\n" + SOCKET + b"A: " + b"b" * 9000 + b"\r\n\r\n"
    ),
}
SOCKETS = {
    "a socket with letters of no alphabet": Opening(SOCKET + b"A: \xff\xfe\r\n\r\n"),
    "a close frame that is not answered": Opening(SOCKET + b"\r\n"),
    "pings instead of an answer to a close frame": Opening(SOCKET + b"\r\n", A_PING_FRAME * 50),
    "pings that are not read": Opening(SOCKET + b"\r\n", A_PING_FRAME * 5000, read_size=0),
    "frames that are none": Opening(SOCKET + b"\r\n", b"\xff" * 100),
    "frames that are none before the handshake": Opening(
        SOCKET + b"\r\n", b"\xff" * 100, interval=0
    ),
}
# If the responses fit into the kernel's buffers, the client cannot see that the server has closed
# the connection. It only keeps its own side open, and the server's descriptors are checked instead.
ANSWERS = {
    "answers that are not read": Opening(LARGE * 60, read_size=0),
    "answers that are read by bytes": Opening(LARGE * 60, read_size=1),
    "an answer that is not read": Opening(LARGE, read_size=0, duration=1),
    "a last answer that is not read": Opening(
        LARGE * 59 + LARGE[:-2] + b"Connection: close\r\n\r\n", read_size=0
    ),
    "refused requests that are not read": Opening(
        (PING + b"\r\n") * 63 + b"\0\r\n", read_size=0, duration=1
    ),
}
OPENINGS = HEADS | BODIES | UPGRADES | SOCKETS | ANSWERS
OBSERVABLE = [name for name, opening in OPENINGS.items() if opening.duration >= _TIMEOUT]


class Client:
    """A client that behaves as an opening says.

    Args:
        server: the server to connect to.
        opening: the client's behaviour.
        address: the client's address, of the loopback network.
        secret: an API key.
        receive_buffer: bytes of the kernel's receive buffer; 0 for the default.
    """

    def __init__(
        self,
        server: DatelineServer,
        opening: Opening,
        address: str,
        secret: str,
        receive_buffer: int = 0,
    ) -> None:
        self._opening = opening
        self._socket = socket.socket()
        if opening.read_size < 2:
            receive_buffer = 4096
        if receive_buffer:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self._socket.bind((address, 0))
        self._socket.settimeout(_TIMEOUT)
        self._socket.connect(("127.0.0.1", server.port))
        self._socket.setblocking(False)
        host = server.url.removeprefix("http://").encode()
        self._unsent = opening.data.replace(b"SECRET", secret.encode()).replace(b"HOST", host)
        self.received = b""

    def begin(self) -> None:
        """Send the initial data."""
        self._send()
        if self._opening.half_closes:
            with suppress(OSError):
                self._socket.shutdown(socket.SHUT_WR)

    def run(self) -> bool:
        """Behave as the opening says.

        Returns:
            Whether the connection has ended.
        """
        deadline = time.monotonic() + self._opening.duration
        while time.monotonic() < deadline:
            if self._opening.read_size and self._receive():
                return True
            if self._opening.read_size < 2 and not self._is_open():
                return True
            if not self._unsent:
                self._unsent = self._opening.repeated
            self._send()
            time.sleep(self._opening.interval)
        return False

    def close(self) -> None:
        """Close the connection."""
        self._socket.close()

    def _send(self) -> None:
        with suppress(OSError):  # it has ended, or its send buffer is full
            self._unsent = self._unsent[self._socket.send(self._unsent) :]

    def _receive(self) -> bool:
        if not select.select([self._socket], [], [], 0)[0]:
            return False
        try:
            received = self._socket.recv(self._opening.read_size)
        except OSError:
            return True
        self.received += received
        return not received

    def _is_open(self) -> bool:
        info = self._socket.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)
        return bool(struct.unpack("B", info)[0] == _ESTABLISHED)
