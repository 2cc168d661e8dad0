"""The Host header: exactly one, well-formed, and without effect on responses."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.web.host import is_host
from tests.conftest import Newsroom
from tests.web.raw_client import RawResponse, raw_client

INVALID_HOSTS = {
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
VALID_HOSTS = [
    "a.example",
    "live.example:8000",
    "127.0.0.1",
    "[::1]:8000",
    "10.1.2.3:80",
    "upstream_1",
]
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


def send_request(newsroom: Newsroom, request: bytes, fields: bytes) -> list[RawResponse]:
    """All responses until the server closes the connection."""
    with raw_client(newsroom.server, request + fields + b"\r\n") as connection:
        return connection.responses()


@pytest.mark.parametrize("fields", INVALID_HOSTS.values(), ids=INVALID_HOSTS)
@pytest.mark.parametrize("kind", REQUESTS)
def test_a_request_without_one_well_formed_host_is_refused(
    newsroom: Newsroom, slug: str, kind: str, fields: bytes
) -> None:
    """Request smuggling: without one valid Host there is a 400, and the connection closes."""
    request = REQUESTS[kind].replace(b"SLUG", slug.encode())
    if kind == "a kept page":
        newsroom.reader.get(f"/coverages/{slug}").raise_for_status()
    with raw_client(newsroom.server, request + fields + b"\r\n") as connection:
        received = connection.receive_all()
    assert received.startswith(b"HTTP/1.1 400 "), received
    assert received.count(b"HTTP/1.1 ") == 1
    assert kind == "HEAD" or b"/problems/not-http" in received


@pytest.mark.parametrize("host", VALID_HOSTS)
def test_any_host_is_answered_and_stands_in_no_answer(
    newsroom: Newsroom, slug: str, host: str
) -> None:
    """Host poisoning: any valid host is served, and no response contains it."""
    paths = ["/readyz", "/", f"/coverages/{slug}", f"/coverages/{slug}/", "/v1/coverages/"]
    feeds = [f"/coverages/{slug}/feed.atom", f"/coverages/{slug}/embed", "/sitemap.xml"]
    for path in [*paths, *feeds, "/robots.txt", f"/v1/coverages/{slug}", "/desk", "/desk/"]:
        fields = f"Host: {host}\r\nConnection: close\r\n".encode()
        (response,) = send_request(newsroom, f"GET {path} HTTP/1.1\r\n".encode(), fields)
        assert response.status in {200, 303, 307}, path
        text = response.body + repr(response.headers).encode()
        assert host == "127.0.0.1" or host.encode() not in text, path


def test_http_1_0_may_come_without_a_host(newsroom: Newsroom) -> None:
    """HTTP/1.0, which monitoring often uses, needs no Host; two are refused."""
    request = b"GET /readyz HTTP/1.0\r\n"
    assert [response.status for response in send_request(newsroom, request, b"")] == [200]
    assert [
        response.status for response in send_request(newsroom, request, INVALID_HOSTS["two"])
    ] == [400]


@given(st.text(max_size=20), st.integers(0, 65535))
def test_what_is_a_host_has_nothing_of_an_address_around_it(name: str, port: int) -> None:
    """A valid host, also with a port, contains no delimiter of another part of a URL."""
    if is_host(name):
        # An apostrophe may stand in a name (RFC 3986, section 3.2.2).
        assert not set(name) & set('/?#@\\ ,<>"\r\n\t')
        assert ":" in name or is_host(f"{name}:{port}")
