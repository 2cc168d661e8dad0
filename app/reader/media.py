"""The files of pictures and videos, for every client that knows their address.

The bytes under a name never change, so browsers may cache a file for a year. Shared caches may keep
it only for a minute, since a retraction deletes it. A file is served with the type that the server
has stored, never with one that a browser would sniff, and a CSP disables everything in a file that
is opened by itself.
"""

from collections.abc import AsyncIterator

from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse

from app.access.roles import NotSignedIn
from app.media.errors import StorageUnavailable, UnknownFile
from app.media.sniff import TYPES
from app.media.storage.storage import StoredFile
from app.store.media import find_hiding
from app.timeline.errors import WithdrawnCoverage
from app.web.authentication import identify
from app.web.conditional import PRIVATE, known_etag, public_headers
from app.web.openapi.document import PUBLIC
from app.web.openapi.responses import Responses, refuses
from app.web.params import MediaName, MediaRef
from app.web.ranges import RangeNotSatisfiable, Span, parse_range
from app.web.services import Services, ServicesDep

routes = APIRouter(tags=["reading"])

_IMMUTABLE = "public, max-age=31536000, s-maxage=60, immutable"
_REVALIDATED = "public, no-cache"
_FILE_CSP = "default-src 'none'; sandbox"


_BYTES = {"content": {name: {"schema": {"type": "string"}} for name in TYPES.values()}}
_RESPONSES: Responses = {
    200: {"description": "The file.", **_BYTES},
    206: {"description": "The part of it that `Range` asks for.", **_BYTES},
    304: {"description": "The client's copy is current."},
}


@routes.get(
    "/media/{media_id}/{name}",
    operation_id="getMediaFile",
    response_class=Response,
    responses=_RESPONSES
    | refuses(UnknownFile, WithdrawnCoverage, NotSignedIn, RangeNotSatisfiable, StorageUnavailable),
    openapi_extra=PUBLIC,
)
async def get_file(
    request: Request,
    services: ServicesDep,
    media_id: MediaRef,
    name: MediaName,
) -> Response:
    """Return one file of a picture or video, or a part of it.

    What only withdrawn coverages have shown, only people and tools of the newsroom get.
    """
    async with services.store.reading() as session:
        hiding = await find_hiding(session, media_id)
    if hiding is not None:
        caller = await identify(request, services)
        if caller is None or not caller.may_somewhere("contributor"):
            raise WithdrawnCoverage(hiding.note)
    file, served, cache_control = await _find_file(services, media_id, name)
    if hiding is not None:
        cache_control = PRIVATE
    etag = f'"{served}"'
    headers = {
        **public_headers(etag, cache_control),
        "Accept-Ranges": "bytes",
        "Content-Security-Policy": _FILE_CSP,
        "Cross-Origin-Resource-Policy": "cross-origin",
    }
    if known_etag(request.headers.get("if-none-match", ""), [etag]):
        return Response(status_code=304, headers=headers)
    if_range = request.headers.get("if-range")
    range_header = request.headers.get("range") if if_range in {None, etag} else None
    span = parse_range(range_header, file.size)
    status = 200 if span is None else 206
    if span is not None:
        headers["Content-Range"] = f"bytes {span.start}-{span.stop - 1}/{file.size}"
    span = span or Span(0, file.size)
    headers["Content-Length"] = str(span.stop - span.start)
    media_type = TYPES[served.rpartition(".")[2]]
    if request.scope.get("head"):
        return Response(None, status, headers, media_type)
    # The first piece is read before the headers are sent: if a retraction has deleted the file
    # meanwhile, the response is an error and not a 200.
    pieces = file.read(span.start, span.stop)
    first = await anext(pieces, b"")
    return StreamingResponse(_chain(first, pieces), status, headers, media_type)


async def _find_file(services: Services, media_id: str, name: str) -> tuple[StoredFile, str, str]:
    """Find a file; return it with the name of the file actually served and its `Cache-Control`."""
    stem, _, suffix = name.rpartition(".")
    if suffix not in TYPES:
        raise UnknownFile("There is no such file.")
    library = services.media.library
    try:
        return await library.find(media_id, name), name, _IMMUTABLE
    except UnknownFile:
        if suffix != "avif":
            raise
        # The list of renditions has AVIF files from the beginning; they are made a little later.
        served = f"{stem}.webp"
        return await library.find(media_id, served), served, _REVALIDATED


async def _chain(first: bytes, pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for piece in pieces:
        yield piece
