"""Tests of CORS: any site may read, and none may write with a reader's browser."""

import httpx
import pytest

from tests.conftest import Newsroom
from tests.contract.newsrooms import new_slug, new_timeline
from tests.contract.problem import check_problem
from tests.contract.timeline import Timeline

ELSEWHERE = {"Origin": "https://news.example.org"}


def exposed(answer: httpx.Response) -> set[str]:
    """Return the names of the headers that an answer exposes to scripts of other sites."""
    names = answer.headers["access-control-expose-headers"].lower()
    return {name.strip() for name in names.split(",")}


@pytest.fixture(scope="module")
def timeline(newsroom: Newsroom) -> Timeline:
    """One coverage for the module; each test uses its own entries."""
    return new_timeline(newsroom, new_slug())


@pytest.mark.parametrize(
    "below", ["", "/entries", "/events", "/entries/ID", "/entries/ID/revisions"]
)
def test_any_site_may_read(timeline: Timeline, below: str) -> None:
    """Each GET allows every origin, and exposes the headers that scripts need."""
    entry = timeline.publish()
    address = f"{timeline.path}{below.replace('ID', entry['id'])}"
    answer = timeline.newsroom.reader.get(address, headers=ELSEWHERE)
    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == "*"
    assert {"etag", "link", "retry-after"} <= exposed(answer)


@pytest.mark.parametrize("address", ["/v1/coverages", "/v1/coverages?status=live"])
def test_the_list_is_open_too(timeline: Timeline, address: str) -> None:
    """The list of coverages allows every origin."""
    answer = timeline.newsroom.reader.get(address, headers=ELSEWHERE)
    assert answer.headers["access-control-allow-origin"] == "*"


def test_problems_are_open_too(timeline: Timeline) -> None:
    """Problem documents allow every origin, so that a script can read the reason."""
    reader = timeline.newsroom.reader
    refused = {
        "/v1/coverages/nobody-took-this": 404,
        "/v1/nothing": 404,
        f"{timeline.path}/entries?limit=0": 422,
        f"{timeline.path}/events?after=garbage": 410,
        f"{timeline.path}/drafts": 401,
    }
    for address, status in refused.items():
        answer = reader.get(address, headers=ELSEWHERE)
        check_problem(answer, status)
        assert answer.headers["access-control-allow-origin"] == "*"


def test_a_304_is_open_too(timeline: Timeline) -> None:
    """A 304 allows every origin, without which the browser would reject its cached copy."""
    etag = timeline.get("/entries").headers["etag"]
    answer = timeline.newsroom.reader.get(
        f"{timeline.path}/entries", headers=ELSEWHERE | {"If-None-Match": etag}
    )
    assert answer.status_code == 304
    assert answer.headers["access-control-allow-origin"] == "*"


def test_a_shared_cache_can_serve_other_sites(timeline: Timeline) -> None:
    """A response cached for a reader without `Origin` can be served to a site's script.

    The header is always present, or the response varies by `Origin`.
    """
    for below in ("", "/entries", "/events"):
        answer = timeline.get(below)
        always = answer.headers.get("access-control-allow-origin") == "*"
        assert always or "origin" in answer.headers.get("vary", "").lower()


def test_the_stream_is_open_too(timeline: Timeline) -> None:
    """The event stream allows every origin, as `EventSource` needs."""
    headers = ELSEWHERE | {"Accept": "text/event-stream"}
    answer = timeline.newsroom.reader.head(f"{timeline.path}/events", headers=headers)
    assert answer.headers["access-control-allow-origin"] == "*"


def test_what_paging_needs_can_be_read(timeline: Timeline) -> None:
    """`ETag` and `Link`, which scripts cannot read by default, are exposed where they are sent."""
    timeline.publish()
    timeline.publish()
    answer = timeline.newsroom.reader.get(f"{timeline.path}/entries?limit=1", headers=ELSEWHERE)
    assert {"etag", "link"} <= {*answer.headers} & exposed(answer)


@pytest.mark.parametrize("header", ["last-event-id", "if-none-match"])
def test_a_preflight_for_reading_succeeds(timeline: Timeline, header: str) -> None:
    """A preflight for reading with `Last-Event-ID` or `If-None-Match` succeeds."""
    preflight = {
        "Access-Control-Request-Method": "GET",
        "Access-Control-Request-Headers": header,
    }
    answer = timeline.newsroom.reader.options(
        f"{timeline.path}/events", headers=ELSEWHERE | preflight
    )
    assert answer.is_success
    assert answer.headers["access-control-allow-origin"] == "*"
    assert header in answer.headers["access-control-allow-headers"].lower()


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_no_site_is_promised_writing(timeline: Timeline, method: str) -> None:
    """A preflight does not allow a writing method, nor `Authorization`."""
    preflight = {
        "Access-Control-Request-Method": method,
        "Access-Control-Request-Headers": "authorization, content-type",
    }
    answer = timeline.newsroom.reader.options(
        f"{timeline.path}/entries", headers=ELSEWHERE | preflight
    )
    allowed = answer.headers.get("access-control-allow-methods", "")
    assert not answer.is_success or method not in allowed
    assert "authorization" not in answer.headers.get("access-control-allow-headers", "").lower()


def test_no_site_is_given_credentials(timeline: Timeline) -> None:
    """No response allows credentials."""
    answer = timeline.newsroom.reader.get(timeline.path, headers=ELSEWHERE)
    assert "access-control-allow-credentials" not in answer.headers
