"""Writes over HTTP: convert a request to an operation, and its result to a response."""

import hashlib
import re
from http import HTTPStatus

from fastapi import Request, Response

from app.access.roles import Caller
from app.newsroom.idempotency import Idempotency
from app.newsroom.write import Operation, UnitOfWork, write
from app.newsroom.written import Thing, ThingKind, Written
from app.web.body_limit import payload_digest
from app.web.openapi.headers import REQUEST_NAME
from app.web.problems import InvalidQuery
from app.web.services import Services

_NAME = re.compile(REQUEST_NAME)
_ADDRESSES: dict[ThingKind, str] = {
    "coverage": "/v1/coverages/{0.id}",
    "entry": "/v1/coverages/{0.coverage}/entries/{0.id}",
    "draft": "/v1/coverages/{0.coverage}/drafts/{0.id}",
    "media": "/v1/media/{0.id}",
    "key": "/v1/keys/{0.id}",
    "invitation": "/v1/invitations/{0.id}",
    "template": "/v1/templates/{0.id}",
}


async def answer_write(
    request: Request, services: Services, caller: Caller, act: UnitOfWork
) -> Response:
    """Run a request's action, once for each idempotency key, and build the response.

    Raises:
        InvalidQuery, KeyReused, StillRunning, NotAllowed: as for `operation_of` and `write`.
    """
    return respond(await write(services, await operation_of(request, services, caller), act))


async def operation_of(request: Request, services: Services, caller: Caller) -> Operation:
    """Build the operation of a request from its route and its `Idempotency-Key`.

    The route's path parameters are the coverage (`slug`) and the thing that is changed. Do not call
    this in a transaction: it reads the request body if the route has not read it.

    Raises:
        InvalidQuery: the key has the wrong format.
        PayloadTooLarge: the body is longer than the limit.
    """
    params = dict(request.path_params)
    coverage = params.pop("slug", None)
    # PUT and DELETE of a pin share a path: the one must not get the stored response of the other.
    path: str = request.scope["path"]
    path = path if request.method == "POST" else f"{request.method} {path}"
    action = getattr(request.scope.get("route"), "operation_id", None) or path
    thing = "/".join(map(str, params.values())) or None
    key = request.headers.get("idempotency-key")
    if key is None:
        return Operation(caller, action, coverage, thing)
    if not _NAME.fullmatch(key):
        raise InvalidQuery([("/Idempotency-Key", "must be 1 to 255 printable ASCII characters")])
    digest = await payload_digest(request, services.limits.request)
    if query := request.scope.get("query_string", b""):
        digest = hashlib.sha256(digest + query).digest()
    return Operation(caller, action, coverage, thing, Idempotency(path, key, digest))


def respond(written: Written) -> Response:
    """Build the response: the thing, its revision as `ETag`, and `Location` if it is new."""
    headers = {"Cache-Control": "no-store"}
    if written.version is not None:
        headers["ETag"] = f'"{written.version}"'
    if written.is_new and written.thing is not None:
        headers["Location"] = address_of(written.thing)
    status = HTTPStatus.CREATED if written.is_new else HTTPStatus.OK
    return Response(written.body, status, headers, "application/json")


def address_of(thing: Thing) -> str:
    """Return the path of a thing in the API."""
    return _ADDRESSES[thing.kind].format(thing)
