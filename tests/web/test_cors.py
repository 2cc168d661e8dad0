"""CORS: which sites' pages may read, and which may write."""

from collections.abc import Iterator

import pytest

from tests.conftest import Newsroom
from tests.contract.newsrooms import new_slug, running_newsroom

CMS, OTHER = "https://cms.example.org", "https://other.example.org"


@pytest.fixture(scope="module")
def newsroom(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Newsroom]:
    """A newsroom whose CMS writes from its own pages."""
    with running_newsroom(tmp_path_factory.mktemp("cors"), cors_origins=CMS) as newsroom:
        yield newsroom


@pytest.mark.parametrize(("origin", "may_write"), [(CMS, True), (OTHER, False)])
@pytest.mark.parametrize("method", ["POST", "PATCH"])
def test_pages_of_named_origins_may_write(
    newsroom: Newsroom, origin: str, method: str, *, may_write: bool
) -> None:
    """A preflight request for writing is granted to a named origin, and to no other."""
    headers = {
        "Origin": origin,
        "Access-Control-Request-Method": method,
        "Access-Control-Request-Headers": "authorization,content-type,idempotency-key,if-match",
    }
    answer = newsroom.reader.options("/v1/coverages", headers=headers)
    methods = answer.headers.get("access-control-allow-methods", "").split(", ")
    assert (answer.is_success and method in methods) == may_write


@pytest.mark.parametrize("origin", [CMS, OTHER])
def test_no_origin_may_send_cookies(newsroom: Newsroom, origin: str) -> None:
    """Every origin gets the same headers, so that caches can store them: `*`, and no cookies."""
    slug = new_slug()
    written = newsroom.chief.post(
        "/v1/coverages", json={"slug": slug, "title": "A test"}, headers={"Origin": origin}
    )
    read = newsroom.reader.get(f"/v1/coverages/{slug}", headers={"Origin": origin})
    preflight = newsroom.reader.options(
        "/v1/coverages", headers={"Origin": origin, "Access-Control-Request-Method": "GET"}
    )
    for answer in (written, read, preflight):
        assert answer.is_success
        assert answer.headers["access-control-allow-origin"] == "*"
        assert "access-control-allow-credentials" not in answer.headers
