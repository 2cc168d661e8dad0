"""Promises of how a request is named, and how what was written is answered."""

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


class Rooms:
    """What is asked of the rooms: how long a body may be."""

    limits = ContentLimits()


async def named(
    key: str | None = "k",
    payload: bytes = b"{}",
    query: bytes = b"",
    method: str = "POST",
    path: str = "/v1/coverages/moon/entries/1/pin",
) -> Operation:
    """The operation of a request."""
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
    return await operation_of(request, cast("Services", Rooms()), ANN)


async def test_a_request_is_named_by_its_key_its_path_and_its_payload() -> None:
    """The query is part of the payload, and the method of the path where it is no POST."""
    first, again = await named(), await named()
    assert first == again
    assert (first.coverage, first.thing, first.caller) == ("moon", "1", ANN)
    others = [
        await named("another"),
        await named(payload=b"[]"),
        await named(query=b"made=true"),
        await named(method="PUT"),
        await named(path="/v1/coverages/moon/entries/1/publication"),
        await named(None),
    ]
    names = [other.idempotency for other in [first, *others]]
    assert all(names.count(name) == 1 for name in names)
    assert names[0] is not None
    assert names[0].digest == hashlib.sha256(b"{}").digest()
    assert names[-1] is None


@pytest.mark.parametrize("key", ["", " ", "x" * 256, "a\tb", "\x00", "é", " a", "a "])
async def test_what_is_no_key_is_refused(key: str) -> None:
    """It names nothing that could come again."""
    with pytest.raises(InvalidQuery):
        await named(key)


def test_a_write_is_never_stored_by_caches() -> None:
    """It may hold what only its caller may see."""
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
    """And what was changed without one; the revision is the ETag of both."""
    new = respond(Written(b"{}", thing, is_new=True, version="2-pinned"))
    changed = respond(Written(b"{}", thing, version="2-pinned"))
    assert (new.status_code, new.headers["location"]) == (201, address)
    assert (changed.status_code, changed.headers.get("location")) == (200, None)
    assert new.headers["etag"] == changed.headers["etag"] == '"2-pinned"'
