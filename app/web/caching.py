"""What caches may keep, and conditions on what a client has already seen.

Everything public about a coverage changes only with an event, so the cursor of the journal's head
is the ETag of all that is computed from it.
"""

import hashlib
import re
from collections.abc import Awaitable, Callable

from fastapi import Request, Response

from app import __version__
from app.timeline.cursor import Cursor
from app.timeline.entry import Entry
from app.web.headers import ENTITY_TAGS
from app.web.problems import InvalidQuery, PreconditionMissing

# A second in shared caches: a thousand readers who come at once cost one request.
FRESH = "public, max-age=0, s-maxage=1, stale-while-revalidate=5"
FULL_PAGE = "public, max-age=60"
PRIVATE = "private, no-store"

_TAG = re.compile(r'(?:W/)?"([^"]*)"')
_TAGS = re.compile(ENTITY_TAGS)
# Weak tags name no revision: If-Match compares strongly (RFC 9110, section 13.1.1).
_REVISION = re.compile(r'(?<!W/)"([1-9]\d{0,8})(?:-pinned)?"', re.ASCII)


def head_etag(cursor: Cursor) -> str:
    """The ETag of what is computed from the journal up to its head, by this version."""
    return f'"{cursor}-{__version__}"'


def body_etag(body: bytes) -> str:
    """The ETag of these very bytes, for what changes without an event."""
    return f'"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'


def entry_etag(entry: Entry) -> str:
    """An entry's ETag: its revision, and what changes without one."""
    state = "-retracted" if entry.status == "retracted" else "-pinned" if entry.pinned else ""
    return f'"{entry.revision}{state}"'


def is_known(request: Request, etag: str) -> bool:
    """Whether the client has what this ETag names (`If-None-Match`, weak comparison)."""
    header = request.headers.get("if-none-match", "")
    return header.strip() == "*" or etag.strip('"') in _TAG.findall(header)


async def answer_if_changed(
    request: Request,
    etag: str,
    cache_control: str,
    body: Callable[[], Awaitable[bytes]],
    media_type: str = "application/json",
    headers: dict[str, str] | None = None,
) -> Response:
    """304 to a client that has it, else the body, which is made only then."""
    known = {"ETag": etag, "Cache-Control": cache_control, **(headers or {})}
    if is_known(request, etag):
        return Response(status_code=304, headers=known)
    return Response(await body(), 200, known, media_type)


def expected_revisions(request: Request, *, required: bool) -> frozenset[int] | None:
    """The revisions that the caller would change, from `If-Match`; None for `*` or no header.

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
    return frozenset(int(revision) for revision in _REVISION.findall(header))
