"""Outside client: fetches from other sites, and reaches nothing inside the operator's networks.

A contributor chooses whose service is asked, and that service where it redirects to. So every
address is checked anew: `https` at its standard port, a host name whose IP addresses are all
public, resolved once, and a connection to the address that was checked. Nothing that identifies
this server's sessions is sent: no cookies, no credentials, and no proxy of the environment is used.
"""

import asyncio
import re
import ssl
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from ipaddress import ip_address

import httpx

from app.media.public_addresses import IpAddress, is_public, resolve

Resolve = Callable[[str, int], Awaitable[Sequence[tuple[str, int]]]]

_PORT = 443
_REDIRECTS = 2
_LARGEST = 256 * 1024  # bytes of a response
_CONNECT = 2.0  # seconds for one of a host's IP addresses
# What is not compressed cannot grow.
_HEADERS = {"Accept-Encoding": "identity", "User-Agent": "Dateline"}


class FetchRefused(Exception):
    """An address is not fetched, or its response is not accepted; the message is for the log."""


class OutsideClient:
    """A client for documents of other sites.

    Args:
        resolve: resolves a host name to IP addresses with ports.
        is_allowed: whether to connect to an IP address.
        certificates: verifies the other sites; None for the certificate authorities that httpx
            trusts.
    """

    def __init__(
        self,
        resolve: Resolve = resolve,
        is_allowed: Callable[[IpAddress], bool] = is_public,
        certificates: ssl.SSLContext | None = None,
    ) -> None:
        self._resolve = resolve
        self._is_allowed = is_allowed
        self._certificates = certificates

    async def fetch(self, address: str, media_type: re.Pattern[str]) -> bytes:
        """Fetch a document. The caller limits the time.

        Args:
            address: the document's address.
            media_type: the accepted media types.

        Raises:
            FetchRefused: the address is refused, the site does not answer as it should, or the
                document is too large.
        """
        if self._certificates is None:
            self._certificates = await asyncio.to_thread(httpx.create_ssl_context)
        try:
            url = httpx.URL(address)
            for _ in range(_REDIRECTS + 1):
                answer = await self._ask(url, media_type)
                if isinstance(answer, bytes):
                    return answer
                url = answer
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
            raise FetchRefused(f"{type(error).__name__}: {error}") from error
        raise FetchRefused("too many redirects")

    async def _ask(self, url: httpx.URL, media_type: re.Pattern[str]) -> bytes | httpx.URL:
        """Request an address; returns the document, or the address of a redirect."""
        if url.scheme != "https" or url.port is not None or url.userinfo or not url.host:
            raise FetchRefused("no https address at the standard port")
        host = url.raw_host.decode("ascii")
        found = await self._resolve(host, _PORT)
        if not found or not all(self._is_allowed(ip_address(ip)) for ip, _ in found):
            raise FetchRefused(f"{host} is not on the Internet")
        assert self._certificates is not None
        transport = httpx.AsyncHTTPTransport(verify=self._certificates, trust_env=False)
        async with transport:
            for ip, port in found:
                request = httpx.Request(
                    "GET",
                    url.copy_with(host=ip, port=port),
                    headers=_HEADERS | {"Host": url.netloc.decode("ascii")},
                    # The name in the certificate is the host's, not the IP address.
                    extensions={"sni_hostname": host, "timeout": {"connect": _CONNECT}},
                )
                with suppress(httpx.ConnectError, httpx.ConnectTimeout):
                    response = await transport.handle_async_request(request)
                    break
            else:
                raise FetchRefused(f"{host} accepts no connection")
            try:
                if response.has_redirect_location:
                    return url.join(response.headers["location"])
                return await read_document(response, media_type)
            finally:
                await response.aclose()


async def read_document(response: httpx.Response, media_type: re.Pattern[str]) -> bytes:
    """Read a response's document, up to the largest size.

    Raises:
        FetchRefused: it is no document of the media type, compressed, or too large.
    """
    if response.status_code != httpx.codes.OK:
        raise FetchRefused(f"status {response.status_code}")
    named = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    if not media_type.fullmatch(named):
        raise FetchRefused(f"a document of type {named!r}")
    if response.headers.get("content-encoding", "identity") != "identity":
        raise FetchRefused("a compressed document")
    document = bytearray()
    async for piece in response.aiter_raw():
        document += piece
        if len(document) > _LARGEST:
            raise FetchRefused("a document that is too large")
        # Pieces that have arrived already are read without a pause: tens of thousands, if each has
        # one byte.
        await asyncio.sleep(0)
    return bytes(document)
