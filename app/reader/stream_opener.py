"""Stream opener: opens a reader's stream or WebSocket ahead of the application.

Theory of operation. When a process restarts, thousands of readers connect at once, nearly all with
the same plain request. This middleware recognises it: no credentials, a valid query, a coverage
whose journal the hub follows, a cursor close to its head, room within the limits. It takes the
connection from the server, and the hub writes to it. Every other request goes to the application,
so each refusal and each reset has one implementation.

The head of the response is the application's own too: the first stream of each kind goes through
all middlewares, and the fields that they leave are repeated for those that follow. The answer to a
WebSocket's handshake has no such fields.
"""

import re
from functools import lru_cache, partial
from http import HTTPStatus
from typing import NamedTuple, TypeVar

from starlette.applications import Starlette
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.formats.wires import Form, Wire, choose_wire
from app.hub.replay import resume_at
from app.reader.events import EventsQuery
from app.reader.socket import SocketQuery, choose_protocol
from app.reader.stream import FREE_EVENTS, transport_of
from app.server.takeover import is_offer, take_request, take_upgrade
from app.web.accept import LONGEST_CACHED, negotiate_stream
from app.web.authentication import OPERATOR
from app.web.problems import InvalidQuery
from app.web.query import parse_query
from app.web.query_parameters import declared_by_model
from app.web.rate_limits.loop_time import LoopShares
from app.web.rate_limits.stream_slot import Transport, admit_address
from app.web.security_headers import Fields
from app.web.services import Services

_PREFIX = "/v1/coverages/"
# The targets of requests that the server offers.
STREAM_TARGETS = re.compile(rb"/v1/coverages/[\w-]+/events(?:\?[!-\"$-~]*)?", re.ASCII)
_SOCKET: Transport = "websocket"
# By whether messages are compressed.
_SOCKET_WIRES = [
    choose_wire("websocket", compressed=deflated, framed=True) for deflated in (False, True)
]
_LONGEST_QUERY = 1024  # bytes of a query that may enter the cache of parsed queries
# Headers on which the answer depends; a request that repeats one goes to the application.
_READ = frozenset({b"accept", b"accept-encoding", b"last-event-id", b"origin", b"cookie"})
_CREDENTIALS = frozenset({b"authorization"})
_NOT_PLAIN = _CREDENTIALS | {b"content-length", b"transfer-encoding", b"upgrade"}

Query = TypeVar("Query", EventsQuery, SocketQuery)


class _Kind(NamedTuple):
    """What the head of a stream's response, and its wire format, depend on."""

    form: Form
    is_compressed: bool
    has_origin: bool


class _Plain(NamedTuple):
    """A plain request; `kind` is None for a WebSocket."""

    slug: str
    cursor: str | None
    kind: _Kind | None


class _Head(NamedTuple):
    """What the responses of one kind have in common; the wire format has its transfer framing."""

    fields: Fields
    wire: Wire
    transport: Transport


class StreamOpener:
    """A middleware that opens plain streams itself.

    Args:
        following: the next application.
        app: the whole application, which holds the services once they are open.
    """

    def __init__(self, following: ASGIApp, app: Starlette) -> None:
        self._following = following
        self._app = app
        self._shares: LoopShares = app.state.loop_shares
        self._heads: dict[_Kind, _Head] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if not is_offer(receive):
            learning = self._learning(scope, send)
            await self._following(scope, receive, learning)
            return
        plain = _read(scope) if scope["type"] == "http" else _read_upgrade(scope)
        common = self._heads.get(plain.kind) if plain and plain.kind else None
        if plain is None or (plain.kind and common is None):
            return  # the server calls the application again
        who = self._shares.key_of(scope)
        opening = partial(self._open, plain, common, scope, receive)
        if who is None:
            opening()
        elif not self._shares.wait(who):
            await self._shares.open(who, opening)

    def _learning(self, scope: Scope, send: Send) -> Send:
        """Return a `send` that learns the head of the answer, if none of its kind is known."""
        plain = _read(scope) if scope["type"] == "http" else None
        kind = plain.kind if plain else None
        if kind is None or kind in self._heads:
            return send

        async def send_and_learn(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] == HTTPStatus.OK:
                wire = choose_wire("sse", kind.form, compressed=kind.is_compressed, framed=True)
                self._heads[kind] = _Head(tuple(message["headers"]), wire, transport_of(wire))
            await send(message)

        return send_and_learn

    def _open(self, plain: _Plain, common: _Head | None, scope: Scope, receive: Receive) -> bool:
        """Open the stream; return whether it could be done."""
        services: Services = self._app.state.services
        hub, slug = services.hub, plain.slug
        head = hub.follower.head_of(slug)
        if head is None or not head.seq:  # the first event is the one that makes it public
            return False
        start = resume_at(plain.cursor, head, hub.config.replay_limit)
        if start.reset or head.seq - start.cursor.seq > FREE_EVENTS:
            return False
        address = client[0] if (client := scope["client"]) else None
        if not services.stream_limiter.has_room(address):
            return False
        if common is None:
            raw, transport = take_upgrade(receive, choose_protocol(scope)), _SOCKET
        else:
            raw, transport = take_request(receive, common.fields), common.transport
        if raw is None:
            return False
        slot = admit_address(services, address, transport)
        wire = common.wire if common else _SOCKET_WIRES[raw.deflate is not None]
        hub.connect(raw, slug, head, wire, start, slot.hand_over())
        return True


def _read(scope: Scope) -> _Plain | None:
    """Return what a plain request asks for; None if the application has to look at it."""
    slug = _slug_of(scope, "/events")
    if slug is None or scope["method"] != "GET" or scope["http_version"] != "1.1":
        return None
    headers = _read_headers(scope["headers"], _NOT_PLAIN)
    if headers is None:
        return None
    accept, encoding = headers.get(b"accept", b""), headers.get(b"accept-encoding", b"")
    if len(accept) + len(encoding) > LONGEST_CACHED:
        return None
    asked = _read_stream(accept, encoding, scope["query_string"], b"origin" in headers)
    if asked is None:
        return None
    cursor, kind = asked
    return _Plain(slug, headers.get(b"last-event-id", b"").decode("latin-1") or cursor, kind)


@lru_cache(1024)
def _read_stream(
    accept: bytes,
    encoding: bytes,
    query: bytes,
    has_origin: bool,
) -> tuple[str | None, _Kind] | None:
    """Return the cursor and the kind of stream that is asked for; None if there is none."""
    wants_stream, is_compressed = negotiate_stream(accept, encoding)
    asked = _read_query(EventsQuery, query) if wants_stream else None
    return asked and (asked.cursor, _Kind(asked.format, is_compressed, has_origin))


def _read_upgrade(scope: Scope) -> _Plain | None:
    """Return what a plain WebSocket asks for; None if the application has to look at it."""
    slug = _slug_of(scope, "/socket")
    headers = _read_headers(scope["headers"], _CREDENTIALS) if slug else None
    asked = None if headers is None else _read_query(SocketQuery, scope["query_string"])
    if slug is None or headers is None or asked is None:
        return None
    return _Plain(slug, headers.get(b"last-event-id", b"").decode("latin-1") or asked.cursor, None)


def _slug_of(scope: Scope, suffix: str) -> str | None:
    """Return the slug of a coverage's address with that suffix; None for other addresses."""
    path: str = scope["path"]
    if not path.endswith(suffix) or not path.startswith(_PREFIX):
        return None
    slug = path[len(_PREFIX) : -len(suffix)]
    is_short = len(scope["query_string"]) <= _LONGEST_QUERY
    return slug if slug and "/" not in slug and is_short and OPERATOR not in scope else None


def _read_headers(
    fields: list[tuple[bytes, bytes]], refused: frozenset[bytes]
) -> dict[bytes, bytes] | None:
    """Return the headers on which the answer depends; None if the request is not plain."""
    headers: dict[bytes, bytes] = {}
    for name, value in fields:
        if name in _READ:
            if name in headers:
                return None
            headers[name] = value
        elif name in refused:
            return None
    # Foreign cookies, such as those of a counter or a banner, do not affect answers.
    return None if b"dateline_" in headers.get(b"cookie", b"") else headers


@lru_cache(1024)
def _read_query(model: type[Query], query: bytes) -> Query | None:
    """Return what a query asks for; None if it is not valid."""
    try:
        declared_by_model(model).check(query)
        return parse_query(model, query)
    except InvalidQuery:
        return None
