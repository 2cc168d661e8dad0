"""Stream opener: opens a reader's stream ahead of the application, which costs a fraction.

Theory of operation. When a process restarts, thousands of readers connect at once, nearly all with
the same plain request. This middleware recognises it: no credentials, a valid query, a coverage
whose journal the hub follows, a cursor close to its head, room within the limits. It takes the
connection from the server, and the hub writes to it. Every other request goes to the application,
so each refusal and each reset has one implementation.

The head of the response is the application's own too: the first stream of each kind goes through
all middlewares, and the fields that they leave are repeated for those that follow.
"""

from functools import lru_cache, partial
from http import HTTPStatus
from typing import NamedTuple

from starlette.applications import Starlette
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.formats.wires import Form, Wire, choose_wire
from app.hub.replay import resume_at
from app.reader.events import EventsQuery
from app.reader.stream import FREE_EVENTS, transport_of
from app.server.takeover import take_request
from app.web.accept import LONGEST_CACHED, negotiate_stream
from app.web.authentication import OPERATOR
from app.web.problems import InvalidQuery
from app.web.query import parse_query
from app.web.query_parameters import declared_by_model
from app.web.rate_limits.loop_time import LoopShares
from app.web.rate_limits.stream_slot import Transport, admit_address
from app.web.security_headers import Fields
from app.web.services import Services

_PREFIX, _SUFFIX = "/v1/coverages/", "/events"
_LONGEST_QUERY = 1024  # bytes of a query that may enter the cache of parsed queries
# Headers on which the answer depends; a request that repeats one goes to the application.
_READ = frozenset({b"accept", b"accept-encoding", b"last-event-id", b"origin", b"cookie"})
_NOT_PLAIN = frozenset({b"authorization", b"content-length", b"transfer-encoding", b"upgrade"})


class _Kind(NamedTuple):
    """What the head of a stream's response, and its wire format, depend on."""

    form: Form
    is_compressed: bool
    has_origin: bool


class _Plain(NamedTuple):
    """A plain request."""

    slug: str
    cursor: str | None
    kind: _Kind


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
        plain = _read(scope) if scope["type"] == "http" else None
        if plain is None:
            await self._following(scope, receive, send)
            return
        head = self._heads.get(plain.kind)
        if head is None:
            await self._following(scope, receive, self._learning(plain.kind, send))
            return
        who, opening = self._shares.key_of(scope), partial(self._open, plain, head, scope, receive)
        if who is None:
            is_open = opening()
        else:
            is_open = not self._shares.wait(who) and await self._shares.run(who, opening)
        if not is_open:
            await self._following(scope, receive, send)

    def _learning(self, kind: _Kind, send: Send) -> Send:
        async def send_and_learn(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] == HTTPStatus.OK:
                wire = choose_wire("sse", kind.form, compressed=kind.is_compressed, framed=True)
                self._heads[kind] = _Head(tuple(message["headers"]), wire, transport_of(wire))
            await send(message)

        return send_and_learn

    def _open(self, plain: _Plain, common: _Head, scope: Scope, receive: Receive) -> bool:
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
        raw = take_request(receive, common.fields)
        if raw is None:
            return False
        slot = admit_address(services, address, common.transport)
        hub.connect(raw, slug, head, common.wire, start, slot.hand_over())
        return True


def _read(scope: Scope) -> _Plain | None:
    """Return what a plain request asks for; None if the application has to look at it."""
    path: str = scope["path"]
    if not path.endswith(_SUFFIX) or not path.startswith(_PREFIX) or scope["method"] != "GET":
        return None
    slug = path[len(_PREFIX) : -len(_SUFFIX)]
    query: bytes = scope["query_string"]
    headers = _read_headers(scope["headers"])
    is_plain = slug and "/" not in slug and scope["http_version"] == "1.1" and OPERATOR not in scope
    if not is_plain or headers is None or len(query) > _LONGEST_QUERY:
        return None
    accept, encoding = headers.get(b"accept", b""), headers.get(b"accept-encoding", b"")
    if len(accept) + len(encoding) > LONGEST_CACHED:
        return None
    wants_stream, is_compressed = negotiate_stream(accept, encoding)
    asked = _read_query(query) if wants_stream else None
    if asked is None:
        return None
    cursor = headers.get(b"last-event-id", b"").decode("latin-1") or asked[0]
    return _Plain(slug, cursor, _Kind(asked[1], is_compressed, b"origin" in headers))


def _read_headers(fields: list[tuple[bytes, bytes]]) -> dict[bytes, bytes] | None:
    """Return the headers on which the answer depends; None if the request is not plain."""
    headers: dict[bytes, bytes] = {}
    for name, value in fields:
        if name in _READ:
            if name in headers:
                return None
            headers[name] = value
        elif name in _NOT_PLAIN:
            return None
    # Foreign cookies, such as those of a counter or a banner, do not affect answers.
    return None if b"dateline_" in headers.get(b"cookie", b"") else headers


@lru_cache(1024)
def _read_query(query: bytes) -> tuple[str | None, Form] | None:
    """Return the cursor and the form that a query asks for; None if it is not valid."""
    try:
        declared_by_model(EventsQuery).check(query)
        parsed = parse_query(EventsQuery, query)
    except InvalidQuery:
        return None
    return parsed.cursor, parsed.format
