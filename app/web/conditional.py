"""What caches may keep, and conditions on what a client has already seen.

Everything public about a coverage changes only with an event, so the cursor of the journal's head
is the ETag of all that is computed from it.

An answer is the same bytes for whoever takes gzip, under an ETag of its own; of which of the two a
client holds, its condition tells, and either is answered with a 304.
"""

import asyncio
import hashlib
import re
import zlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from fastapi import Request, Response

from app import __version__
from app.timeline.coverage import Coverage
from app.timeline.cursor import Cursor
from app.timeline.entry import Entry
from app.web.accept import takes_gzip
from app.web.csp import POLICY
from app.web.openapi.headers import ENTITY_TAGS
from app.web.problems import InvalidQuery, PreconditionMissing

# A second in shared caches: a thousand readers who come at once cost one request.
FRESH = "public, max-age=0, s-maxage=1, stale-while-revalidate=5"
FULL_PAGE = "public, max-age=60"
PRIVATE = "private, no-store"

# Where an answer's maker says what it is made of; there only if somebody would keep the answer.
SOURCE = "dateline.source"

_GZIP_LEVEL = 6
_GZIP_IN_LINE = 128 * 1024  # bytes that are compressed in some milliseconds; more is for a thread
_TAG = re.compile(r'(?:W/)?"([^"]*)"')
_TAGS = re.compile(ENTITY_TAGS)
# What proxies that compress add to a tag, once for each of them on the way: Apache, Caddy and
# lighttpd `-gzip`, `-br`, `-zstd`; old Apaches `;gzip`; Jetty `--gzip`. Four at most are looked
# for: without a bound, the search takes seconds in a tag of 30 KB that is made of them.
_CODING = re.compile(r"(?:(?:--?|;)(?:x-)?(?:gzip|br|zstd|deflate)){1,4}$")
_REVISION = re.compile(r"([1-9]\d{0,8})(?:-pinned|-retracted)?", re.ASCII)


def head_etag(cursor: Cursor) -> str:
    """The ETag of what is computed from the journal up to its head, by this version."""
    return f'"{cursor}-{__version__}"'


def body_etag(body: bytes) -> str:
    """The ETag of these very bytes, for what changes without an event."""
    return f'"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'


def entry_etag(entry: Entry) -> str:
    """An entry's ETag."""
    return f'"{entry.version}"'


@dataclass(slots=True)
class Source:
    """The journal that an answer was made of, and its head as read with it; None of no one."""

    slug: str = ""
    head: Cursor | None = None


def depends_on(request: Request, coverage: Coverage) -> None:
    """Say that the answer follows from a coverage's journal up to its head, and nothing else.

    Args:
        request: what is answered.
        coverage: as read in the transaction that the whole answer was read in.
    """
    source = request.scope.get(SOURCE)
    if isinstance(source, Source) and coverage.is_public:
        source.slug, source.head = coverage.slug, coverage.cursor


def gzip_etag(etag: str) -> str:
    """The ETag of the same answer, compressed."""
    return f'{etag[:-1]}-gzip"'


def plain_etag(etag: str) -> str:
    """The ETag of the same answer, not compressed."""
    return etag.removesuffix('-gzip"') + '"'


def known_etag(condition: str, etags: Sequence[str]) -> str | None:
    """Which of these ETags a client has by its `If-None-Match`.

    Compared weakly, and without what proxies that compress add.

    Args:
        condition: the header; empty without one.
        etags: of the answer in its forms, first the one that would be sent.

    Returns:
        The first that it has; None if it has none of them.
    """
    if condition.strip() == "*":
        return etags[0]
    held = _TAG.findall(condition)
    exact = next((etag for etag in etags if etag.strip('"') in held), None)
    if exact is not None or not held:
        return exact
    encoded = {_without_coding(tag) for tag in held}
    return next((etag for etag in etags if _without_coding(etag.strip('"')) in encoded), None)


def _without_coding(tag: str) -> str:
    return _CODING.sub("", tag)


def public_headers(etag: str, cache_control: str, *vary: str) -> dict[str, str]:
    """What a public answer tells caches, be it a 200 or a 304.

    Args:
        etag: of the answer.
        cache_control: what caches may do.
        vary: the request headers that the answer differs by, in the order in which they are named.
    """
    headers = {"ETag": etag, "Cache-Control": cache_control}
    return headers | {"Vary": ", ".join(vary)} if vary else headers


def private_json(body: bytes, etag: str | None = None) -> Response:
    """JSON for the caller alone, which nobody keeps.

    Args:
        body: the JSON.
        etag: of what is changed with `If-Match`; None of anything else.
    """
    headers = {"Cache-Control": PRIVATE}
    if etag is not None:
        headers["ETag"] = etag
    return Response(body, 200, headers, "application/json")


async def answer_if_changed(
    request: Request,
    etag: str,
    cache_control: str,
    body: Callable[[], Awaitable[bytes]],
    media_type: str = "application/json",
    headers: dict[str, str] | None = None,
    *,
    compress: bool = True,
) -> Response:
    """304 to a client that has it, else the body, which is made only then.

    Args:
        request: what is answered.
        etag: of the body as it is.
        cache_control: what caches may do.
        body: makes it.
        media_type: its type.
        headers: further ones.
        compress: for those who take it; not where the ETag is a revision, which `If-Match` names.
    """
    own = dict(headers or {})
    vary = [own.pop("Vary")] if "Vary" in own else []
    if compress:
        vary.append("Accept-Encoding")
    known = public_headers(etag, cache_control, *vary) | own
    etags = [etag]
    if compress:
        etags = [etag, gzip_etag(etag)]
        if compress := takes_gzip(request.headers.get("accept-encoding", "")):
            etags.reverse()
    if held := known_etag(request.headers.get("if-none-match", ""), etags):
        unchanged = {name: value for name, value in known.items() if name != POLICY}
        return Response(status_code=304, headers=unchanged | {"ETag": held})
    content = await body()
    if compress:
        content = await _gzip(content)
        known |= {"ETag": etags[0], "Content-Encoding": "gzip"}
    return Response(content, 200, known, media_type)


async def _gzip(body: bytes) -> bytes:
    if len(body) > _GZIP_IN_LINE:
        return await asyncio.to_thread(_deflate, body)
    return _deflate(body)


def _deflate(body: bytes) -> bytes:
    # A gzip header without a time: the same answer is the same bytes.
    return zlib.compress(body, _GZIP_LEVEL, wbits=31)


def expected_revisions(request: Request, *, required: bool) -> frozenset[int] | None:
    """The revisions that the caller would change, from `If-Match`; None for `*` or no header.

    A departure from RFC 9110, section 13.1.1, which has weak tags match nothing: proxies that
    compress make tags weak (nginx, HAProxy, Varnish) or add to them, and a revision is one whole
    state of the entry however its bytes are written.

    Raises:
        PreconditionMissing: the header is required and missing.
        InvalidQuery: it is neither `*` nor entity tags of a revision.
    """
    header = request.headers.get("if-match")
    if header is None:
        if required:
            raise PreconditionMissing('Send If-Match with the "REVISION" that you change, or *.')
        return None
    if header.strip() == "*":
        return None
    if not _TAGS.fullmatch(header.strip()):
        raise InvalidQuery([("/If-Match", 'must be "REVISION" or *')])
    revisions = (_REVISION.fullmatch(_without_coding(tag)) for tag in _TAG.findall(header))
    return frozenset(int(revision[1]) for revision in revisions if revision)
