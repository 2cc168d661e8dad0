"""Upgrade offer: a WebSocket's handshake, before its connection has a protocol of its own.

Theory of operation. To create uvicorn's WebSocket protocol takes longer than to open a stream: it
parses the request a second time, and its objects are not needed once the hub has the connection. So
the application is first called with an offer, whose `handshake` answers it. If the application does
anything else, this call ends, the connection gets its protocol, and with that the application is
called again.

Source: RFC 6455, section 4.2.
"""

import asyncio
import logging
import re
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple, NoReturn, cast
from urllib.parse import unquote

from starlette.types import ASGIApp, Message, Scope
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from websockets.datastructures import Headers
from websockets.exceptions import InvalidHandshake
from websockets.extensions.permessage_deflate import PerMessageDeflate
from websockets.server import ServerProtocol
from websockets.utils import accept_key

from app.server.websocket_protocol import EXTENSIONS

_log = logging.getLogger(__name__)

_KEY = re.compile(rb"[A-Za-z0-9+/]{21}[AQgw]==")  # 16 bytes
_EXTENSIONS, _PROTOCOL = b"sec-websocket-extensions", b"sec-websocket-protocol"
_READ = frozenset(
    {b"upgrade", b"connection", b"sec-websocket-key", b"sec-websocket-version", _EXTENSIONS}
)
_LONGEST = 256  # bytes of offered extensions, whose answers are cached


class NotTaken(Exception):
    """The application treats an offer as a connection."""


class Handshake(NamedTuple):
    """The answer that accepts an upgrade, and the window bits of a client that compresses."""

    head: bytes
    deflate: int | None


class UpgradeOffer:
    """The request for an upgrade.

    Args:
        protocol: the protocol that has parsed the request. Its `app` is called.
        upgrade: gives the connection a protocol of its own.
    """

    def __init__(self, protocol: HttpToolsProtocol, upgrade: Callable[[], None]) -> None:
        self.protocol = protocol
        self._upgrade = upgrade
        self.is_over = False
        task = protocol.loop.create_task(self._make())
        protocol.tasks.add(task)
        task.add_done_callback(protocol.tasks.discard)

    def end(self) -> None:
        """End the offer: it is taken, or the connection is lost."""
        self.is_over = True

    def interrupt(self, data: bytes) -> bool:
        """Give the connection its protocol at once: the client does not wait for the answer.

        Returns:
            False if the offer is over.
        """
        if self.is_over:
            return False
        self.is_over = True
        self._upgrade()
        cast("asyncio.Protocol", self.protocol.transport.get_protocol()).data_received(data)
        return True

    async def receive(self) -> NoReturn:
        """Refuse to receive."""
        raise NotTaken

    async def send(self, _message: Message) -> NoReturn:
        """Refuse to send."""
        raise NotTaken

    def handshake(self, subprotocol: str | None) -> Handshake | None:
        """Return the answer to the request; None if the WebSocket library has to read it.

        Args:
            subprotocol: the subprotocol that is accepted; None for none.
        """
        fields: dict[bytes, bytes] = {}
        for name, value in self.protocol.headers:
            if name in _READ:
                if name in fields:
                    return None
                fields[name] = value
        key, offered = fields.get(b"sec-websocket-key", b""), fields.get(_EXTENSIONS, b"")
        is_usual = (
            self.protocol.scope["method"] == "GET"
            and fields.get(b"upgrade", b"").lower() == b"websocket"
            and b"upgrade" in map(bytes.strip, fields.get(b"connection", b"").lower().split(b","))
            and fields.get(b"sec-websocket-version") == b"13"
            and _KEY.fullmatch(key)
            and len(offered) <= _LONGEST
        )
        extensions = _negotiate(offered) if is_usual else None
        if extensions is None:
            return None
        answer, deflate = extensions
        lines = [
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n",
            b"Sec-WebSocket-Accept: %b\r\n" % accept_key(key.decode()).encode(),
            answer,
            *(b"%b: %b\r\n" % field for field in self.protocol.server_state.default_headers),
        ]
        if subprotocol:
            lines.append(b"Sec-WebSocket-Protocol: %b\r\n" % subprotocol.encode())
        return Handshake(b"".join([*lines, b"\r\n"]), deflate)

    async def _make(self) -> None:
        app: ASGIApp = self.protocol.app
        transport = self.protocol.transport
        try:
            await app(self._scope(), self.receive, self.send)
        except NotTaken:
            pass
        except asyncio.CancelledError:
            transport.close()
            raise
        except Exception:  # noqa: BLE001  the connection must not stay open
            _log.exception("the offer of a WebSocket has failed")
            if self.is_over:  # nobody else has the connection
                transport.abort()
        if not self.is_over:
            self.is_over = True
            self._upgrade()

    def _scope(self) -> Scope:
        path, _, query = self.protocol.url.partition(b"?")
        root = self.protocol.root_path
        offered = [value for name, value in self.protocol.headers if name == _PROTOCOL]
        return {
            **self.protocol.scope,
            "type": "websocket",
            "scheme": "wss" if self.protocol.scheme == "https" else "ws",
            "path": root + unquote(path.decode("latin-1")),
            "raw_path": root.encode("ascii") + path,
            "query_string": query,
            "subprotocols": [
                token.strip() for value in offered for token in value.decode("latin-1").split(",")
            ],
        }


@lru_cache(256)
def _negotiate(offered: bytes) -> tuple[bytes, int | None] | None:
    """Return the header line that accepts extensions and the client's window; None if invalid."""
    if not offered:
        return b"", None
    headers = Headers([("Sec-WebSocket-Extensions", offered.decode("latin-1"))])
    try:
        answer, accepted = ServerProtocol(extensions=EXTENSIONS).process_extensions(headers)
    except InvalidHandshake:
        return None
    deflate = next((each for each in accepted if isinstance(each, PerMessageDeflate)), None)
    line = b"Sec-WebSocket-Extensions: %b\r\n" % answer.encode() if answer else b""
    return line, deflate.remote_max_window_bits if deflate else None
