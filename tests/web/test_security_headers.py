"""Promises of what every answer tells browsers, over all routes of the application."""

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
    """A newsroom behind TLS with something of each kind, and what stands for each placeholder."""

    newsroom: Newsroom
    places: dict[str, str]

    def answers(self, route: str) -> Iterator[httpx.Response]:
        """What a route answers to a chief, to a reader, and to a reader's browser."""
        method, _, pattern = route.partition(" ")
        method = "GET" if method == "MOUNT" else method
        path = re.sub(r"{(\w+)(?::path)?}", lambda m: self.places.get(m[1], "1"), pattern)
        # A stream would not end: its head is that of the HEAD.
        for client in (self.newsroom.chief, self.newsroom.reader):
            for accept in ("text/html", "application/json", "text/event-stream"):
                asked = "HEAD" if accept == "text/event-stream" and method == "GET" else method
                yield client.request(asked, path, headers={"Accept": accept})


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A newsroom for all of these tests."""
    settings = {"public_url": ORIGIN, "frame_ancestors": SITES.replace(" ", ", "), "hsts": "P30D"}
    with running_newsroom(tmp_path_factory.mktemp("headers"), **settings) as newsroom:
        chief = newsroom.chief
        chief.post("/v1/coverages", json={"slug": "fire", "title": "A fire"}).raise_for_status()
        media = sent(chief, encoded(picture()), alt="A fire")
        entry = {"headline": "One", "media": [media["id"]]}
        made = chief.post("/v1/coverages/fire/entries", json=entry).raise_for_status().json()
        yield Site(newsroom, _places(made["id"], media["url"]))


def _places(entry_id: str, media_url: str) -> dict[str, str]:
    _, _, media_id, name = media_url.split("/")
    unknown = {
        "address": "dateline.svg",
        "invitation_id": "0" * 16,
        "key_id": "0" * 8,
        "person_id": "0" * 16,
        "upload_key": "none",
    }
    return unknown | {"name": name, "media_id": media_id, "entry_id": entry_id, "slug": "fire"}


def rules(answer: httpx.Response) -> dict[str, list[str]]:
    """The policy by its directives, each once."""
    (policy,) = answer.headers.get_list("content-security-policy")
    parts = [rule.split() for rule in policy.split(";")]
    assert len({name for name, *_ in parts}) == len(parts)
    return {name: sources for name, *sources in parts}


def check(answer: httpx.Response) -> None:
    """What holds for every answer, and for one of its type."""
    headers = answer.headers
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
        _check_page(answer)
    elif media_type.endswith(("/xml", "+xml")):
        assert rules(answer) == {**NOTHING, "sandbox": []}
    elif media_type.startswith(("image/", "video/")):
        assert rules(answer) == {"default-src": ["'none'"], "sandbox": []}
    elif media_type == "text/javascript":
        own = ["'self'"]
        assert rules(answer) == {
            "default-src": ["'none'"],
            "script-src": own,
            "connect-src": own,
        }
    elif media_type:
        assert rules(answer) == NOTHING
    else:
        assert not answer.content


def _check_page(answer: httpx.Response) -> None:
    policy = rules(answer)
    assert policy["default-src"] == policy["base-uri"] == ["'none'"]
    assert not {"'unsafe-inline'", "'unsafe-eval'", "data:"} & set(policy["script-src"])
    features = answer.headers["permissions-policy"]
    for feature in ("camera", "microphone", "geolocation"):
        assert f"{feature}=()" in features
    path = answer.request.url.path
    is_desk = path.startswith("/desk")
    if path.endswith("/embed") and answer.is_success:
        assert policy["frame-ancestors"] == SITES.split()
        assert policy["script-src"] == policy["form-action"] == ["'none'"]
    else:
        assert policy["frame-ancestors"] == (["'none'"] if is_desk else ["'self'"])
    assert answer.headers["cross-origin-opener-policy"] == "same-origin-allow-popups"


@pytest.mark.parametrize("route", ROUTES)
def test_every_answer_has_the_headers_of_its_type(site: Site, route: str) -> None:
    """Kind: a browser that takes an answer for something else. Granted or refused, page or data."""
    for answer in site.answers(route):
        assert answer.status_code < 500, answer.text
        check(answer)


def test_what_is_no_route_has_them_too(site: Site) -> None:
    """Unknown addresses, wrong methods, redirects, and what is refused before the application."""
    newsroom = site.newsroom
    for path in ("/nothing", "/v1/nothing", "/v1/coverages/", "/desk/people", "/static/nothing"):
        for accept in ("text/html", "*/*"):
            check(newsroom.reader.get(path, headers={"Accept": accept}))
            check(newsroom.reader.request("PATCH", path, headers={"Accept": accept}))
    refused = newsroom.reader.get("/", headers={"Host": "a, b"})
    assert refused.status_code == 400
    check(refused)


def test_who_has_an_answer_keeps_its_policy(site: Site) -> None:
    """A 304 names no policy: it would take the place of the one that came with the body."""
    for path in ("/coverages/fire", "/coverages/fire/embed", "/coverages/fire/feed.atom"):
        etag = site.newsroom.reader.get(path).raise_for_status().headers["etag"]
        unchanged = site.newsroom.reader.get(path, headers={"If-None-Match": etag})
        assert unchanged.status_code == 304
        assert "content-security-policy" not in unchanged.headers
        check(unchanged)


def test_an_answer_that_was_held_back_has_them(site: Site) -> None:
    """A long-poll is answered around the application, and says the same."""
    events = "/v1/coverages/fire/events"
    cursor = site.newsroom.reader.get(events).json()["cursor"]
    held = site.newsroom.reader.get(events, params={"after": cursor, "wait": "0.2"})
    assert held.json()["events"] == []
    check(held)


def test_without_https_there_is_no_hsts(newsroom: Newsroom) -> None:
    """And by default any site may frame what is made for that."""
    assert "strict-transport-security" not in newsroom.reader.get("/").headers
    newsroom.chief.post("/v1/coverages", json={"slug": "framed", "title": "A test"})
    embed = newsroom.reader.get("/coverages/framed/embed").raise_for_status()
    assert rules(embed)["frame-ancestors"] == ["*"]
