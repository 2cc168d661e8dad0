"""CSRF protection by the Origin header.

A browser sends a session's cookie with every request to this server, whichever page caused it. So
requests that change something are accepted from this server's own pages only, according to the
Origin header, which a page cannot forge.
"""

from urllib.parse import urlsplit

from starlette.requests import HTTPConnection

from app.access.roles import NotAllowed

_SAFE = {"GET", "HEAD", "OPTIONS"}
_PORTS = {"http": 80, "https": 443}


def check_origin(connection: HTTPConnection, base_url: str) -> None:
    """Refuse a request that changes something and does not come from one of our pages.

    Raises:
        NotAllowed: the request changes something, and its Origin is missing or another site's.
    """
    if connection.scope.get("method", "GET") not in _SAFE and not comes_from_us(
        connection, base_url
    ):
        raise NotAllowed("A session works on this site's pages only: the Origin is another.")


def comes_from_us(connection: HTTPConnection, base_url: str) -> bool:
    """Return whether a request comes from one of our pages, according to its Origin."""
    secure = connection.scope.get("scheme") in {"https", "wss"}
    here = f"{'https' if secure else 'http'}://{connection.headers.get('host', '')}"
    return connection.headers.get("origin", "") in {origin_of(base_url), origin_of(here)}


def origin_of(address: str) -> str:
    """Return the origin of an address as browsers write it: without path and default port."""
    try:
        parts = urlsplit(address)
        port = "" if parts.port in {None, _PORTS.get(parts.scheme)} else f":{parts.port}"
    except ValueError:  # the client chose the Host
        return address
    host = parts.hostname or ""
    return f"{parts.scheme}://{f'[{host}]' if ':' in host else host}{port}"
