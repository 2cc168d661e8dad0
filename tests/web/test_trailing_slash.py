"""Paths with a superfluous trailing slash."""

import re

import httpx
import pytest

from tests.conftest import Newsroom
from tests.routes import all_routes
from tests.web.raw_client import raw_client

ADDRESSES = sorted({re.sub(r"{[^}]*}", "x", route.split(" ")[1]) for route in all_routes()} - {"/"})


@pytest.fixture(scope="module")
def spoofing_client(newsroom: Newsroom) -> httpx.Client:
    """A client that sends a foreign host in Host and X-Forwarded-Host."""
    headers = {
        "Host": "evil.example",
        "X-Forwarded-Host": "evil.example",
        "X-Forwarded-Proto": "https",
    }
    return httpx.Client(base_url=newsroom.server.url, headers=headers, timeout=120)


@pytest.mark.parametrize("address", ADDRESSES)
def test_no_redirect_leads_to_the_host_that_was_asked_for(
    spoofing_client: httpx.Client, address: str
) -> None:
    """Host poisoning: a redirect leads to a path, and no response contains the foreign host."""
    for slashes in ("/", "//", "/?next=/desk&at=x"):
        for method in ("GET", "POST", "HEAD"):
            response = spoofing_client.request(method, address + slashes)
            location = response.headers.get("location", "/")
            assert re.match(r"/(?![/\\])", location), (method, address, location)
            assert "evil.example" not in response.text + repr(response.headers)


def test_a_slash_too_many_is_taken_off(newsroom: Newsroom, slug: str) -> None:
    """The redirect keeps the query and the method; an unknown path gets a 404."""
    for path in (f"/coverages/{slug}", f"/v1/coverages/{slug}/entries", "/desk/people", "/docs"):
        for query in ("", "?limit=3&after=a%20b"):
            response = newsroom.reader.get(f"{path}/{query}")
            assert (response.status_code, response.headers["location"]) == (307, path + query)
    response = newsroom.chief.post("/v1/coverages/", json={"slug": "slashed", "title": "A test"})
    assert (response.status_code, response.headers["location"]) == (307, "/v1/coverages")
    assert newsroom.reader.get("/nothing/").status_code == 404
    assert newsroom.reader.get("/nothing/").json()["type"] == "/problems/not-found"


@pytest.mark.parametrize("path", ["//evil.example/", "/\\evil.example/", "//evil.example/docs/"])
def test_a_path_that_is_another_hosts_address_redirects_nowhere(
    newsroom: Newsroom, path: str
) -> None:
    """Open redirect: `//evil.example/` is not redirected: its Location would leave the site."""
    request = f"GET {path} HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n\r\n"
    with raw_client(newsroom.server, request.encode()) as connection:
        (response,) = connection.responses()
    assert response.status in {400, 404}
    assert "location" not in response.headers
