"""Tests of idempotency keys, and of the responses to writes."""

import hashlib
from typing import cast

import pytest
from fastapi import Request

from app.access.roles import Caller
from app.desk.api.writes import operation_of, respond
from app.newsroom.write import Operation
from app.newsroom.written import Thing, Written
from app.web.problems import InvalidQuery
from app.web.services import ContentLimits, Services

ANN = Caller("key:1", "Ann", "editor")


class ServicesStub:
    """The part of `Services` that `operation_of` reads: the length limit of a body."""

    limits = ContentLimits()


async def operation_for(
    key: str | None = "k",
    payload: bytes = b"{}",
    query: bytes = b"",
    method: str = "POST",
    path: str = "/v1/coverages/moon/entries/1/pin",
) -> Operation:
    """Return the operation of a request with this key, body, query, method and path."""
    headers = [] if key is None else [(b"idempotency-key", key.encode("latin-1"))]
    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "headers": headers,
        "query_string": query,
        "path_params": {"slug": "moon", "entry_id": "1"},
    }
    request = Request(scope)
    request.state.payload = payload
    return await operation_of(request, cast("Services", ServicesStub()), ANN)


async def test_a_request_is_named_by_its_key_its_path_and_its_payload() -> None:
    """The idempotency name covers key, method, path, query and body.

    A request without an `Idempotency-Key` has none.
    """
    first, repeated = await operation_for(), await operation_for()
    assert first == repeated
    assert (first.coverage, first.thing, first.caller) == ("moon", "1", ANN)
    others = [
        await operation_for("another"),
        await operation_for(payload=b"[]"),
        await operation_for(query=b"made=true"),
        await operation_for(method="PUT"),
        await operation_for(path="/v1/coverages/moon/entries/1/publication"),
        await operation_for(None),
    ]
    names = [other.idempotency for other in [first, *others]]
    assert all(names.count(name) == 1 for name in names)
    assert names[0] is not None
    assert names[0].digest == hashlib.sha256(b"{}").digest()
    assert names[-1] is None


@pytest.mark.parametrize("key", ["", " ", "x" * 256, "a\tb", "\x00", "é", " a", "a "])
async def test_what_is_no_key_is_refused(key: str) -> None:
    """An empty, too long, padded or non-ASCII `Idempotency-Key` is refused."""
    with pytest.raises(InvalidQuery):
        await operation_for(key)


def test_a_write_is_never_stored_by_caches() -> None:
    """The response to a write has `Cache-Control: no-store`."""
    assert respond(Written(b"{}")).headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("thing", "address"),
    [
        (Thing("coverage", "moon", "moon"), "/v1/coverages/moon"),
        (Thing("entry", "1", "moon"), "/v1/coverages/moon/entries/1"),
        (Thing("draft", "1", "moon"), "/v1/coverages/moon/drafts/1"),
        (Thing("media", "1"), "/v1/media/1"),
        (Thing("key", "1"), "/v1/keys/1"),
        (Thing("invitation", "1"), "/v1/invitations/1"),
    ],
)
def test_what_is_new_is_answered_with_its_address(thing: Thing, address: str) -> None:
    """A creation is a 201 with `Location`; a change is a 200 without. Both have the ETag."""
    created = respond(Written(b"{}", thing, is_new=True, version="2-pinned"))
    changed = respond(Written(b"{}", thing, version="2-pinned"))
    assert (created.status_code, created.headers["location"]) == (201, address)
    assert (changed.status_code, changed.headers.get("location")) == (200, None)
    assert created.headers["etag"] == changed.headers["etag"] == '"2-pinned"'
