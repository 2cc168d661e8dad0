"""Response cache: repeats recent answers, byte for byte, without calling the application.

Theory of operation. An endpoint whose answer follows from the journals of coverages alone declares
that, with the heads that it read (`depends_on`); nearly all answers follow from one journal. This
middleware stores the answer as all the others left it, and repeats it as long as the hub knows that
the journals still end there (`head_of`). Because of that check, an answer is never older than what
this process has announced or been notified of. A change notification drops the stored answers of
its coverage at once, so that retracted words do not stay in memory.

A request for an answer that is being computed waits for it instead of computing another.

The cache bypasses requests with credentials or one of our cookies, streams, and all answers other
than a plain 200.
"""

import asyncio
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from urllib.parse import unquote_to_bytes

from starlette.applications import Starlette
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.hub.follower import Follower
from app.web.accept import LONGEST_CACHED, negotiate_stream
from app.web.conditional import SOURCE, Source, gzip_etag, known_etag, plain_etag
from app.web.response_store import ResponseStore, StoredResponse
from app.web.services import Services

Key = tuple[str, bytes, bool, bool]

_PAGES = "/coverages/"
_PREFIXES = ("/v1/coverages/", _PAGES)
_METHODS = frozenset({"GET", "HEAD"})
_NOTHING: Message = {"type": "http.response.body", "body": b""}
# Headers that a 304 omits. The security policy names a nonce, which the client's stored body holds.
_OF_THE_BODY = frozenset(
    {
        *(b"content-type", b"content-length", b"content-encoding"),
        *(b"content-security-policy", b"permissions-policy"),
    }
)
# The request headers that select an answer. A request that repeats one goes to the application.
_SELECTING = frozenset({b"accept", b"accept-encoding", b"if-none-match", b"origin", b"cookie"})
# Bytes of a query that is parsed here, where `web/rate_limits/loop_time.py` does not charge for it.
_LONGEST_QUERY = 1024


class ResponseCache:
    """A middleware that stores answers and repeats them.

    Args:
        following: the next application, which creates the answers.
        app: the whole application, which holds the services once they are open.
        capacity: bytes that all stored answers may take up; 0 stores none.
    """

    def __init__(self, following: ASGIApp, app: Starlette, capacity: int) -> None:
        self.response_store = ResponseStore(capacity)
        self._following = following
        self._app = app
        self._follower: Follower | None = None
        self._pending: dict[Key, asyncio.Future[None]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        parsed = _read(scope) if scope["type"] == "http" else None
        if parsed is None or (self._follower is None and not self._enter()):
            await self._following(scope, receive, send)
            return
        key, condition = parsed
        if key[1] and key[0].startswith(_PAGES):
            # With ignored parameters in the key, one page could be rendered and stored any number
            # of times.
            key = (key[0], self._app.state.query_parameters.known(key[0], key[1]), *key[2:])
        stored = self._find(key)
        if stored is None and (pending := self._pending.get(key)):
            await asyncio.wait({pending})
            stored = self._find(key)
        if stored is None and condition and not _may_wait(key):
            # A 304 cannot be stored: request the answer without the condition, and evaluate that
            # against the stored answer.
            headers = [(n, v) for n, v in scope["headers"] if n != b"if-none-match"]
            await self._compute(key, {**scope, "headers": headers}, _detached(receive), _drop)
            stored = self._find(key)
        if stored is None:
            await self._compute(key, scope, receive, send)
        elif condition and (unchanged := _unchanged(stored, condition)):
            await send(unchanged)
            await send(_NOTHING)
        else:
            await send(stored.start)
            await send(stored.body if scope["method"] == "GET" else _NOTHING)

    def _enter(self) -> bool:
        services: Services | None = getattr(self._app.state, "services", None)
        if not self.response_store.capacity:
            return False
        if services is not None:
            self._follower = services.hub.follower
            self._follower.on_head_change(self.response_store.drop)
        return services is not None

    def _find(self, key: Key) -> StoredResponse | None:
        stored = self.response_store.find(key)
        assert self._follower is not None
        if stored is None:
            return None
        for slug, head in stored.heads:
            # Identity, not equality: comparing two cursors takes longer than the rest of the
            # look-up.
            if self._follower.head_of(slug) is not head:
                return None
        return stored

    async def _compute(self, key: Key, scope: Scope, receive: Receive, send: Send) -> None:
        # The answer to a HEAD has no body to store.
        if scope["method"] == "HEAD":
            await self._following(scope, receive, send)
            return
        finished: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        if not _may_wait(key):
            self._pending.setdefault(key, finished)
        source = Source()

        def release() -> None:
            if not finished.done():
                finished.set_result(None)
            if self._pending.get(key) is finished:
                del self._pending[key]

        async def store(start: Message, body: Message) -> None:
            await self._store(key, source, start, body)

        try:
            recording = _Recording(send, source, store, release)
            await self._following({**scope, SOURCE: source}, receive, recording)
        finally:
            release()

    async def _store(self, key: Key, source: Source, start: Message, body: Message) -> None:
        assert self._follower is not None
        headers = dict(start["headers"])
        etag = headers.get(b"etag", b"").decode("latin-1")
        etags = [etag] if etag else []
        if etag and b"Accept-Encoding" in headers.get(b"vary", b""):
            is_gzip = b"content-encoding" in headers
            etags.append(plain_etag(etag) if is_gzip else gzip_etag(etag))
        for slug, head in source.heads.items():
            await self._follower.follow(slug, head)
        # Nothing is awaited between this check and `put`, so a later change notification finds the
        # stored answer and drops it.
        known = {slug: self._follower.head_of(slug) for slug in source.heads}
        heads = tuple((slug, head) for slug, head in known.items() if head is not None)
        if known == source.heads and etags:
            without_body = [(n, v) for n, v in start["headers"] if n not in _OF_THE_BODY]
            unchanged = {**start, "status": 304, "headers": without_body}
            encoded = tuple(each.encode("latin-1") for each in etags)
            response = StoredResponse(heads, encoded, start, body, unchanged)
            self.response_store.put(key, response)


class _Recording:
    """A `send` that delays a storable answer until it is complete and stored.

    Args:
        send: the server's `send`.
        source: the source of the answer, once the endpoint has declared it.
        store: stores the complete answer.
        release: wakes the requests that wait for the answer, whether it was stored or not; called
            before anything is sent, since a client that does not read delays `send`.
    """

    def __init__(
        self,
        send: Send,
        source: Source,
        store: Callable[[Message, Message], Awaitable[None]],
        release: Callable[[], None],
    ) -> None:
        self._send = send
        self._source = source
        self._store = store
        self._release = release
        self._start: Message | None = None

    async def __call__(self, message: Message) -> None:
        """Process one message of the answer."""
        if message["type"] == "http.response.start":
            if self._source.heads and message["status"] == HTTPStatus.OK:
                self._start = message
                return
        elif self._start is not None:
            start, self._start = self._start, None
            if not message.get("more_body"):
                await self._store(start, message)
            self._release()
            await self._send(start)
        self._release()
        await self._send(message)


def _read(scope: Scope) -> tuple[Key, bytes] | None:
    """Return a request's cache key and its `If-None-Match`; None if it bypasses the cache."""
    if scope["method"] not in _METHODS or not scope["path"].startswith(_PREFIXES):
        return None
    fields: list[tuple[bytes, bytes]] = scope["headers"]
    headers = dict(fields)
    # Foreign cookies, such as those of a counter or a banner, do not affect answers.
    if b"authorization" in headers or b"dateline_" in headers.get(b"cookie", b""):
        return None
    if len(headers) != len(fields):
        selecting = [name for name, _ in fields if name in _SELECTING]
        if len(selecting) != len(set(selecting)):
            return None
    accept, encoding = headers.get(b"accept", b""), headers.get(b"accept-encoding", b"")
    query: bytes = scope["query_string"]
    if len(accept) + len(encoding) > LONGEST_CACHED or len(query) > _LONGEST_QUERY:
        return None
    wants_stream, compressed = negotiate_stream(accept, encoding)
    if wants_stream:
        return None
    key = (scope["path"], query, compressed, b"origin" in headers)
    return key, headers.get(b"if-none-match", b"")


def _detached(receive: Receive) -> Receive:
    """Wrap `receive`, so that the server's connection cannot be taken over (`server/takeover.py`).

    An endpoint whose answer is not sent could otherwise write to that connection, or keep it.
    """

    async def receive_for_nobody() -> Message:
        return await receive()

    return receive_for_nobody


def _may_wait(key: Key) -> bool:
    """Return whether this may be a long-poll: nobody waits for its answer, nor is it made twice."""
    return b"wait" in unquote_to_bytes(key[1])


async def _drop(message: Message) -> None:
    """Discard a message."""


def _unchanged(stored: StoredResponse, condition: bytes) -> Message | None:
    """Return the start message of the 304; None if the client holds no form of the answer."""
    if condition == stored.etags[0]:
        return stored.unchanged
    etags = [etag.decode("latin-1") for etag in stored.etags]
    known = known_etag(condition.decode("latin-1"), etags)
    if known is None:
        return None
    etag = known.encode("latin-1")
    headers = [(n, etag if n == b"etag" else v) for n, v in stored.unchanged["headers"]]
    return {**stored.unchanged, "headers": headers}
