"""Reading JSON request bodies."""

import json
from collections.abc import AsyncIterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict
from starlette.requests import Request

from app.web.body_limit import read_body
from app.web.json_body import parse_form
from app.web.problems import InvalidPayload, NotJson, PayloadTooLarge, WrongMediaType


class Inner(BaseModel):
    """A model that a member may have instead of a string."""

    model_config = ConfigDict(extra="forbid", strict=True)
    name: str


class Outer(BaseModel):
    """A form with members of several shapes."""

    model_config = ConfigDict(extra="forbid", strict=True)
    title: str
    inner: str | Inner = ""
    rows: list[str | Inner] = []


def request_with(*chunks: bytes, content_type: str = "application/json", **headers: str) -> Request:
    """A request whose body arrives in these chunks."""
    messages = [{"type": "http.request", "body": chunk, "more_body": True} for chunk in chunks]
    messages.append({"type": "http.request", "body": b"", "more_body": False})

    async def stream() -> AsyncIterator[dict[str, object]]:
        for message in messages:
            yield message

    source = stream()
    raw = [(b"content-type", content_type.encode())]
    raw += [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "http", "method": "POST", "path": "/", "headers": raw}
    return Request(scope, lambda: anext(source))  # type: ignore[arg-type]


def errors_of(body: str) -> list[tuple[str, str]]:
    """The pointers and details of an invalid body's errors."""
    with pytest.raises(InvalidPayload) as refused:
        parse_form(Outer, body.encode(), None)
    return [(error["pointer"], error["detail"]) for error in refused.value.errors]


@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        ("{}", {"/title"}),
        ('{"title": 1}', {"/title"}),
        ('{"title": "a", "extra/~": 1}', {"/extra~1~0"}),
        ('{"title": "a", "inner": 1}', {"/inner"}),
        ('{"title": "a", "inner": {}}', {"/inner", "/inner/name"}),
        ('{"title": "a", "rows": ["a", 1]}', {"/rows/1"}),
        ('{"title": "a", "rows": [{"name": 1}]}', {"/rows/0", "/rows/0/name"}),
        ("[]", {""}),
        ("null", {""}),
        ("1" * 400, {""}),
    ],
)
def test_what_is_wrong_is_pointed_at(body: str, pointers: set[str]):
    """Errors point into the document, and never name internals of the program."""
    assert {pointer for pointer, _ in errors_of(body)} == pointers


@pytest.mark.parametrize("body", ["", "{", "{'a': 1}", "nul", '{"title": NaN}', "\x00", "[1,]"])
def test_what_is_no_json_is_told_from_json_of_the_wrong_shape(body: str):
    """Invalid JSON, NaN included, is distinguished from a wrong shape."""
    with pytest.raises(NotJson):
        parse_form(Outer, body.encode(), None)


@given(st.binary(max_size=30) | st.text(max_size=30).map(lambda text: json.dumps(text).encode()))
def test_bytes_of_any_kind_are_refused_and_never_a_fault(body: bytes):
    """Arbitrary bytes and JSON strings are refused, and never cause another error."""
    with pytest.raises((NotJson, InvalidPayload)):
        parse_form(Outer, body, None)


async def test_a_body_is_read_up_to_its_limit():
    """A body beyond the limit is refused, with or without a Content-Length."""
    kinds = ("application/json",)
    assert await read_body(request_with(b"ab", b"cd"), 4, kinds) == b"abcd"
    with pytest.raises(PayloadTooLarge):
        await read_body(request_with(b"ab", b"cd", b"e"), 4, kinds)
    with pytest.raises(PayloadTooLarge):
        await read_body(request_with(content_length="5"), 4, kinds)


@pytest.mark.parametrize(
    "kind", ["", "text/plain", "application/jsonx", "application/problem+json"]
)
async def test_a_body_of_another_type_is_refused(kind: str):
    """A body with another media type is refused."""
    with pytest.raises(WrongMediaType, match="must be application/json"):
        await read_body(request_with(b"{}", content_type=kind), 10, ("application/json",))


async def test_parameters_of_the_type_do_not_matter():
    """Parameters and case of the media type are ignored."""
    request = request_with(b"{}", content_type="Application/JSON; charset=utf-8")
    assert await read_body(request, 10, ("application/json",)) == b"{}"
