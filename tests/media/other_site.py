"""Another site: a TLS server on the loopback address, which answers for any host name.

A test names the hosts that lead to it, as a resolver does.
"""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from app.media.outside_client import OutsideClient
from app.media.public_addresses import IpAddress, is_public

PUBLIC = "93.184.215.14"  # stands for the server in what a resolver returns

Act = Callable[[asyncio.StreamWriter], Awaitable[None]]


def respond(
    body: bytes, media_type: str = "application/json", status: int = 200, **fields: str
) -> bytes:
    """Return an HTTP response with its whole body."""
    headers = {"Content-Type": media_type, "Content-Length": str(len(body))}
    headers |= {name.replace("_", "-"): value for name, value in fields.items()}
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"HTTP/1.1 {status} OK\r\n{head}\r\n".encode() + body


@dataclass
class OtherSite:
    """A running site.

    `pages` has the response, or what writes one, by host and path. `asked` has the host, the path
    and the headers of each request, `resolved` the names that were resolved. `hosts` has the IP
    addresses of names; other names have that of this server.
    """

    certificates: ssl.SSLContext
    port: int = 0
    pages: dict[str, bytes | Act] = field(default_factory=dict)
    asked: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    resolved: list[str] = field(default_factory=list)
    hosts: dict[str, list[str]] = field(default_factory=dict)

    def client(self) -> OutsideClient:
        """A client by whose resolver every name leads here.

        What the resolver finds is checked as in the product. Only then is the address that stands
        for this server replaced by the server's own, which the product would refuse.
        """
        found: list[str] = []

        async def resolve(host: str, _: int) -> list[tuple[str, int]]:
            self.resolved.append(host)
            found[:] = self.hosts.get(host, [PUBLIC])
            return [("127.0.0.1" if ip == PUBLIC else ip, self.port) for ip in found]

        def is_allowed(_: IpAddress) -> bool:
            return all(is_public(ip_address(ip)) for ip in found)

        return OutsideClient(resolve, is_allowed, self.certificates)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one request."""
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            request, *lines = head.strip().split("\r\n")
            headers = {
                name.lower(): value for name, value in (line.split(": ", 1) for line in lines)
            }
            path = request.split(" ")[1]
            self.asked.append((headers["host"], path, headers))
            page = self.pages.get(headers["host"] + path.partition("?")[0])
            if callable(page):
                await page(writer)
            else:
                writer.write(page or respond(b"{}", status=404))
                await writer.drain()
        writer.close()


@asynccontextmanager
async def other_site(folder: Path, *hosts: str) -> AsyncIterator[OtherSite]:
    """Run a site whose certificate names these hosts, for the length of a block."""
    certificate, key = _write_certificate(folder, hosts)
    own = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    own.load_cert_chain(certificate, key)
    site = OtherSite(ssl.create_default_context(cafile=str(certificate)))
    server = await asyncio.start_server(site.serve, "127.0.0.1", 0, ssl=own)
    site.port = server.sockets[0].getsockname()[1]
    try:
        yield site
    finally:
        server.close()


def _write_certificate(folder: Path, hosts: tuple[str, ...]) -> tuple[Path, Path]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "another site")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(h) for h in hosts]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    files = folder / "site.pem", folder / "site.key"
    pem = serialization.Encoding.PEM
    files[0].write_bytes(certificate.public_bytes(pem))
    files[1].write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return files
