"""Hostile openings: what a client may begin a connection with, and then do or leave undone."""

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
NAMED = READ + b"Idempotency-Key: a\r\n"
UPLOAD = (
    b"POST /v1/media HTTP/1.1\r\n" + HOST + b"Authorization: Bearer SECRET\r\n"
    b"Content-Type: multipart/form-data; boundary=a\r\nContent-Length: 100000\r\n\r\n"
)
LARGE = b"GET /openapi.json HTTP/1.1\r\n" + HOST + b"Accept-Encoding: identity\r\n\r\n"
PING = b"GET /healthz HTTP/1.1\r\n" + HOST
A_PING_FRAME = b"\x89\x80\0\0\0\0"
_ESTABLISHED = 1  # of the states of a connection that Linux knows
_PATIENCE = 60.0  # seconds for something that is sure to come


@dataclass(frozen=True)
class Opening:
    """What one client does.

    Args:
        said: at once.
        drip: again and again, until the connection is over.
        every: seconds between two drips, or two reads.
        reads: bytes that are read at a time; 0 reads nothing at all.
        hangs_up: whether the client closes its own side at once.
        lasts: seconds after which the client only holds on.
    """

    said: bytes = b""
    drip: bytes = b""
    every: float = 0.1
    reads: int = 65536
    hangs_up: bool = False
    lasts: float = _PATIENCE


HEADS = {
    "silence": Opening(),
    "a letter": Opening(b"G"),
    "half a line": Opening(b"GET / HT"),
    "half a field": Opening(PING + b"A: "),
    "half a field, and its own side closed": Opening(PING + b"A: ", hangs_up=True),
    "a head in drips": Opening(PING + b"A: ", b"b"),
    "fields in drips": Opening(PING, b"a: b\r\n"),
    "empty lines in drips": Opening(b"", b"\r\n"),
    "half of TLS": Opening(bytes.fromhex("16030102000100")),
    "HTTP/2": Opening(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    "a tunnel": Opening(b"CONNECT a.example:443 HTTP/1.1\r\n" + HOST + b"\r\n", b"x"),
    "a second head in drips": Opening(PING + b"\r\n" + PING + b"A: ", b"b"),
    "nothing behind an answer": Opening(PING + b"\r\n"),
    "nothing behind an answer, and its own side closed": Opening(PING + b"\r\n", hangs_up=True),
}
BODIES = {
    "no body": Opening(SIGN_IN + b"Content-Length: 50\r\n\r\n"),
    "no body, and its own side closed": Opening(
        SIGN_IN + b"Content-Length: 50\r\n\r\n", hangs_up=True
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
    "a digest's body in drips": Opening(NAMED + b"Content-Length: 1000\r\n\r\n", b"x"),
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
    "an upgrade before an answer": Opening(LARGE * 30 + SOCKET + b"\r\n", every=0.01),
    "an upgrade behind an answer": Opening(
        PING + b"\r\n" + SOCKET + b"A: " + b"b" * 9000 + b"\r\n\r\n"
    ),
}
SOCKETS = {
    "a socket with letters of no alphabet": Opening(SOCKET + b"A: \xff\xfe\r\n\r\n"),
    "a close frame that is not answered": Opening(SOCKET + b"\r\n"),
    "pings instead of an answer to a close frame": Opening(SOCKET + b"\r\n", A_PING_FRAME * 50),
    "pings that are not read": Opening(SOCKET + b"\r\n", A_PING_FRAME * 5000, reads=0),
    "frames that are none": Opening(SOCKET + b"\r\n", b"\xff" * 100),
    "frames that are none before the handshake": Opening(SOCKET + b"\r\n", b"\xff" * 100, every=0),
}
# Where the answers fit into the kernel, their client cannot see that the server has hung up: it
# only holds on, and the server's own descriptors tell.
ANSWERS = {
    "answers that are not read": Opening(LARGE * 60, reads=0),
    "answers that are read by bytes": Opening(LARGE * 60, reads=1),
    "an answer that is not read": Opening(LARGE, reads=0, lasts=1),
    "a last answer that is not read": Opening(
        LARGE * 59 + LARGE[:-2] + b"Connection: close\r\n\r\n", reads=0
    ),
    "refused requests that are not read": Opening(
        (PING + b"\r\n") * 63 + b"\0\r\n", reads=0, lasts=1
    ),
}
OPENINGS = HEADS | BODIES | UPGRADES | SOCKETS | ANSWERS
SEEN = [name for name, opening in OPENINGS.items() if opening.lasts >= _PATIENCE]


class Client:
    """A client that begins with an opening.

    Args:
        server: whom it speaks to.
        opening: what it does.
        address: of the loopback network, from which it comes.
        secret: an API key.
        buffer: bytes that its kernel reads ahead; 0 leaves that to the kernel.
    """

    def __init__(
        self,
        server: DatelineServer,
        opening: Opening,
        address: str,
        secret: str,
        buffer: int = 0,
    ) -> None:
        self._opening = opening
        self._socket = socket.socket()
        if opening.reads < 2:
            buffer = 4096
        if buffer:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        self._socket.bind((address, 0))
        self._socket.settimeout(_PATIENCE)
        self._socket.connect(("127.0.0.1", server.port))
        self._socket.setblocking(False)
        host = server.url.removeprefix("http://").encode()
        self._unsent = opening.said.replace(b"SECRET", secret.encode()).replace(b"HOST", host)
        self.heard = b""

    def begin(self) -> None:
        """Send what is said at once."""
        self._send()
        if self._opening.hangs_up:
            with suppress(OSError):
                self._socket.shutdown(socket.SHUT_WR)

    def go_on(self) -> bool:
        """Go on as the opening says.

        Returns:
            Whether the connection is over.
        """
        deadline = time.monotonic() + self._opening.lasts
        while time.monotonic() < deadline:
            if self._opening.reads and self._hear():
                return True
            if self._opening.reads < 2 and not self._is_open():
                return True
            if not self._unsent:
                self._unsent = self._opening.drip
            self._send()
            time.sleep(self._opening.every)
        return False

    def close(self) -> None:
        """Hang up."""
        self._socket.close()

    def _send(self) -> None:
        with suppress(OSError):  # it is over, or takes no more for now
            self._unsent = self._unsent[self._socket.send(self._unsent) :]

    def _hear(self) -> bool:
        if not select.select([self._socket], [], [], 0)[0]:
            return False
        try:
            heard = self._socket.recv(self._opening.reads)
        except OSError:
            return True
        self.heard += heard
        return not heard

    def _is_open(self) -> bool:
        info = self._socket.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)
        return bool(struct.unpack("B", info)[0] == _ESTABLISHED)
