"""Problems: one table maps exceptions to RFC 9457 problem documents.

A refusal that is missing from the table is a defect, which a test detects.
"""

import logging
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import orjson
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from app.access.invitations import InvitationEnded, UnknownInvitation
from app.access.keys import UnknownKey
from app.access.passkey_errors import PasskeysUnavailable
from app.access.passkeys import UnknownPasskey
from app.access.passwords import TooManySignIns, WeakPassword
from app.access.people import EmailTaken, LastChief, UnknownPerson
from app.access.roles import NotAllowed, NotSignedIn
from app.formats.public_json import PublicJson, dump_json
from app.hub.hub import OverCapacity
from app.intake.text_types import validation_message
from app.media import errors as media
from app.store.idempotency import KeyReused, StillRunning
from app.store.templates import TooManyTemplates, UnknownTemplate
from app.timeline import errors
from app.timeline.change import StaleRevision
from app.web.methods import allowed_methods
from app.web.ranges import RangeNotSatisfiable
from app.web.rate_limits.too_many_requests import TooManyRequests
from app.web.security_headers import security_headers

_log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"


class InvalidPayload(Exception):
    """JSON of the wrong shape; each error has a place (RFC 6901 pointer) and a reason."""

    def __init__(self, errors: Sequence[tuple[str, str]]) -> None:
        super().__init__("; ".join(f"{at or 'the document'}: {detail}" for at, detail in errors))
        self.errors = [{"pointer": pointer, "detail": detail} for pointer, detail in errors]


class UnknownMedia(InvalidPayload):
    """The payload refers to media that do not exist."""


class InvalidQuery(InvalidPayload):
    """A query parameter or header has an invalid value."""


class InvalidDatetime(Exception):
    """The header `Accept-Datetime` is not a date of HTTP."""


class NotJson(Exception):
    """The body is not JSON."""


class NotMultipart(Exception):
    """The body is not the multipart form that its Content-Type declares, or is incomplete."""


class PayloadTooLarge(Exception):
    """The request's body is over the limit."""


class WrongMediaType(Exception):
    """The request's body is of a media type that this address does not accept."""


class PreconditionMissing(Exception):
    """The change requires the header `If-Match`."""


class NotHttp(Exception):
    """The data received is not a valid HTTP/1.1 request."""


class HeadTooLarge(Exception):
    """The request's target and header fields are over the limit."""


class RequestTooSlow(Exception):
    """The rest of the request did not arrive in time."""


class StoreUnavailable(Exception):
    """The database does not answer."""


@dataclass(frozen=True, slots=True)
class Kind:
    """The HTTP status, slug and title of a kind of refusal."""

    status: int
    slug: str
    title: str


KINDS: dict[type[Exception], Kind] = {
    errors.UnknownCoverage: Kind(404, "unknown-coverage", "Unknown coverage"),
    errors.WithdrawnCoverage: Kind(410, "withdrawn-coverage", "Withdrawn coverage"),
    errors.UnknownEntry: Kind(404, "unknown-entry", "Unknown entry"),
    errors.UnknownCursor: Kind(410, "unknown-cursor", "Unknown cursor"),
    errors.SlugTaken: Kind(409, "slug-taken", "Slug taken"),
    errors.CoveragePlanned: Kind(409, "coverage-planned", "Coverage not open yet"),
    errors.CoverageClosed: Kind(409, "coverage-closed", "Coverage closed"),
    errors.CoveragePublic: Kind(409, "coverage-public", "Coverage already public"),
    errors.EntryRetracted: Kind(409, "entry-retracted", "Entry retracted"),
    errors.EntryPublic: Kind(409, "entry-published", "Entry already published"),
    errors.EntrySubmitted: Kind(409, "entry-submitted", "Entry handed in"),
    errors.EntryNotSubmitted: Kind(409, "entry-not-submitted", "Entry not handed in"),
    errors.EntryScheduled: Kind(409, "entry-scheduled", "Entry scheduled"),
    errors.EntryNotRetracted: Kind(409, "entry-not-retracted", "Entry not retracted"),
    errors.WordsForgotten: Kind(410, "words-forgotten", "Words forgotten"),
    errors.EntryNotPublic: Kind(409, "entry-not-published", "Entry not published"),
    StaleRevision: Kind(412, "stale-revision", "Stale revision"),
    errors.UnknownStatement: Kind(422, "unknown-statement", "No such claim or figure"),
    errors.EditionsChanged: Kind(409, "editions-changed", "Editions changed"),
    errors.OriginalRetracted: Kind(409, "original-retracted", "Original retracted"),
    errors.TooManyAssessments: Kind(409, "too-many-assessments", "Too many assessments"),
    errors.EmptyEntry: Kind(422, "empty-entry", "Empty entry"),
    NotSignedIn: Kind(401, "not-signed-in", "Not signed in"),
    NotAllowed: Kind(403, "not-allowed", "Not allowed"),
    UnknownKey: Kind(404, "unknown-key", "Unknown key"),
    UnknownPerson: Kind(404, "unknown-person", "Unknown person"),
    UnknownInvitation: Kind(404, "unknown-invitation", "Unknown invitation"),
    UnknownPasskey: Kind(404, "unknown-passkey", "Unknown passkey"),
    UnknownTemplate: Kind(404, "unknown-template", "Unknown template"),
    TooManyTemplates: Kind(409, "too-many-templates", "Too many templates"),
    PasskeysUnavailable: Kind(409, "passkeys-unavailable", "Passkeys unavailable"),
    EmailTaken: Kind(409, "email-taken", "E-mail taken"),
    LastChief: Kind(409, "last-chief", "Last chief"),
    InvitationEnded: Kind(410, "invitation-ended", "Invitation ended"),
    WeakPassword: Kind(422, "weak-password", "Weak password"),
    TooManySignIns: Kind(503, "too-many-sign-ins", "Too many sign-ins"),
    OverCapacity: Kind(503, "over-capacity", "Over capacity"),
    InvalidPayload: Kind(422, "invalid-payload", "Invalid payload"),
    UnknownMedia: Kind(422, "unknown-media", "Unknown media"),
    InvalidQuery: Kind(422, "invalid-query", "Invalid query"),
    media.UnknownMediaId: Kind(404, "no-such-media", "No such media"),
    media.UnknownUpload: Kind(404, "no-such-upload", "No such upload"),
    media.UnknownFile: Kind(404, "no-such-file", "No such file"),
    media.UnknownType: Kind(415, "unknown-file-type", "Unknown type of file"),
    media.BrokenFile: Kind(422, "broken-file", "Broken file"),
    media.TooManyPixels: Kind(422, "too-many-pixels", "Too many pixels"),
    media.TooManyFrames: Kind(422, "too-many-frames", "Too many frames"),
    media.TooSlow: Kind(422, "too-slow-to-read", "Too slow to read"),
    media.VideoRefused: Kind(422, "video-refused", "Video refused"),
    media.StorageUnavailable: Kind(503, "media-unavailable", "Media unavailable"),
    media.WorkersBusy: Kind(503, "media-busy", "Too many uploads"),
    InvalidDatetime: Kind(400, "invalid-datetime", "Invalid datetime"),
    NotJson: Kind(400, "not-json", "Not JSON"),
    NotMultipart: Kind(400, "not-multipart", "Not a multipart form"),
    PayloadTooLarge: Kind(413, "payload-too-large", "Payload too large"),
    WrongMediaType: Kind(415, "wrong-media-type", "Wrong media type"),
    RangeNotSatisfiable: Kind(416, "range-not-satisfiable", "Range not satisfiable"),
    PreconditionMissing: Kind(428, "precondition-required", "Precondition required"),
    KeyReused: Kind(422, "idempotency-key-reused", "Idempotency key reused"),
    StillRunning: Kind(409, "request-in-progress", "Request in progress"),
    TooManyRequests: Kind(429, "too-many-requests", "Too many requests"),
    NotHttp: Kind(400, "not-http", "Not HTTP"),
    HeadTooLarge: Kind(431, "head-too-large", "Head too large"),
    RequestTooSlow: Kind(408, "request-too-slow", "Request too slow"),
    StoreUnavailable: Kind(503, "store-unavailable", "Store unavailable"),
}
_DEFECT = Kind(500, "internal-error", "Internal error")
_HTTP_SLUGS = {404: "not-found", 405: "method-not-allowed"}


def explain(refusal: type[Exception]) -> dict[str, Any]:
    """Return a kind's problem document, with the exception's docstring as its detail."""
    kind = KINDS[refusal]
    return {
        "type": f"/problems/{kind.slug}",
        "title": kind.title,
        "status": kind.status,
        "detail": " ".join((refusal.__doc__ or "").split()),
    }


def kind_of(error: Exception) -> Kind:
    """Return the kind of an error; an error outside the table is a defect."""
    if isinstance(error, HTTPException):
        phrase = HTTPStatus(error.status_code).phrase
        slug = _HTTP_SLUGS.get(error.status_code, phrase.lower().replace(" ", "-"))
        return Kind(error.status_code, slug, phrase)
    return next((KINDS[c] for c in type(error).__mro__ if c in KINDS), _DEFECT)


def problem(error: Exception, form: PublicJson | None = None) -> Response:
    """Return the response with the problem document for a refusal.

    Args:
        error: the refusal.
        form: encodes entries, for problems that show one; None shows none.
    """
    kind = kind_of(error)
    detail = str(error.detail) if isinstance(error, HTTPException) else str(error)
    document: dict[str, Any] = {
        "type": f"/problems/{kind.slug}",
        "title": kind.title,
        "status": kind.status,
        "detail": detail or kind.title,
    }
    if isinstance(error, errors.WithdrawnCoverage):
        document["note"] = error.note
    if isinstance(error, InvalidPayload):
        document["errors"] = error.errors
    if isinstance(error, errors.StatementError):
        document["errors"] = [{"pointer": error.pointer, "detail": str(error)}]
    if isinstance(error, errors.EmptyEntry):
        document["errors"] = [{"pointer": "", "detail": str(error)}]
    if isinstance(error, StaleRevision) and form is not None:
        # Only callers who may change the entry get this problem, so it discloses nothing to others.
        document["current"] = form.entry(error.current)
    return Response(dump_json(document), kind.status, _headers(error, kind), MEDIA_TYPE)


def _headers(error: Exception, kind: Kind) -> dict[str, str]:
    # Some problems bypass the middleware that adds these headers: defects and invalid requests.
    headers = {"Cache-Control": "no-store", **security_headers(MEDIA_TYPE, is_private=True)}
    if isinstance(error, HTTPException):
        headers |= dict(error.headers or {})
    if kind.status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = 'Bearer realm="Dateline"'
    if isinstance(error, RangeNotSatisfiable):
        headers["Content-Range"] = f"bytes */{error.size}"
    if isinstance(error, TooManyRequests):
        headers["Retry-After"] = str(error.seconds)
    elif kind.status == HTTPStatus.SERVICE_UNAVAILABLE:
        # Jitter, so that a thousand clients do not retry in the same second.
        headers["Retry-After"] = str(random.randint(2, 10))  # noqa: S311
    return headers


def install_problems(
    app: FastAPI,
    page: Callable[[Request, int, str, str | None], Response],
    notice: Callable[[Request, Exception], None],
) -> None:
    """Answer every refusal with a problem, or with a page if a browser requested one.

    Args:
        app: the application.
        page: renders a page from a refusal's status and detail, and the newsroom's note.
        notice: called with every refusal, for the audit.
    """

    async def refuse(request: Request, error: Exception) -> Response:
        notice(request, error)
        services = getattr(request.app.state, "services", None)
        response = problem(_recognise(error), services and services.form)
        if response.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
            response.headers["Allow"] = allowed_methods(request)
        is_api = request.url.path.startswith("/v1/")
        if is_api or "text/html" not in request.headers.get("accept", ""):
            return response
        document = orjson.loads(response.body)
        shown = page(request, response.status_code, document["detail"], document.get("note"))
        for name, value in response.headers.items():
            shown.headers.setdefault(name, value)
        return shown

    async def stay_quiet(request: Request, error: Exception) -> Response:  # noqa: ARG001
        return Response(status_code=400)  # the client has disconnected

    app.add_exception_handler(ClientDisconnect, stay_quiet)
    for refused in (*KINDS, HTTPException, RequestValidationError, SQLAlchemyError, Exception):
        app.add_exception_handler(refused, refuse)


def _recognise(error: Exception) -> Exception:
    """Return the refusal to answer with; a defect is logged, and its details are not disclosed."""
    if isinstance(error, RequestValidationError):
        errors = [(pointer(e["loc"][1:]), validation_message(e["msg"])) for e in error.errors()]
        return InvalidQuery(errors)
    if isinstance(error, SQLAlchemyError):
        _log.error("the database does not answer", exc_info=error)
        return StoreUnavailable("The database does not answer; nothing was stored.")
    if kind_of(error) is _DEFECT:
        _log.error("an unexpected error", exc_info=error)
        return RuntimeError("The server failed unexpectedly; nothing was stored.")
    return error


def pointer(location: Sequence[int | str]) -> str:
    """Return the JSON pointer (RFC 6901) to a place in a document."""
    return "".join(f"/{str(step).replace('~', '~0').replace('/', '~1')}" for step in location)
