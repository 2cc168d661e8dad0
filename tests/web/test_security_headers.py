"""Security headers of every response, for all routes of the application."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import httpx
import pytest

from tests.conftest import Newsroom
from tests.contract.newsrooms import running_newsroom
from tests.media.pictures import encoded, picture
from tests.media.sending import sent
from tests.routes import all_routes

ORIGIN = "https://live.example.org"
SITES = "https://news.example.org https://*.example.net"
ROUTES = [route for route in all_routes() if not route.startswith("SOCKET")]
NOTHING = {
    "default-src": ["'none'"],
    "base-uri": ["'none'"],
    "form-action": ["'none'"],
    "frame-ancestors": ["'none'"],
}


@dataclass(frozen=True)
class Site:
    """A newsroom behind TLS with media and an entry, and values for the path parameters."""

    newsroom: Newsroom
    path_values: dict[str, str]

    def responses(self, route: str) -> Iterator[httpx.Response]:
        """A route's responses to a chief and to a reader, for several Accept headers."""
        method, _, pattern = route.partition(" ")
        method = "GET" if method == "MOUNT" else method
        path = re.sub(r"{(\w+)(?::path)?}", lambda m: self.path_values.get(m[1], "1"), pattern)
        # An SSE response would not end, so that its headers are requested with HEAD.
        for client in (self.newsroom.chief, self.newsroom.reader):
            for accept in ("text/html", "application/json", "text/event-stream"):
                request_method = (
                    "HEAD" if accept == "text/event-stream" and method == "GET" else method
                )
                yield client.request(request_method, path, headers={"Accept": accept})


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A newsroom for all tests of this module."""
    settings = {"public_url": ORIGIN, "frame_ancestors": SITES.replace(" ", ", "), "hsts": "P30D"}
    with running_newsroom(tmp_path_factory.mktemp("headers"), **settings) as newsroom:
        chief = newsroom.chief
        chief.post("/v1/coverages", json={"slug": "fire", "title": "A fire"}).raise_for_status()
        media = sent(chief, encoded(picture()), alt="A fire")
        entry = {"headline": "One", "media": [media["id"]]}
        created = chief.post("/v1/coverages/fire/entries", json=entry).raise_for_status().json()
        yield Site(newsroom, _path_values(created["id"], media["url"]))


def _path_values(entry_id: str, media_url: str) -> dict[str, str]:
    _, _, media_id, name = media_url.split("/")
    unknown = {
        "address": "dateline.svg",
        "invitation_id": "0" * 16,
        "key_id": "0" * 8,
        "person_id": "0" * 16,
        "upload_key": "none",
    }
    return unknown | {"name": name, "media_id": media_id, "entry_id": entry_id, "slug": "fire"}


def directives(response: httpx.Response) -> dict[str, list[str]]:
    """The Content-Security-Policy's directives, each of which must occur once."""
    (policy,) = response.headers.get_list("content-security-policy")
    parts = [directive.split() for directive in policy.split(";")]
    assert len({name for name, *_ in parts}) == len(parts)
    return {name: sources for name, *sources in parts}


def check(response: httpx.Response) -> None:
    """Check the headers that every response has, and those of its media type."""
    headers = response.headers
    names = [name for name, _ in headers.multi_items()]
    assert len(names) - len(set(names)) == max(0, len(headers.get_list("set-cookie")) - 1)
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["strict-transport-security"] == "max-age=2592000"
    assert headers["referrer-policy"] in {"strict-origin-when-cross-origin", "same-origin"}
    control = headers.get("cache-control", "")
    is_private = "no-store" in control or "private" in control
    expected = "same-origin" if is_private else "cross-origin"
    assert headers["cross-origin-resource-policy"] == expected
    media_type = headers.get("content-type", "").partition(";")[0]
    if media_type == "text/html":
        _check_page(response)
    elif media_type.endswith(("/xml", "+xml")):
        assert directives(response) == {**NOTHING, "sandbox": []}
    elif media_type.startswith(("image/", "video/")):
        assert directives(response) == {"default-src": ["'none'"], "sandbox": []}
    elif media_type == "text/javascript":
        self_only = ["'self'"]
        assert directives(response) == {
            "default-src": ["'none'"],
            "script-src": self_only,
            "connect-src": self_only,
        }
    elif media_type:
        assert directives(response) == NOTHING
    else:
        assert not response.content


def _check_page(response: httpx.Response) -> None:
    policy = directives(response)
    assert policy["default-src"] == policy["base-uri"] == ["'none'"]
    assert not {"'unsafe-inline'", "'unsafe-eval'", "data:"} & set(policy["script-src"])
    features = response.headers["permissions-policy"]
    for feature in ("camera", "microphone", "geolocation"):
        assert f"{feature}=()" in features
    path = response.request.url.path
    is_desk = path.startswith("/desk")
    if path.endswith("/embed") and response.is_success:
        assert policy["frame-ancestors"] == SITES.split()
        assert policy["script-src"] == policy["connect-src"] == ["'self'"]
        assert policy["form-action"] == ["'none'"]
    else:
        assert policy["frame-ancestors"] == (["'none'"] if is_desk else ["'self'"])
    assert response.headers["cross-origin-opener-policy"] == "same-origin-allow-popups"


@pytest.mark.parametrize("route", ROUTES)
def test_every_answer_has_the_headers_of_its_type(site: Site, route: str) -> None:
    """Content sniffing: every response has the headers of its media type, whatever its status."""
    for response in site.responses(route):
        assert response.status_code < 500, response.text
        check(response)


def test_what_is_no_route_has_them_too(site: Site) -> None:
    """Unknown paths, wrong methods, redirects and early refusals have the headers, too."""
    newsroom = site.newsroom
    for path in ("/nothing", "/v1/nothing", "/v1/coverages/", "/desk/people", "/static/nothing"):
        for accept in ("text/html", "*/*"):
            check(newsroom.reader.get(path, headers={"Accept": accept}))
            check(newsroom.reader.request("PATCH", path, headers={"Accept": accept}))
    refused = newsroom.reader.get("/", headers={"Host": "a, b"})
    assert refused.status_code == 400
    check(refused)


def test_who_has_an_answer_keeps_its_policy(site: Site) -> None:
    """A 304 has no Content-Security-Policy, which would replace that of the stored response."""
    for path in ("/coverages/fire", "/coverages/fire/embed", "/coverages/fire/feed.atom"):
        etag = site.newsroom.reader.get(path).raise_for_status().headers["etag"]
        unchanged = site.newsroom.reader.get(path, headers={"If-None-Match": etag})
        assert unchanged.status_code == 304
        assert "content-security-policy" not in unchanged.headers
        check(unchanged)


def test_an_answer_that_was_held_back_has_them(site: Site) -> None:
    """A long poll's response has the headers, although it is sent outside the application."""
    events = "/v1/coverages/fire/events"
    cursor = site.newsroom.reader.get(events).json()["cursor"]
    polled = site.newsroom.reader.get(events, params={"after": cursor, "wait": "0.2"})
    assert polled.json()["events"] == []
    check(polled)


def test_without_https_there_is_no_hsts(newsroom: Newsroom) -> None:
    """Without HTTPS there is no HSTS, and by default every site may frame an embed."""
    assert "strict-transport-security" not in newsroom.reader.get("/").headers
    newsroom.chief.post("/v1/coverages", json={"slug": "framed", "title": "A test"})
    embed = newsroom.reader.get("/coverages/framed/embed").raise_for_status()
    assert directives(embed)["frame-ancestors"] == ["*"]
