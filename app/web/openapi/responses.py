"""Responses of routes in the OpenAPI document: answers and refusals.

Each route declares its possible refusals, so that the document specifies the problem's `type` and
not only its status.
"""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from pydantic import BaseModel

from app.access.roles import NotAllowed, NotSignedIn
from app.store.idempotency import KeyReused, StillRunning
from app.timeline.errors import UnknownCoverage, WithdrawnCoverage
from app.web.openapi import headers
from app.web.openapi.headers import Header
from app.web.openapi.schemas import Problem
from app.web.problems import (
    KINDS,
    MEDIA_TYPE,
    InvalidPayload,
    InvalidQuery,
    NotJson,
    PayloadTooLarge,
    StoreUnavailable,
    WrongMediaType,
    explain,
)
from app.web.rate_limits.too_many_requests import TooManyRequests

Responses = dict[int | str, dict[str, Any]]
Refusal = type[Exception]

# Refusals of every route that reads; of every one that reads a coverage; of every newsroom route;
# of every idempotent write.
READING: tuple[Refusal, ...] = (NotSignedIn, InvalidQuery, StoreUnavailable)
HIDDEN: tuple[Refusal, ...] = (UnknownCoverage, WithdrawnCoverage)
NEWSROOM: tuple[Refusal, ...] = (*READING, NotAllowed, TooManyRequests)
WRITING: tuple[Refusal, ...] = (*NEWSROOM, KeyReused, StillRunning)
PAYLOAD: tuple[Refusal, ...] = (NotJson, InvalidPayload, PayloadTooLarge, WrongMediaType)

_WITH_HEADERS = {
    HTTPStatus.UNAUTHORIZED: headers.WWW_AUTHENTICATE,
    HTTPStatus.TOO_MANY_REQUESTS: headers.RETRY_AFTER,
    HTTPStatus.SERVICE_UNAVAILABLE: headers.RETRY_AFTER,
}


def reference(model: type[BaseModel]) -> dict[str, Any]:
    """Return a reference to a model in the document's components."""
    return {"$ref": f"#/components/schemas/{model.__name__}"}


def returns(model: type[BaseModel], *carried: Header, status: int = 200) -> Responses:
    """Describe the answer to a successful request.

    Args:
        model: the body's model, from `web/openapi/schemas`.
        carried: the response headers.
        status: the HTTP status.
    """
    return {
        status: {
            "description": (model.__doc__ or "").partition("\n")[0],
            "headers": _merged(carried),
            "content": {"application/json": {"schema": reference(model)}},
        }
    }


def returns_file(media_type: str, *carried: Header) -> Responses:
    """Describe the answer to a request for a text file, with its response headers."""
    content = {media_type: {"schema": {"type": "string"}}}
    return {200: {"description": "A file.", "headers": _merged(carried), "content": content}}


def or_stream(responses: Responses) -> Responses:
    """Add the live stream as an alternative to a 200 answer."""
    responses[200]["content"] |= _stream_of_events("7c9e4d21-3")
    responses[200]["headers"] |= headers.INCREMENTAL
    return responses


def streams_events() -> Responses:
    """Describe the live stream of several coverages."""
    content = _stream_of_events("moon-landing:7c9e4d21-3,landing-site:51d0b8e6-12")
    text = {"type": "string"}
    properties = dict.fromkeys(("id", "event", "data"), text)
    content["text/event-stream"]["schema"] = {"type": "object", "properties": properties}
    return _stream(content)


def _stream_of_events(event_id: str) -> dict[str, Any]:
    data = '{"cursor":"7c9e4d21-3","seq":3,"type":"entry.published",…}'
    example = f"id: {event_id}\ndata: {data}\n\n"
    return {"text/event-stream": {"schema": {"type": "string"}, "example": example}}


def streams(*events: str) -> Responses:
    """Describe a stream of server-sent events of these types, whose data names a coverage."""
    data = {"type": "string", "contentMediaType": "application/json"}
    shape = {
        "type": "object",
        "properties": {"event": {"enum": list(events)}, "data": data},
        "required": ["event", "data"],
    }
    return _stream({"text/event-stream": {"schema": shape}})


def _stream(content: dict[str, Any]) -> Responses:
    description = "A stream of server-sent events."
    return {200: {"description": description, "headers": headers.INCREMENTAL, "content": content}}


def unchanged(*carried: Header) -> Responses:
    """Describe the 304 to a client that holds the answer."""
    return {304: {"description": "Unchanged.", "headers": _merged(carried)}}


def refuses(*refusals: Refusal) -> Responses:
    """Describe the problems with which a route may answer."""
    by_status: dict[int, list[Refusal]] = {}
    for refusal in dict.fromkeys(refusals):
        by_status.setdefault(KINDS[refusal].status, []).append(refusal)
    responses: Responses = {}
    for status in sorted(by_status):
        examples = {KINDS[r].slug: {"value": explain(r)} for r in by_status[status]}
        narrowed = {
            "type": {"enum": [f"/problems/{slug}" for slug in examples]},
            "status": {"const": status},
        }
        schema = {"allOf": [reference(Problem)], "properties": narrowed}
        meanings = [f"`{slug}`: {shown['value']['detail']}" for slug, shown in examples.items()]
        responses[status] = {
            "description": "\n\n".join(meanings),
            "headers": _WITH_HEADERS.get(HTTPStatus(status), {}),
            "content": {MEDIA_TYPE: {"schema": schema, "examples": examples}},
        }
    return responses


def _merged(carried: Sequence[Header]) -> Header:
    return {name: header for part in carried for name, header in part.items()}
