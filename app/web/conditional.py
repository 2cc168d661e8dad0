"""Conditional requests: ETags, Cache-Control, `If-None-Match` and `If-Match`.

Everything public about a coverage changes only with an event, so the cursor of the journal's head
is the ETag of every answer that is computed from the journal.

All clients that accept gzip get the same bytes, under an ETag of their own. The client's condition
tells which of the two forms it holds, and a match of either is answered with 304.
"""

import asyncio
import hashlib
import re
import zlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from fastapi import Request, Response

from app import __version__
from app.timeline.coverage import Coverage
from app.timeline.cursor import Cursor
from app.timeline.entry import Entry
from app.web.accept import takes_gzip
from app.web.csp import POLICY, without_nonce
from app.web.openapi.headers import ENTITY_TAGS
from app.web.problems import InvalidQuery, PreconditionMissing

# One second in shared caches: a thousand simultaneous readers cost one request.
FRESH = "public, max-age=0, s-maxage=1, stale-while-revalidate=5"
FULL_PAGE = "public, max-age=60"
PRIVATE = "private, no-store"

# The scope's key for the source of an answer; present only if the response cache may store it.
SOURCE = "dateline.source"

_GZIP_LEVEL = 6
_GZIP_IN_LINE = 128 * 1024  # bytes that compress within milliseconds; longer bodies go to a thread
_TAG = re.compile(r'(?:W/)?"([^"]*)"')
_TAGS = re.compile(ENTITY_TAGS)
# The suffixes that compressing proxies add to a tag, one for each proxy on the way: Apache, Caddy
# and lighttpd `-gzip`, `-br`, `-zstd`; old Apaches `;gzip`; Jetty `--gzip`. At most four are
# matched: without a bound, a search in a 30 KB tag made of such suffixes takes seconds.
_CODING = re.compile(r"(?:(?:--?|;)(?:x-)?(?:gzip|br|zstd|deflate)){1,4}$")
_REVISION = re.compile(
    r"([1-9]\d{0,8})(?:-pinned|-retracted)?(?:-outdated\d{1,9}(?:-retracted)?)?", re.ASCII
)


def head_etag(*cursors: Cursor) -> str:
    """Return the ETag of an answer that this version computes from journals up to their heads."""
    return f'"{"+".join(map(str, cursors))}-{__version__}"'


def body_etag(body: bytes) -> str:
    """Return the ETag of these bytes, for answers that change without an event."""
    return f'"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'


def policy_etag(etag: str, policy: str) -> str:
    """Return the ETag of a page under a security policy, which changes without an event.

    The settings decide it. Without it in the ETag, a browser would keep the policy of former ones.
    """
    digest = hashlib.blake2b(without_nonce(policy).encode(), digest_size=4).hexdigest()
    return f'{etag[:-1]}-{digest}"'


def entry_etag(entry: Entry) -> str:
    """Return an entry's ETag, which contains its revision."""
    return f'"{entry.version}"'


@dataclass(slots=True)
class Source:
    """The journals that an answer was computed from: their heads at that time, by slug.

    There are none if the answer does not follow from journals alone.
    """

    heads: dict[str, Cursor] = field(default_factory=dict)


def depends_on(
    request: Request, coverage: Coverage, others: Mapping[str, Cursor] = MappingProxyType({})
) -> None:
    """Declare that the answer follows from journals up to their heads, and from nothing else.

    Args:
        request: the request.
        coverage: the coverage, read in the same transaction as the whole answer.
        others: the heads of other public coverages from which it follows, by slug.
    """
    source = request.scope.get(SOURCE)
    if isinstance(source, Source) and coverage.is_public:
        source.heads = {coverage.slug: coverage.cursor, **others}


def gzip_etag(etag: str) -> str:
    """Return the ETag of the compressed form of an answer."""
    return f'{etag[:-1]}-gzip"'


def plain_etag(etag: str) -> str:
    """Return the ETag of the uncompressed form of an answer."""
    return etag.removesuffix('-gzip"') + '"'


def known_etag(condition: str, etags: Sequence[str]) -> str | None:
    """Return which of these ETags a client holds, according to its `If-None-Match`.

    Tags are compared weakly, and without the suffixes that compressing proxies add.

    Args:
        condition: the header; empty without one.
        etags: the ETags of the answer's forms, first the one that would be sent.

    Returns:
        The first that matches; None if none does.
    """
    if condition.strip() == "*":
        return etags[0]
    tags = _TAG.findall(condition)
    exact = next((etag for etag in etags if etag.strip('"') in tags), None)
    if exact is not None or not tags:
        return exact
    uncoded = {_without_coding(tag) for tag in tags}
    return next((etag for etag in etags if _without_coding(etag.strip('"')) in uncoded), None)


def _without_coding(tag: str) -> str:
    return _CODING.sub("", tag)


def public_headers(etag: str, cache_control: str, *vary: str) -> dict[str, str]:
    """Return the caching headers of a public answer, for a 200 as for a 304.

    Args:
        etag: the answer's ETag.
        cache_control: the value of Cache-Control.
        vary: the request headers that select the answer, in the order of the Vary header.
    """
    headers = {"ETag": etag, "Cache-Control": cache_control}
    return headers | {"Vary": ", ".join(vary)} if vary else headers


def private_json(body: bytes, etag: str | None = None) -> Response:
    """Return a JSON response for the caller alone, which no cache may store.

    Args:
        body: the JSON.
        etag: the ETag of a resource that is changed with `If-Match`; None for any other.
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
    """Answer 304 if the client holds the answer; otherwise create and send the body.

    Args:
        request: the request.
        etag: the ETag of the uncompressed body, whatever its security policy.
        cache_control: the value of Cache-Control.
        body: creates the body; called only if it is sent.
        media_type: the body's media type.
        headers: further headers.
        compress: whether to compress for clients that accept gzip; not where the ETag is a
            revision, which `If-Match` names.
    """
    own = dict(headers or {})
    if POLICY in own:
        etag = policy_etag(etag, own[POLICY])
    vary = [own.pop("Vary")] if "Vary" in own else []
    if compress:
        vary.append("Accept-Encoding")
    known = public_headers(etag, cache_control, *vary) | own
    etags = [etag]
    if compress:
        etags = [etag, gzip_etag(etag)]
        if compress := takes_gzip(request.headers.get("accept-encoding", "")):
            etags.reverse()
    if matching := known_etag(request.headers.get("if-none-match", ""), etags):
        unchanged = {name: value for name, value in known.items() if name != POLICY}
        return Response(status_code=304, headers=unchanged | {"ETag": matching})
    content = await body()
    if compress:
        is_long = len(content) > _GZIP_IN_LINE
        content = await asyncio.to_thread(_deflate, content) if is_long else _deflate(content)
        known |= {"ETag": etags[0], "Content-Encoding": "gzip"}
    return Response(content, 200, known, media_type)


def _deflate(body: bytes) -> bytes:
    # The gzip header has no time, so equal answers are equal bytes.
    return zlib.compress(body, _GZIP_LEVEL, wbits=31)


def expected_revisions(request: Request, *, required: bool) -> frozenset[int] | None:
    """Return the revisions that `If-Match` names; None for `*` or without the header.

    This departs from RFC 9110, section 13.1.1, by which weak tags match nothing: compressing
    proxies make tags weak (nginx, HAProxy, Varnish) or add suffixes to them, and a revision names
    one whole state of the entry, however its bytes are encoded.

    Raises:
        PreconditionMissing: the header is required and missing.
        InvalidQuery: the header is neither `*` nor a list of entity tags.
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
