"""Offers: requests that the application is called with before uvicorn has prepared for an answer.

Theory of operation. For a request uvicorn creates a cycle and a task, for a WebSocket a protocol
that parses the request a second time. Both take longer than to open a stream, and neither is needed
once the hub has the connection. So the application is first called with an offer, from which it can
take the connection. If it does anything else, this call ends, uvicorn prepares as ever, and the
application is called again.

The call with an offer has no task of its own, since most end without waiting for anything: the
protocol runs the coroutine, and what it waits for runs the rest.

Source: RFC 6455, section 4.2, for the answer to a WebSocket's handshake.
"""

import asyncio
import logging
import re
from collections.abc import Callable, Coroutine
from functools import lru_cache
from typing import Any, NamedTuple, NoReturn, cast
from urllib.parse import unquote

from starlette.types import ASGIApp, Message, Scope
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from websockets.datastructures import Headers
from websockets.exceptions import InvalidHandshake
from websockets.extensions.permessage_deflate import PerMessageDeflate
from websockets.server import ServerProtocol
from websockets.utils import accept_key

from app.server.request_head import accepts_stream, has_body
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


class Offer:
    """A request, and its connection that the application can take.

    Args:
        protocol: the protocol that has parsed the request. Its `app` is called.
        decline: has uvicorn prepare for an answer; called once, unless the connection is taken or
            lost.
    """

    def __init__(self, protocol: HttpToolsProtocol, decline: Callable[[], None]) -> None:
        self.protocol = protocol
        self.is_over = False
        self._decline = decline
        self._call: Coroutine[Any, Any, None] | None = None

    def make(self) -> bool:
        """Call the application.

        Returns:
            Whether the offer is open still: the application waits for something.
        """
        app = cast("ASGIApp", self.protocol.app)
        self._call = cast("Coroutine[Any, Any, None]", app(self.scope(), self.receive, self.send))
        self._step()
        return not self.is_over

    def end(self) -> None:
        """End the offer: it is taken, or the connection is lost."""
        self.is_over = True

    def decline(self) -> None:
        """Have uvicorn prepare for an answer, unless the offer is over."""
        if not self.is_over:
            self.is_over = True
            self._decline()

    def interrupt(self, data: bytes) -> bool:
        """Decline at once: the client has sent more, and does not wait for the answer.

        Returns:
            Whether the data has been passed on to another protocol.
        """
        transport = self.protocol.transport
        self.decline()
        following = transport.get_protocol()
        if following is self.protocol:
            return False
        cast("asyncio.Protocol", following).data_received(data)
        return True

    async def receive(self) -> NoReturn:
        """Refuse to receive."""
        raise NotTaken

    async def send(self, _message: Message) -> NoReturn:
        """Refuse to send."""
        raise NotTaken

    def scope(self) -> Scope:
        """Return the ASGI scope of the call."""
        raise NotImplementedError

    def _step(self, _waited: object = None) -> None:
        """Run the call until it waits again."""
        assert self._call
        try:
            waited = self._call.send(None)
        except (StopIteration, NotTaken):
            self.decline()
        except (Exception, asyncio.CancelledError):  # noqa: BLE001  the connection must not stay open
            _log.exception("a call with an offer has failed")
            if self.is_over:  # nobody else has the connection
                self.protocol.transport.abort()
            self.decline()
        else:
            if waited is None:  # it lets others run
                self.protocol.loop.call_soon(self._step)
                return
            waited._asyncio_future_blocking = False  # noqa: SLF001  as a task does
            waited.add_done_callback(self._step)


class RequestOffer(Offer):
    """A GET request that has been received completely.

    Args:
        protocol: the protocol that has parsed the request. Its `app` is called.
    """

    def __init__(self, protocol: HttpToolsProtocol) -> None:
        super().__init__(protocol, self._begin_cycle)
        self.keep_alive: bool = protocol.parser.should_keep_alive()  # which it soon forgets

    def _begin_cycle(self) -> None:
        HttpToolsProtocol.on_headers_complete(self.protocol)
        self.protocol.cycle.keep_alive = self.keep_alive
        HttpToolsProtocol.on_message_complete(self.protocol)

    def scope(self) -> Scope:
        """Return the ASGI scope, as uvicorn will for the request's cycle."""
        return {**self.protocol.scope, "method": "GET", **_target_of(self.protocol)}


def is_offered(protocol: HttpToolsProtocol) -> bool:
    """Return whether the application takes offers of requests such as the one just parsed.

    Its `offered_targets` match the targets of the requests that it takes.

    A request that accepts no server-sent events, is logged, has a body, asks for an upgrade, waits
    for `100 Continue` or for the answer to another one is left to uvicorn.
    """
    targets: re.Pattern[bytes] | None = getattr(protocol.app, "offered_targets", None)
    parser, cycle = protocol.parser, protocol.cycle
    return bool(
        targets
        and targets.fullmatch(protocol.url)
        and accepts_stream(protocol.headers)
        and not parser.should_upgrade()
        and parser.get_method() == b"GET"
        and parser.get_http_version() == "1.1"
        and (cycle is None or (cycle.response_complete and not protocol.pipeline))
        and not (protocol.expect_100_continue or has_body(protocol.headers))
        and not (protocol.access_log and protocol.access_logger.isEnabledFor(logging.INFO))
    )


class UpgradeOffer(Offer):
    """A request for an upgrade to a WebSocket.

    Args:
        protocol: the protocol that has parsed the request. Its `app` is called.
        decline: gives the connection a protocol of its own.
    """

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

    def scope(self) -> Scope:
        """Return the ASGI scope, as uvicorn will for the connection's own protocol."""
        offered = [value for name, value in self.protocol.headers if name == _PROTOCOL]
        return {
            **self.protocol.scope,
            **_target_of(self.protocol),
            "type": "websocket",
            "scheme": "wss" if self.protocol.scheme == "https" else "ws",
            "subprotocols": [
                token.strip() for value in offered for token in value.decode("latin-1").split(",")
            ],
        }


def _target_of(protocol: HttpToolsProtocol) -> Scope:
    path, _, query = protocol.url.partition(b"?")
    root = protocol.root_path
    return {
        "path": root + unquote(path.decode("latin-1")),
        "raw_path": root.encode("ascii") + path,
        "query_string": query,
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
