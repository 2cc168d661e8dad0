"""The cookie of a session, and from where it may be used.

A browser sends it with every request to us, whoever made it ask. So what changes anything is taken
only from our own pages: by its Origin, which a page cannot choose.
"""

from datetime import timedelta
from urllib.parse import urlsplit

from fastapi import Response
from starlette.requests import HTTPConnection

from app.access.roles import NotAllowed

SESSION = "dateline_session"
CHALLENGE = "dateline_challenge"  # between the password and the second factor
PASSKEY = "dateline_passkey"  # before a passkey has told who is there
ERRAND = "dateline_errand"  # on the way to the identity provider and back
DEVICE = "dateline_device"  # of a browser that somebody has signed in with before
_LONGEST = timedelta(days=400)  # that browsers take (RFC 6265bis)
_SAFE = {"GET", "HEAD", "OPTIONS"}
_PORTS = {"http": 80, "https": 443}


def _name(base_url: str, name: str) -> str:
    # Browsers take the prefix only over TLS, and then from nobody but this very host.
    return f"__Host-{name}" if base_url.startswith("https:") else name


def read_cookie(connection: HTTPConnection, base_url: str, name: str = SESSION) -> str | None:
    """A session's secret, None without one."""
    return connection.cookies.get(_name(base_url, name))


def set_cookie(
    response: Response, secret: str, base_url: str, lifetime: timedelta, name: str = SESSION
) -> None:
    """Give a browser a session's secret, for as long as the session lives at most."""
    response.set_cookie(
        _name(base_url, name),
        secret,
        max_age=round(min(lifetime, _LONGEST).total_seconds()),
        secure=base_url.startswith("https:"),
        httponly=True,
        samesite="lax",
    )


def drop_cookie(response: Response, base_url: str, name: str = SESSION) -> None:
    """Take it back."""
    response.delete_cookie(
        _name(base_url, name), secure=base_url.startswith("https:"), httponly=True, samesite="lax"
    )


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
