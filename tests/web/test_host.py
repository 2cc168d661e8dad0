"""Promises of the Host of a request: one, well-formed, and without a say in what is answered."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.web.host import is_host
from tests.conftest import Newsroom
from tests.web.street import Answer, street

WRONG = {
    "none": b"",
    "two": b"Host: a.example\r\nHost: b.example\r\n",
    "the same twice": b"Host: a.example\r\nHost: a.example\r\n",
    "two names": b"Host: a.example, b.example\r\n",
    "nothing": b"Host:\r\n",
    "a user": b"Host: a@b.example\r\n",
    "a path": b"Host: a.example/b\r\n",
    "a query": b"Host: a.example?b\r\n",
    "a fragment": b"Host: a.example#b\r\n",
    "a scheme": b"Host: http://a.example\r\n",
    "a space": b"Host: a.example b\r\n",
    "a tab": b"Host: a.example\tb\r\n",
    "a backslash": b"Host: a.example\\b\r\n",
    "a tag": b"Host: <b>\r\n",
    "a port that is none": b"Host: a.example:b\r\n",
    "a port beyond all ports": b"Host: a.example:65536\r\n",
    "two ports": b"Host: a.example:80:80\r\n",
    "an IPv6 address without brackets": b"Host: ::1\r\n",
    "brackets around no address": b"Host: [a.example]\r\n",
    "an open bracket": b"Host: [::1\r\n",
    "half a percent sign": b"Host: a%2\r\n",
    "bytes beyond ASCII": b"Host: \xc3\xa4.example\r\n",
    "an endless name": b"Host: " + b"a" * 300 + b"\r\n",
}
RIGHT = ["a.example", "live.example:8000", "127.0.0.1", "[::1]:8000", "10.1.2.3:80", "upstream_1"]
UPGRADE = (
    b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
)
REQUESTS = {
    "GET": b"GET /readyz HTTP/1.1\r\n",
    "HEAD": b"HEAD /readyz HTTP/1.1\r\n",
    "POST": b"POST /desk/sign-in HTTP/1.1\r\nContent-Length: 0\r\n",
    "a kept page": b"GET /coverages/SLUG HTTP/1.1\r\n",
    "a WebSocket": b"GET /v1/coverages/SLUG/socket HTTP/1.1\r\n" + UPGRADE,
}


def ask(newsroom: Newsroom, request: bytes, fields: bytes) -> list[Answer]:
    """All that is answered until the server hangs up."""
    with street(newsroom.server, request + fields + b"\r\n") as connection:
        return connection.answers()


@pytest.mark.parametrize("fields", WRONG.values(), ids=WRONG)
@pytest.mark.parametrize("kind", REQUESTS)
def test_a_request_without_one_well_formed_host_is_refused(
    newsroom: Newsroom, slug: str, kind: str, fields: bytes
) -> None:
    """Kind: request smuggling by the Host. 400 and the end of the connection, whatever is asked."""
    request = REQUESTS[kind].replace(b"SLUG", slug.encode())
    if kind == "a kept page":
        newsroom.reader.get(f"/coverages/{slug}").raise_for_status()
    with street(newsroom.server, request + fields + b"\r\n") as connection:
        heard = connection.rest()
    assert heard.startswith(b"HTTP/1.1 400 "), heard
    assert heard.count(b"HTTP/1.1 ") == 1
    assert kind == "HEAD" or b"/problems/not-http" in heard


@pytest.mark.parametrize("host", RIGHT)
def test_any_host_is_answered_and_stands_in_no_answer(
    newsroom: Newsroom, slug: str, host: str
) -> None:
    """Kind: Host poisoning. A health check may come by an address; no link is made of the Host."""
    paths = ["/readyz", "/", f"/coverages/{slug}", f"/coverages/{slug}/", "/v1/coverages/"]
    feeds = [f"/coverages/{slug}/feed.atom", f"/coverages/{slug}/embed", "/sitemap.xml"]
    for path in [*paths, *feeds, "/robots.txt", f"/v1/coverages/{slug}", "/desk", "/desk/"]:
        fields = f"Host: {host}\r\nConnection: close\r\n".encode()
        (answer,) = ask(newsroom, f"GET {path} HTTP/1.1\r\n".encode(), fields)
        assert answer.status in {200, 303, 307}, path
        told = answer.body + repr(answer.headers).encode()
        assert host == "127.0.0.1" or host.encode() not in told, path


def test_http_1_0_may_come_without_a_host(newsroom: Newsroom) -> None:
    """What watches over servers often speaks it; with two Hosts it is refused as well."""
    request = b"GET /readyz HTTP/1.0\r\n"
    assert [answer.status for answer in ask(newsroom, request, b"")] == [200]
    assert [answer.status for answer in ask(newsroom, request, WRONG["two"])] == [400]


@given(st.text(max_size=20), st.integers(0, 65535))
def test_what_is_a_host_has_nothing_of_an_address_around_it(name: str, port: int) -> None:
    """A host with a port is one too, and holds no sign that begins another part of an address."""
    if is_host(name):
        assert not set(name) & set("/?#@\\ ,<>\"'\r\n\t")
        assert ":" in name or is_host(f"{name}:{port}")
