"""Tests of invalid input: a problem document, nothing stored, and never a 500."""

import pytest

from tests.conftest import Newsroom
from tests.contract.newsrooms import new_slug, new_timeline
from tests.contract.problem import check_problem
from tests.contract.timeline import Timeline

JSON = {"Content-Type": "application/json"}
NOT_JSON = [
    b"",
    b" ",
    b"{",
    b"}",
    b"headline",
    b"{'headline': 'x'}",
    b'{"headline": "x",}',
    b'{"headline": "x"} {}',
    b'{"headline": NaN}',
    b'{"headline": "x", "more": NaN}',
    b'{"headline": Infinity}',
    b'{"place": {"name": "x", "lat": -Infinity, "lon": 0}}',
    b'{"headline": "\xff\xfe"}',
    b'{"headline": "\xed\xa0\x80"}',
    b'{"headline": "line\nend"}',
    b'{"headline": "nul\x00"}',
    b'{"headline": "\\x41"}',
    b"\xff\xfe{\x00}\x00",
    b'{"headline": 01}',
    b"\x1f\x8b\x08\x00",
    b"headline=x",
    b"<headline>x</headline>",
]
NOT_AN_ENTRY = [b"null", b"true", b"5", b'"x"', b"[]", b'[{"headline": "x"}]', b"{}", b"1e999"]
BORDERLINE = [
    b'\xef\xbb\xbf{"headline": 5}',
    b'{"headline": "\\ud800"}',
    b'{"\\udfff": 1}',
    b'{"headline": ' + b"[" * 500 + b"]" * 500 + b"}",
    b"[" * 100_000,
    b'{"a":' * 5000,
    b'{"place": {"name": "x", "lat": 1e400, "lon": 0}}',
    b'{"place": {"name": "x", "lat": ' + b"9" * 400 + b', "lon": 0}}',
    b'{"key_event": ' + b"9" * 10_000 + b"}",
    b'{"headline": "x", "headline": 5}',
    b'{"headline": "x", "unknown": 1e999}',
    b'{"headline": "x", "draft": "\\u0000"}',
]


@pytest.fixture(scope="module")
def timeline(newsroom: Newsroom) -> Timeline:
    """One coverage for the module; refused requests leave nothing in it."""
    return new_timeline(newsroom, new_slug())


def post_bytes(timeline: Timeline, body: bytes, status: set[int]) -> None:
    """Post bytes as JSON, which must be refused with one of these statuses and store nothing."""
    head = timeline.head
    address = f"{timeline.path}/entries"
    answer = timeline.newsroom.editor.post(address, content=body, headers=JSON)
    assert answer.status_code in status, answer.text
    problem = check_problem(answer, answer.status_code)
    assert "errors" in problem or answer.status_code == 400
    assert timeline.head == head
    assert timeline.drafts == []


@pytest.mark.parametrize("body", NOT_JSON)
def test_what_is_not_json_is_a_400(timeline: Timeline, body: bytes) -> None:
    """A body that is not valid JSON is a 400, NaN and invalid UTF-8 included."""
    post_bytes(timeline, body, {400})


@pytest.mark.parametrize("body", NOT_AN_ENTRY)
def test_json_of_another_shape_is_a_422(timeline: Timeline, body: bytes) -> None:
    """A JSON value that is no object, or an empty entry, is a 422."""
    post_bytes(timeline, body, {422})


@pytest.mark.parametrize("body", BORDERLINE, ids=lambda body: repr(body[:40]))
def test_what_only_some_take_for_json_is_refused(timeline: Timeline, body: bytes) -> None:
    """A body that JSON parsers treat differently is a 400 or 422.

    These are lone surrogates, deep nesting, huge numbers and duplicate names.
    """
    post_bytes(timeline, body, {400, 422})


@pytest.mark.parametrize(
    "kind",
    [
        None,
        "",
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/jsonx",
        "application/xml",
        "json",
        "text/json",
        "*/*",
    ],
)
def test_a_body_of_another_type_is_a_415(timeline: Timeline, kind: str | None) -> None:
    """A body with another media type than JSON is a 415."""
    head = timeline.head
    headers = {} if kind is None else {"Content-Type": kind}
    answer = timeline.newsroom.editor.post(
        f"{timeline.path}/entries", content=b'{"headline": "x"}', headers=headers
    )
    check_problem(answer, 415)
    assert timeline.head == head


@pytest.mark.parametrize(
    "kind", ["application/json", "application/json; charset=utf-8", "APPLICATION/JSON"]
)
def test_json_is_taken_as_usually_written(timeline: Timeline, kind: str) -> None:
    """The media type's parameters and case do not matter."""
    answer = timeline.newsroom.editor.post(
        f"{timeline.path}/entries",
        content=b' {"headline": "x"}\n',
        headers={"Content-Type": kind},
    )
    assert answer.status_code == 201


@pytest.mark.parametrize("method", ["POST", "PATCH"])
@pytest.mark.parametrize(
    "below",
    ["", "/entries", "/entries/ID", "/entries/ID/correction", "/entries/ID/retraction", "KEYS"],
)
def test_every_door_reads_its_body_alike(timeline: Timeline, method: str, below: str) -> None:
    """Every operation with a body answers 400, 415 and 422 alike, or 405 without the method."""
    entry = timeline.publish()
    address = f"{timeline.path}{below.replace('ID', entry['id'])}"
    address = "/v1/keys" if below == "KEYS" else address
    chief, any_revision = timeline.newsroom.chief, {"If-Match": "*"}
    bad = chief.request(method, address, content=b"{", headers=JSON | any_revision)
    if bad.status_code == 405:
        assert bad.headers["allow"]
        check_problem(bad, 405)
        return
    check_problem(bad, 400)
    check_problem(chief.request(method, address, content=b"[]", headers=JSON | any_revision), 422)
    plain = {"Content-Type": "text/plain", **any_revision}
    check_problem(chief.request(method, address, content=b"{}", headers=plain), 415)


@pytest.mark.parametrize(
    "path",
    [
        "/nothing",
        "/v1",
        "/v1/",
        "/v2/coverages",
        "/v1/coverages/x/nothing",
        "/v1/coverages/%2e%2e",
        "/v1/coverages/a%00b",
        "/v1/coverages/A",
        "/v1/coverages/%F0%9F%98%80",
        "/v1/coverages/%FF",
        "/v1/coverages/a%2Fb",
        "/v1/coverages/" + "a" * 101,
        "/v1/coverages/" + "a" * 5000,
        "/problems/nothing",
        "/v1/coverages/x%0Ay/entries",
        "/v1/coverages/%0D%0Ax/events",
    ],
)
def test_an_unknown_address_is_a_404(newsroom: Newsroom, path: str) -> None:
    """An unknown path is a 404, whatever bytes it has."""
    check_problem(newsroom.reader.get(path), 404)


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "TRACE"])
def test_a_method_that_is_not_there_is_a_405(timeline: Timeline, method: str) -> None:
    """An unknown method is a 405 with `Allow`."""
    for below in ("/events", "/entries/x/revisions"):
        answer = timeline.newsroom.chief.request(method, f"{timeline.path}{below}", json={})
        check_problem(answer, 405)
        assert "GET" in answer.headers["allow"]


def test_a_pages_refusal_is_a_page(newsroom: Newsroom) -> None:
    """A browser gets a 404 as an HTML page."""
    answer = newsroom.reader.get("/coverages/nobody-took-this", headers={"Accept": "text/html"})
    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("text/html")


def test_a_problem_does_not_repeat_what_was_sent(timeline: Timeline) -> None:
    """A problem does not echo long input."""
    answer = timeline.newsroom.editor.post(f"{timeline.path}/entries", json={"kind": "x" * 100_000})
    assert len(check_problem(answer, 422)["detail"]) < 1000
    assert len(answer.content) < 5000


def test_problems_explain_themselves(newsroom: Newsroom) -> None:
    """The `type` of a problem is a URL that explains it."""
    problem = check_problem(newsroom.reader.get("/v1/coverages/nobody-took-this"), 404)
    explained = newsroom.reader.get(problem["type"])
    assert explained.status_code == 200
    assert explained.json()["title"] == problem["title"]
