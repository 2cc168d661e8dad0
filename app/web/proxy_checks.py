"""Proxy checks: detect misconfiguration of TLS, proxies and the public address from requests.

Each check looks for a sign in the requests of browsers and honest proxies, and names the setting to
change. Where a client can forge the sign, the warning says "if", and never offers the forged value
as a setting.
"""

from collections import OrderedDict
from collections.abc import Callable, Mapping
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import urlsplit

from starlette.types import Scope

from app.web.deployment import DeploymentWarnings
from app.web.origin import origin_of
from app.web.rate_limits.streams import client_key_by

_ENOUGH = 3  # clients behind one address: fewer may be a person who experiments
_PEERS = 64  # addresses whose clients are remembered, up to _ENOUGH each
_LONGEST = 45  # characters of an address
_FORWARDED = b"x-forwarded-for"
_PROTO = b"x-forwarded-proto"
# Headers that a proxy adds, and a direct client does not.
_MARKS = frozenset({b"x-forwarded-proto", b"x-forwarded-host", b"x-real-ip", b"forwarded", b"via"})
_READ = _MARKS | {_FORWARDED, b"host", b"origin", b"sec-fetch-site"}

# Private and shared networks (RFC 1918, 4193, 6598), loopback and link-local ones.
_PRIVATE = tuple(
    map(
        ip_network,
        (
            *("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7"),
            *("127.0.0.0/8", "169.254.0.0/16", "::1/128", "fe80::/10"),
        ),
    )
)

Address = IPv4Address | IPv6Address
Headers = Mapping[bytes, bytes]


class ProxyChecks:
    """Checks each request, and adds warnings.

    Args:
        warnings: receives the warnings.
        base_url: the public URL of this server.
        is_named: whether the operator has set it, by DATELINE_PUBLIC_URL.
        trusted: the proxies' addresses and networks, or `*`.
    """

    def __init__(
        self, warnings: DeploymentWarnings, *, base_url: str, is_named: bool, trusted: str
    ) -> None:
        self._warnings = warnings
        self._base_url = base_url
        self._origin = origin_of(base_url).lower()
        self._is_named = is_named
        self._trusts_all = trusted == "*"
        key_of = client_key_by(trusted)
        self._is_trusted: Callable[[str], bool] = lambda address: key_of(address) is None
        self._clients: OrderedDict[str, set[str]] = OrderedDict()

    def check(self, scope: Scope, peer: str) -> None:
        """Check a request.

        Args:
            scope: the request's scope, with the client that `ForwardedHeaders` determined.
            peer: the address that the connection came from.
        """
        # Of repeated headers the last counts, which the nearest proxy has added.
        headers: dict[bytes, bytes] = {}
        for name, value in scope["headers"]:
            if name in _READ:
                both = name == _FORWARDED and name in headers
                headers[name] = headers[name] + b"," + value if both else value
        if not headers.get(_FORWARDED, b"").strip(b" ,"):
            headers.pop(_FORWARDED, None)  # a proxy's variable that was empty
        if len(headers) > (b"host" in headers):
            self._check_address(scope, peer, headers)
            if not self._is_trusted(peer):
                self._check_untrusted(peer, headers)
            elif _FORWARDED in headers:
                self._check_named(scope, peer, headers)
            elif not self._trusts_all:
                self._check_silent(peer, headers)

    def _check_address(self, scope: Scope, peer: str, headers: Headers) -> None:
        """Warn if readers use another address than the one in cookies and links."""
        here = _same_origin(headers)
        is_tls = (
            scope["scheme"] in {"https", "wss"}
            or b"https" in headers.get(_PROTO, b"").lower()
            or b"proto=https" in headers.get(b"forwarded", b"").lower()
            or here.startswith("https://")
        )
        if is_tls and self._base_url.startswith("http:"):
            now = f"is {self._base_url}" if self._is_named else "is not set"
            self._warnings.add(
                "tls",
                f"Requests come by HTTPS, but DATELINE_PUBLIC_URL {now}: the desk's cookies lack "
                f"Secure and links lead to {self._base_url}. "
                "Set it to the https:// address that readers use.",
            )
        elif here and self._is_named and here != self._origin:
            self._warnings.add(
                "public-url",
                f"Browsers use a page of this server at another address than {self._base_url}: "
                "set DATELINE_PUBLIC_URL to the address that readers use, "
                "or have the proxy redirect them to it.",
            )
        elif not self._is_named and _FORWARDED in headers and self._is_trusted(peer):
            self._warnings.add(
                "no-public-url",
                "Requests come by a proxy, but DATELINE_PUBLIC_URL is not set: links lead to "
                f"{self._base_url}. Set it to the address that readers use.",
            )

    def _check_untrusted(self, peer: str, headers: Headers) -> None:
        """Warn of a proxy that is not trusted: every limit counts all its clients as one."""
        named = headers.get(_FORWARDED) or headers.get(b"forwarded") or headers.get(b"x-real-ip")
        if named is None or "untrusted-proxy" in self._warnings:
            return
        if self._has_several(peer, named.decode("latin-1")):
            self._warnings.add(
                "untrusted-proxy",
                f"{peer} names several clients but is not a trusted proxy, so all of them count as "
                "one address: a few wrong passwords block the sign-in for all. If it is your own "
                f"proxy, set DATELINE_TRUSTED_PROXIES to {peer}.",
            )

    def _check_named(self, scope: Scope, peer: str, headers: Headers) -> None:
        """Warn if the client that a trusted proxy names is implausible."""
        values = [part.strip() for part in headers[_FORWARDED].decode("latin-1").split(",")]
        client = _parse(scope["client"][0])
        if client is None:
            self._warnings.add(
                "no-address",
                f"The trusted proxy {peer} sends an X-Forwarded-For that ends with no IP address, "
                "so limits by address do not work: it has to send its client's IP address "
                "(DATELINE_TRUSTED_PROXIES).",
            )
        elif len(values) > 1 and self._is_trusted(str(client)):
            self._warnings.add(
                "all-trusted",
                f"Every address of an X-Forwarded-For that {peer} sends is a trusted proxy's, so "
                "the first is believed, which a client can choose: in DATELINE_TRUSTED_PROXIES "
                "name the proxies' own addresses and no network of clients.",
            )
        elif _is_private(client):
            self._check_private(peer, str(client), values[:-1])

    def _check_private(self, peer: str, client: str, before: list[str]) -> None:
        """Warn of a private client address: readers have public ones, so it may be a proxy's."""
        proxy = _parse(peer)
        if proxy is not None and not _is_private(proxy):
            self._warnings.add(
                "private-client",
                f"The trusted proxy {peer} names the private address {client} as its client: if it "
                "passes on what clients write into X-Forwarded-For, it has to overwrite that "
                "(DATELINE_TRUSTED_PROXIES).",
            )
        public = [value for value in before if (a := _parse(value)) and not _is_private(a)]
        if public and self._has_several(f"{peer} for others", public[-1]):
            self._warnings.add(
                "another-proxy",
                f"In the X-Forwarded-For of the trusted proxy {peer} several clients stand before "
                f"the private address {client}, which all of them count as: if that is another "
                "proxy of yours, add it to DATELINE_TRUSTED_PROXIES; if not, clients have written "
                "them, and the proxy had better overwrite the header.",
            )

    def _has_several(self, address: str, client: str) -> bool:
        """Remember a client that an address has named; return whether it has named several."""
        clients = self._clients.setdefault(address, set())
        if len(clients) < _ENOUGH:
            clients.add(client[:_LONGEST])
        if len(self._clients) > _PEERS:
            self._clients.popitem(last=False)
        return len(clients) >= _ENOUGH

    def _check_silent(self, peer: str, headers: Headers) -> None:
        """Warn of a trusted proxy that does not name its client, so the client can name any."""
        here = urlsplit(_same_origin(headers)).hostname or ""
        is_proxied = not _MARKS.isdisjoint(headers) or not (
            here in {"", "localhost"} or ((ip := _parse(here)) and ip.is_loopback)
        )
        if is_proxied:
            self._warnings.add(
                "silent-proxy",
                f"The trusted proxy {peer} does not set X-Forwarded-For: its clients have no "
                "limits by address, and whoever sends that header is believed. "
                "Have it set the header (DATELINE_TRUSTED_PROXIES).",
            )


def _same_origin(headers: Headers) -> str:
    """Return the origin of this server that a browser's same-origin request names; else empty."""
    origin = headers.get(b"origin", b"").decode("latin-1").lower()
    if not origin.startswith(("http://", "https://")):
        return ""
    host = headers.get(b"host", b"").decode("latin-1").lower()
    is_ours = headers.get(b"sec-fetch-site") == b"same-origin" or origin.partition("//")[2] == host
    return origin if is_ours else ""


def _parse(text: str) -> Address | None:
    try:
        return ip_address(text)
    except ValueError:
        return None


def _is_private(address: Address) -> bool:
    return any(address in network for network in _PRIVATE)
