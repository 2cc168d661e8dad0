"""Takeover: takes a client's connection from uvicorn, so that the hub writes to it directly.

To FastAPI and every middleware a stream is a response whose head is sent as any other's. Then this
module replaces the protocol on the transport, the endpoint returns, and its memory is freed. ASGI
has no message for this, so the connection is found through the `receive` that uvicorn passed. On
another server, behind a middleware that wraps `receive`, over TLS, or where the head was rewritten,
no connection is found, and the stream continues as plain ASGI: slower, but correct.

uvicorn is pinned to a minor version because of this module; a test checks the attributes it uses.
"""

import asyncio
from collections.abc import Callable
from functools import lru_cache
from http import HTTPStatus
from typing import Any, TypeVar

from starlette.types import Receive
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, RequestResponseCycle
from websockets.extensions.permessage_deflate import PerMessageDeflate

from app.hub.connection import Reason
from app.hub.long_poll_queue import PollAnswer
from app.hub.raw_connection import RawConnection, set_cork
from app.server.http10 import ENDLESS
from app.server.http_protocol import HttpProtocol
from app.server.offers import Offer, RequestOffer, UpgradeOffer
from app.server.websocket_protocol import SocketProtocol
from app.web.conditional import gzip_etag, known_etag
from app.web.open_response import is_followed
from app.web.security_headers import Fields

AnyOffer = TypeVar("AnyOffer", bound=Offer)


class _DetachedTransport:
    """Replaces the transport where uvicorn would close it after the endpoint has returned."""

    def close(self) -> None:
        """Do nothing: the hub owns the transport now."""


class _WakeEvent(asyncio.Event):
    """Replaces uvicorn's event that wakes a request's coroutine, which has returned already."""

    def __init__(self, callback: Callable[[], None]) -> None:
        super().__init__()
        self._callback = callback

    def set(self) -> None:
        """Call back: the connection is lost, or the client has sent its next request."""
        self._callback()


class HeldRequest:
    """A request whose coroutine has returned, and whose answer is written later.

    Args:
        cycle: uvicorn's request-response cycle.
        condition: the request's `If-None-Match`; empty without one.
        on_close: called with the reason when the request is over.
    """

    __slots__ = ("_condition", "_cycle", "_on_close", "_on_response")

    def __init__(
        self, cycle: RequestResponseCycle, condition: str, on_close: Callable[[Reason], None]
    ) -> None:
        self._cycle = cycle
        self._condition = condition
        self._on_close = on_close
        self._on_response = cycle.on_response
        cycle.disconnected = True  # lets its coroutine return; pipelined requests wait

    @property
    def is_disconnected(self) -> bool:
        """Whether the client has gone."""
        return self._cycle.transport.is_closing()

    def on_change(self, callback: Callable[[], None]) -> None:
        """Register a callback for when the client has gone or has sent its next request."""
        self._cycle.message_event = _WakeEvent(callback)

    def answer(self, answer: PollAnswer) -> None:
        """Send the whole answer, unless the client has gone."""
        if self.is_disconnected:
            self.drop()
            return
        cycle = self._cycle
        cycle.disconnected = False
        cycle.response_started = cycle.response_complete = True
        etags = [answer.etag, gzip_etag(answer.etag)]
        response = answer.not_modified if known_etag(self._condition, etags) else answer.page
        if not cycle.keep_alive:
            response = response.replace(b"\r\n", b"\r\nconnection: close\r\n", 1)
        cycle.transport.write(response)
        if not cycle.keep_alive:
            cycle.transport.close()
        self._on_response()
        self._on_close("answered")

    def drop(self) -> None:
        """Release the slot without an answer, and close the connection if it is still open."""
        self._on_close("client" if self.is_disconnected else "error")
        self._cycle.transport.close()


def can_hold(receive: Receive) -> bool:
    """Return whether a request can wait without its coroutine.

    It can if it has been received completely and no further request follows it.
    """
    cycle = getattr(receive, "__self__", None)
    return (
        isinstance(cycle, RequestResponseCycle)
        and not cycle.response_started
        and not cycle.disconnected
        and not cycle.more_body
        and not is_followed(receive)
    )


def hold(receive: Receive, condition: str, on_close: Callable[[Reason], None]) -> HeldRequest:
    """Hold a request; its endpoint has to return without an answer.

    Args:
        receive: the request's `receive`, for which `can_hold` was true, with nothing awaited since.
        condition: the request's `If-None-Match`; empty without one.
        on_close: called with the reason when the request is over.
    """
    cycle = getattr(receive, "__self__", None)
    assert isinstance(cycle, RequestResponseCycle)
    _release(cycle.transport.get_protocol())
    return HeldRequest(cycle, condition, on_close)


def cork_head(receive: Receive) -> None:
    """Cork the socket until takeover, so that the head and the first frame go as one packet.

    A head sent by itself would wake the client once more: a sixth of the cost of opening a stream.
    """
    _set_cork(receive, on=True)


def uncork(receive: Receive) -> None:
    """Uncork the socket, which sends what was held back."""
    _set_cork(receive, on=False)


def transport_below(receive: Receive) -> asyncio.BaseTransport | None:
    """Return the transport of a request's connection; None if the server is not ours."""
    cycle = getattr(receive, "__self__", None)
    return cycle.transport if isinstance(cycle, RequestResponseCycle) else None


def take_response(receive: Receive) -> RawConnection | None:
    """Take the connection of a response whose head has been sent; None if it cannot be taken.

    The body must be endless: in chunks, or for HTTP/1.0 without any framing (see `http10.py`).
    The connection ends with this response, so pipelined requests are not answered, and their client
    sends them again (RFC 9112, section 9.3.2).
    """
    cycle = getattr(receive, "__self__", None)
    if not isinstance(cycle, RequestResponseCycle) or not _is_plain(cycle.transport):
        return None
    transport = cycle.transport
    is_out = cycle.response_started and not cycle.response_complete and not cycle.disconnected
    is_endless = cycle.chunked_encoding or cycle.expected_content_length > ENDLESS // 2
    if not is_out or not is_endless or transport.is_closing():
        return None
    protocol: Any = transport.get_protocol()
    if cycle.flow.read_paused:
        transport.resume_reading()
    cycle.response_complete = True  # lets its coroutine return
    _let_go(protocol)
    is_chunked = bool(cycle.chunked_encoding)
    return RawConnection(transport, protocol.connections, is_chunked=is_chunked)


def take_request(receive: Receive, fields: Fields) -> RawConnection | None:
    """Take the connection of a request that is only offered yet; None if it cannot be taken.

    The head of the answer goes out with the first frame.

    Args:
        receive: the offer's `receive`.
        fields: the header fields of the answer, without those of the server.
    """
    offer = _open_offer(receive, RequestOffer)
    if offer is None:
        return None
    protocol = offer.protocol
    defaults = tuple(protocol.server_state.default_headers)
    head = _encode_head(defaults, fields, is_kept=offer.keep_alive)
    return _take(offer, head, is_chunked=True)


@lru_cache(64)
def _encode_head(defaults: Fields, fields: Fields, *, is_kept: bool) -> bytes:
    """Encode the head of a chunked answer as uvicorn does."""
    closing = () if is_kept else ((b"connection", b"close"),)
    lines = (*defaults, *fields, *closing, (b"transfer-encoding", b"chunked"))
    head = b"".join(b"%b: %b\r\n" % (name.lower(), value) for name, value in lines)
    return STATUS_LINE[HTTPStatus.OK] + head + b"\r\n"


def _let_go(protocol: Any) -> None:
    """Make a protocol of uvicorn forget its connection."""
    protocol.pipeline.clear()
    protocol._unset_keepalive_if_required()  # noqa: SLF001
    _release(protocol)
    protocol.connections.discard(protocol)
    # These objects refer to each other; together they take ten times the memory of a connection.
    protocol.cycle = protocol.parser = protocol.scope = protocol.headers = protocol.flow = None
    protocol._offer = protocol._answering = None  # noqa: SLF001


def take_upgrade(receive: Receive, subprotocol: str | None) -> RawConnection | None:
    """Take the connection of a WebSocket that is only offered yet; None if it cannot be taken.

    The answer to the handshake goes out with the first frame.

    Args:
        receive: the offer's `receive`.
        subprotocol: the subprotocol that is accepted; None for none.
    """
    offer = _open_offer(receive, UpgradeOffer)
    handshake = None if offer is None else offer.handshake(subprotocol)
    if offer is None or handshake is None:
        return None
    return _take(offer, handshake.head, is_websocket=True, deflate=handshake.deflate)


def _open_offer(receive: Receive, kind: type[AnyOffer]) -> AnyOffer | None:
    """Return a call's offer, if its connection can be written to."""
    offer = getattr(receive, "__self__", None)
    if not isinstance(offer, kind) or offer.is_over:
        return None
    transport: Any = offer.protocol.transport
    is_ready = not (transport.is_closing() or offer.protocol.flow.write_paused)
    return offer if is_ready and _is_plain(transport) else None


def _take(offer: Offer, head: bytes, **options: Any) -> RawConnection:
    offer.end()
    protocol = offer.protocol
    _let_go(protocol)
    return RawConnection(protocol.transport, protocol.connections, head, **options)


def take_socket(receive: Receive) -> RawConnection | None:
    """Take the connection of an accepted WebSocket; None if it cannot be taken."""
    server = getattr(receive, "__self__", None)
    if not isinstance(server, SocketProtocol) or not _is_plain(server.transport):
        return None
    protocol: Any = server
    transport, conn = protocol.transport, protocol.conn
    if protocol.close_sent or protocol.disconnected or transport.is_closing():
        return None
    protocol.stop_keepalive()
    protocol.lift_limits()
    protocol.connections.discard(protocol)
    if protocol.read_paused:
        transport.resume_reading()
    extension = next((e for e in conn.extensions if isinstance(e, PerMessageDeflate)), None)
    connection = RawConnection(
        transport,
        protocol.connections,
        is_websocket=True,
        deflate=extension.remote_max_window_bits if extension else None,
        parser=conn if protocol.has_received else None,
    )
    protocol.transport = _DetachedTransport()
    protocol.conn = protocol.queue = protocol.request = protocol.response = protocol.scope = None
    return connection


def _release(protocol: object) -> None:
    """Stop counting the connection as a plain one: it is counted as a stream."""
    if isinstance(protocol, HttpProtocol):
        protocol.release()


def _is_plain(transport: Any) -> bool:
    # The hub writes to the file descriptor, which would bypass TLS.
    return transport.get_extra_info("sslcontext") is None


def _set_cork(receive: Receive, *, on: bool) -> None:
    server = getattr(receive, "__self__", None)
    if isinstance(server, (RequestResponseCycle, SocketProtocol)):
        transport = server.transport
        if not isinstance(transport, _DetachedTransport) and not transport.is_closing():
            set_cork(transport, on=on)


def is_offer(receive: Receive) -> bool:
    """Return whether an application is called with an offer."""
    return isinstance(getattr(receive, "__self__", None), Offer)
