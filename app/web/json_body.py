"""Request bodies: read whole and within a limit, as JSON, into a form that checks their shape.

A body is read before any transaction is opened: a client may send it as slowly as it likes, and
nobody else is to wait for that.

The form is asked for as a dependency and not as FastAPI's own body parameter, so that who may not
write is told so before what they sent is looked at, and JSON that is none is told from JSON of the
wrong shape.
"""

import asyncio
import hashlib
import json
import re
from collections.abc import Awaitable, Callable
from typing import Any, NoReturn, TypeVar

from fastapi import Request
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from app.web.body_memory import reservation_of
from app.web.problems import (
    InvalidPayload,
    NotJson,
    PayloadTooLarge,
    WrongMediaType,
    complaint,
    pointer,
)
from app.web.services import ServicesDep

Form = TypeVar("Form", bound=BaseModel)

_DIGESTED_IN_LINE = 1024 * 1024  # bytes whose SHA-256 takes a millisecond; more is for a thread
_MOST_VALUES = 2000  # of a document; a form has some hundreds
_MOST_ERRORS = 100  # that a problem names
_STRING = re.compile(rb'"(?:[^"\\]|\\.)*+(?:"|\Z)', re.DOTALL)


def is_json(request: Request) -> bool:
    """Whether a request says that its body is JSON."""
    return (
        request.headers.get("content-type", "").split(";")[0].strip().lower() == "application/json"
    )


async def read_body(request: Request, limit: int, media_types: tuple[str, ...]) -> bytes:
    """Read a body whole.

    Args:
        request: whose body.
        limit: bytes at most.
        media_types: what its Content-Type may be.

    Raises:
        WrongMediaType: it is of another type.
        PayloadTooLarge: it is longer.
        BodiesTooMany: too much is being sent at a time.
    """
    given = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if given not in media_types:
        raise WrongMediaType(f"Content-Type must be {' or '.join(media_types)}.")
    return await _read_whole(request, limit)


async def payload_digest(request: Request, limit: int) -> bytes:
    """The SHA-256 of a request's body, which is read here where the route has not read it yet.

    Not to be called in a transaction.

    Args:
        request: whose body; without one, of the empty body.
        limit: bytes at most of a body that no form has read.

    Raises:
        PayloadTooLarge: it is longer.
        BodiesTooMany: too much is being sent at a time.
    """
    payload: bytes | None = getattr(request.state, "payload", None)
    if payload is None:
        payload = await _read_whole(request, limit)
    if len(payload) > _DIGESTED_IN_LINE:
        return await asyncio.to_thread(_digest, payload)
    return _digest(payload)


def _digest(payload: bytes) -> bytes:
    return hashlib.sha256(payload).digest()


async def _read_whole(request: Request, limit: int) -> bytes:
    refusal = PayloadTooLarge(f"The body may have {limit} bytes at most.")
    announced = request.headers.get("content-length", "")
    length = int(announced) if announced.isdigit() else 0
    if length > limit:
        raise refusal
    reservation = reservation_of(request)
    reservation.check(limit, length)
    body = bytearray()
    async for piece in request.stream():
        reservation.take(limit, len(piece))
        body += piece
        if len(body) > limit:
            raise refusal
    request.state.payload = bytes(body)  # a stream is read once; the digest needs it again
    return bytes(body)


def json_body(form: type[Form]) -> Callable[[Request, ServicesDep], Awaitable[Form]]:
    """A dependency that reads the body into a form."""

    async def read(request: Request, services: ServicesDep) -> Form:
        body = await read_body(request, services.bounds.request, ("application/json",))
        return parse_form(form, body, services.bounds)

    return read


def parse_form(form: type[Form], body: bytes, context: Any) -> Form:
    """Check the shape of a JSON document.

    Raises:
        NotJson: it is none.
        InvalidPayload: it is of another shape; says where and what.
    """
    _check_values(body)
    try:
        return form.model_validate_json(body, context=context)
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False)
        if found[0]["type"] == "json_invalid":
            raise NotJson(f"The body is not JSON: {found[0]['msg']}.") from None
        # pydantic takes NaN and Infinity, which JSON does not know; no form has a place for them,
        # so they come by here. As floats, since Python refuses integers of too many digits.
        document = json.loads(body, parse_constant=_refuse_constant, parse_int=float)
        places = [(_place(document, e), complaint(e["msg"])) for e in found[:_MOST_ERRORS]]
        raise InvalidPayload(places) from None


def _check_values(body: bytes) -> None:
    # Each of half a million values of the wrong type would be an error of its own, and all of them
    # seconds of the loop. Commas in strings are part of what somebody writes.
    if body.count(b",") >= _MOST_VALUES and _STRING.sub(b"", body).count(b",") >= _MOST_VALUES:
        raise InvalidPayload([("", f"must have fewer than {_MOST_VALUES} values")])


def _refuse_constant(name: str) -> NoReturn:
    raise NotJson(f"The body is not JSON: {name} is no number of it.")


def _place(document: Any, error: ErrorDetails) -> str:
    # pydantic names the branches of a union too; a pointer has only what stands in the document,
    # and the name of what is missing there.
    steps: list[int | str] = []
    for step in error["loc"]:
        if _has(document, step):
            document = document[step]
            steps.append(step)
    if error["type"] == "missing":
        steps.append(error["loc"][-1])
    return pointer(steps)


def _has(document: Any, step: int | str) -> bool:
    if isinstance(document, list):
        return isinstance(step, int)
    return isinstance(document, dict) and step in document
