"""CSRF protection by the Origin header.

A browser sends a session's cookie with every request to us, whichever page made it ask. So what
changes anything is taken from our own pages only, by the Origin, which a page cannot choose.
"""

from urllib.parse import urlsplit

from starlette.requests import HTTPConnection

from app.access.roles import NotAllowed

_SAFE = {"GET", "HEAD", "OPTIONS"}
_PORTS = {"http": 80, "https": 443}


def check_origin(connection: HTTPConnection, base_url: str) -> None:
    """Refuse what another site's page made a browser ask.

    Raises:
        NotAllowed: it would change something, and does not say that it comes from our own page.
    """
    if connection.scope.get("method", "GET") not in _SAFE and not comes_from_us(
        connection, base_url
    ):
        raise NotAllowed("A session works from our own pages only: the Origin is another one.")


def comes_from_us(connection: HTTPConnection, base_url: str) -> bool:
    """Whether a request says that a page of ours made it, by its Origin."""
    secure = connection.scope.get("scheme") in {"https", "wss"}
    here = f"{'https' if secure else 'http'}://{connection.headers.get('host', '')}"
    return connection.headers.get("origin", "") in {origin_of(base_url), origin_of(here)}


def origin_of(address: str) -> str:
    """The origin of an address, as browsers write it: no path, no port that goes without saying."""
    try:
        parts = urlsplit(address)
        port = "" if parts.port in {None, _PORTS.get(parts.scheme)} else f":{parts.port}"
    except ValueError:  # the Host is the client's own word
        return address
    host = parts.hostname or ""
    return f"{parts.scheme}://{f'[{host}]' if ':' in host else host}{port}"
