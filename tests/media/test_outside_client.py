"""The client for other sites: it reaches the Internet alone, within limits of size."""

import asyncio
import gzip
import re
import socket
import threading
from collections.abc import AsyncIterator
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.media.outside_client import FetchRefused, OutsideClient, read_document
from app.media.public_addresses import is_public, resolve
from tests.media.other_site import PUBLIC, OtherSite, other_site, respond

_JSON = re.compile("application/json")
_INTERNAL = [
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.0.0/24",
    "192.0.2.0/24",
    "192.88.99.0/24",
    "192.168.0.0/16",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "224.0.0.0/4",
    "240.0.0.0/4",
    "::/8",
    "::ffff:0:0/96",
    "64:ff9b::/96",
    "64:ff9b:1::/48",
    "100::/64",
    "2001::/32",
    "2001:20::/28",
    "2001:db8::/32",
    "2002::/16",
    "3fff::/20",
    "5f00::/16",
    "fc00::/7",
    "fe80::/10",
    "fec0::/10",
    "ff00::/8",
]


def _within(network: str) -> st.SearchStrategy[IPv4Address | IPv6Address]:
    block = ip_network(network)
    first, last = int(block[0]), int(block[-1])
    kind = IPv4Address if block.version == 4 else IPv6Address
    return st.one_of(st.sampled_from((first, last)), st.integers(first, last)).map(kind)


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[OtherSite]:
    """Another site with the names `site.example` and `cdn.example`."""
    async with other_site(tmp_path, "site.example", "cdn.example") as running:
        yield running


@given(st.sampled_from(_INTERNAL).flatmap(_within))
def test_no_address_of_a_special_network_is_public(address: IPv4Address | IPv6Address) -> None:
    """Loopback, private, link-local, shared, multicast, reserved and mapped addresses are not."""
    assert not is_public(address)


@given(st.ip_addresses(v=4))
def test_no_tunnel_leads_to_an_internal_address(inner: IPv4Address) -> None:
    """No IPv6 address that stands for an IPv4 address is public: mapped, NAT64, 6to4, Teredo."""
    embedded = int(inner)
    for network, shift in (
        ("::ffff:0:0", 0),
        ("::", 0),
        ("64:ff9b::", 0),
        ("2002::", 80),
        ("2001::", 0),
    ):
        assert not is_public(IPv6Address(int(IPv6Address(network)) | embedded << shift))


@pytest.mark.parametrize("address", [PUBLIC, "1.1.1.1", "2606:4700:4700::1111", "2a00:1450::1"])
def test_addresses_of_the_internet_are_public(address: str) -> None:
    """Sites have such addresses."""
    assert is_public(ip_address(address))


async def test_a_document_is_fetched_by_its_name(site: OtherSite) -> None:
    """The request has the site's name in Host, TLS and certificate, and nothing that identifies.

    The name is resolved once.
    """
    site.pages["site.example/a"] = respond(b'{"title": "A"}', Set_Cookie="a=b")
    client = site.client()
    for _ in range(2):
        assert await client.fetch("https://site.example/a?b=c", _JSON) == b'{"title": "A"}'
    (host, path, headers), again = site.asked
    assert (host, path) == ("site.example", "/a?b=c")
    assert headers == again[2]
    assert not {"cookie", "authorization", "referer"} & set(headers)
    assert site.resolved == ["site.example"] * 2


async def test_another_name_in_the_certificate_is_refused(site: OtherSite) -> None:
    """A site that cannot prove its name is not read."""
    with pytest.raises(FetchRefused, match="accepts no connection"):
        await site.client().fetch("https://other.example/", _JSON)
    assert site.asked == []


@pytest.mark.parametrize(
    "addresses", [["127.0.0.1"], ["::1"], ["169.254.169.254"], [PUBLIC, "10.0.0.1"], []]
)
async def test_a_name_of_an_internal_address_is_refused(
    site: OtherSite, addresses: list[str]
) -> None:
    """A host with any address inside is refused before a connection; so is one without address."""

    async def resolve(host: str, port: int) -> list[tuple[str, int]]:
        return [(ip, site.port) for ip in addresses]

    client = OutsideClient(resolve, certificates=site.certificates)
    with pytest.raises(FetchRefused, match="not on the Internet"):
        await client.fetch("https://site.example/", _JSON)
    assert site.asked == []


@pytest.mark.parametrize(
    "address",
    [
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://2130706433/",
        "https://0x7f.1/",
        "https://localhost/",
    ],
)
async def test_spellings_of_internal_addresses_are_refused(site: OtherSite, address: str) -> None:
    """The system's own resolver decides what a host means, and its result is checked."""
    client = OutsideClient(certificates=site.certificates)
    with pytest.raises(FetchRefused):
        await client.fetch(address, _JSON)


@pytest.mark.parametrize(
    "address",
    [
        "http://site.example/",
        "https://site.example:8443/",
        "https://user:secret@site.example/",
        "file:///etc/passwd",
        "https:///",
        "https://[::1",
    ],
)
async def test_only_https_at_the_standard_port_is_asked(site: OtherSite, address: str) -> None:
    """Other schemes, ports and credentials are refused before a name is resolved."""
    with pytest.raises(FetchRefused):
        await site.client().fetch(address, _JSON)
    assert site.resolved == []


async def test_a_redirect_is_checked_like_the_first_address(site: OtherSite) -> None:
    """Two redirects are followed; a third one, and one that leads inside, are refused."""
    pages, client = site.pages, site.client()
    pages["cdn.example/end"] = respond(b"{}")
    pages["site.example/1"] = respond(b"", status=302, Location="https://cdn.example/end")
    pages["site.example/2"] = respond(b"", status=307, Location="/1")
    pages["site.example/3"] = respond(b"", status=301, Location="/2")
    assert await client.fetch("https://site.example/2", _JSON) == b"{}"
    with pytest.raises(FetchRefused, match="too many redirects"):
        await client.fetch("https://site.example/3", _JSON)
    site.hosts |= {"internal.example": ["192.168.0.1"], "169.254.169.254": ["169.254.169.254"]}
    for inside in (
        "https://internal.example/",
        "https://169.254.169.254/latest",
        "http://cdn.example/end",
        "https://cdn.example:444/end",
    ):
        site.asked.clear()
        pages["site.example/in"] = respond(b"", status=302, Location=inside)
        with pytest.raises(FetchRefused):
            await client.fetch("https://site.example/in", _JSON)
        assert [path for _, path, _ in site.asked] == ["/in"]


async def test_a_name_that_turns_to_an_internal_address_is_refused(site: OtherSite) -> None:
    """Each request resolves the name anew, once, and connects to nothing but what it checked."""

    async def rebind(writer: asyncio.StreamWriter) -> None:
        site.hosts["site.example"] = ["127.0.0.1"]
        writer.write(respond(b"", status=302, Location="https://site.example/b"))

    site.pages |= {"site.example/": rebind, "site.example/b": respond(b"{}")}
    with pytest.raises(FetchRefused, match="not on the Internet"):
        await site.client().fetch("https://site.example/", _JSON)
    assert [path for _, path, _ in site.asked] == ["/"]
    assert len(site.resolved) == 2


async def test_a_silent_name_server_holds_up_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    """Names that are looked up for long, also after their time limit, take no thread of the others.

    Threads of the event loop store uploads and compress long answers.
    """
    answered = threading.Event()

    def look_up(*_: object, **__: object) -> list[object]:
        answered.wait()
        return []

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    try:
        for _ in range(40):
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(resolve("site.example", 443), 0.001)
        assert await asyncio.wait_for(asyncio.to_thread(int, "1"), 60) == 1
    finally:
        answered.set()


async def test_the_next_address_of_a_host_is_tried(site: OtherSite) -> None:
    """A host whose first address accepts no connection is reached at its second one."""
    site.pages["site.example/"] = respond(b"{}")

    async def resolve(host: str, port: int) -> list[tuple[str, int]]:
        return [("127.0.0.1", 1), ("127.0.0.1", site.port)]

    client = OutsideClient(resolve, lambda _: True, site.certificates)
    assert await client.fetch("https://site.example/", _JSON) == b"{}"


@pytest.mark.parametrize(
    "answer",
    [
        respond(b"x" * (256 * 1024 + 1)),
        respond(gzip.compress(b" " * 50_000_000), Content_Encoding="gzip"),
        respond(b"x" * 300_000, Transfer_Encoding="chunked"),
        respond(b"{}", "text/html"),
        respond(b"{}", "application/jsonp"),
        respond(b"{}", status=500),
        respond(b"{}", status=204),
        respond(b"", status=302),
        b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 100_000,
        b"SSH-2.0-OpenSSH\r\n",
        b"",
    ],
    ids=lambda answer: str(answer[:40]),
)
async def test_what_is_too_large_or_of_another_type_is_refused(
    site: OtherSite, answer: bytes
) -> None:
    """Documents over 256 KiB, compressed ones, other types, statuses and protocols are refused."""
    site.pages["site.example/"] = answer
    with pytest.raises(FetchRefused):
        await site.client().fetch("https://site.example/", _JSON)


async def test_an_endless_document_ends_at_the_limit(site: OtherSite) -> None:
    """A document without end is given up after 256 KiB, and its connection closed."""
    closed = asyncio.Event()

    async def flood(writer: asyncio.StreamWriter) -> None:
        try:
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n")
            while True:
                writer.write(b" " * 65536)
                await writer.drain()
        finally:
            closed.set()

    site.pages["site.example/"] = flood
    with pytest.raises(FetchRefused, match="too large"):
        await site.client().fetch("https://site.example/", _JSON)
    await closed.wait()


async def test_a_document_in_small_pieces_holds_up_nobody() -> None:
    """Other tasks run between the pieces of a document, also where all of them have arrived."""
    turns = 0

    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(1000):
            yield b" "

    async def work() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    working = asyncio.create_task(work())
    response = httpx.Response(200, headers={"Content-Type": "application/json"}, content=pieces())
    assert await read_document(response, _JSON) == b" " * 1000
    working.cancel()
    assert turns > 500
