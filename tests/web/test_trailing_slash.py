"""Promises of addresses with a slash too many."""

import re

import httpx
import pytest

from tests.conftest import Newsroom
from tests.routes import all_routes
from tests.web.street import street

ADDRESSES = sorted({re.sub(r"{[^}]*}", "x", route.split(" ")[1]) for route in all_routes()} - {"/"})


@pytest.fixture(scope="module")
def poisoner(newsroom: Newsroom) -> httpx.Client:
    """Who says that the server is another one, and hopes that a cache believes it."""
    headers = {
        "Host": "evil.example",
        "X-Forwarded-Host": "evil.example",
        "X-Forwarded-Proto": "https",
    }
    return httpx.Client(base_url=newsroom.server.url, headers=headers, timeout=120)


@pytest.mark.parametrize("address", ADDRESSES)
def test_no_redirect_leads_to_the_host_that_was_asked_for(
    poisoner: httpx.Client, address: str
) -> None:
    """Kind: Host poisoning. With slashes too many, an address redirects to a path or is a 404."""
    for slashes in ("/", "//", "/?next=/desk&at=x"):
        for method in ("GET", "POST", "HEAD"):
            answer = poisoner.request(method, address + slashes)
            location = answer.headers.get("location", "/")
            assert re.match(r"/(?![/\\])", location), (method, address, location)
            assert "evil.example" not in answer.text + repr(answer.headers)


def test_a_slash_too_many_is_taken_off(newsroom: Newsroom, slug: str) -> None:
    """With the query, and for the method that was asked; what is unknown without it is a 404."""
    for path in (f"/coverages/{slug}", f"/v1/coverages/{slug}/entries", "/desk/people", "/docs"):
        for query in ("", "?limit=3&after=a%20b"):
            answer = newsroom.reader.get(f"{path}/{query}")
            assert (answer.status_code, answer.headers["location"]) == (307, path + query)
    told = newsroom.chief.post("/v1/coverages/", json={"slug": "slashed", "title": "A test"})
    assert (told.status_code, told.headers["location"]) == (307, "/v1/coverages")
    assert newsroom.reader.get("/nothing/").status_code == 404
    assert newsroom.reader.get("/nothing/").json()["type"] == "/problems/not-found"


@pytest.mark.parametrize("path", ["//evil.example/", "/\\evil.example/", "//evil.example/docs/"])
def test_a_path_that_is_another_hosts_address_redirects_nowhere(
    newsroom: Newsroom, path: str
) -> None:
    """Kind: open redirect. `//evil.example` in a `Location` would be another site."""
    request = f"GET {path} HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n\r\n"
    with street(newsroom.server, request.encode()) as connection:
        (answer,) = connection.answers()
    assert answer.status in {400, 404}
    assert "location" not in answer.headers
