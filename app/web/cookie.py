"""The cookie of a session, and from where it may be used.

A browser sends it with every request to us, whoever made it ask. So what changes anything is taken
only from our own pages: by its Origin, which a page cannot choose.
"""

from datetime import timedelta
from urllib.parse import urlsplit

from fastapi import Response
from starlette.requests import HTTPConnection

from app.access.roles import NotAllowed

_NAME = "dateline_session"
_LONGEST = timedelta(days=400)  # that browsers take (RFC 6265bis)
_SAFE = {"GET", "HEAD", "OPTIONS"}


def _name(base_url: str) -> str:
    # Browsers take the prefix only over TLS, and then from nobody but this very host.
    return f"__Host-{_NAME}" if base_url.startswith("https:") else _NAME


def read_cookie(connection: HTTPConnection, base_url: str) -> str | None:
    """A session's secret, None without one."""
    return connection.cookies.get(_name(base_url))


def set_cookie(response: Response, secret: str, base_url: str, lifetime: timedelta) -> None:
    """Give a browser a session's secret, for as long as the session lives at most."""
    response.set_cookie(
        _name(base_url),
        secret,
        max_age=round(min(lifetime, _LONGEST).total_seconds()),
        secure=base_url.startswith("https:"),
        httponly=True,
        samesite="lax",
    )


def drop_cookie(response: Response, base_url: str) -> None:
    """Take it back."""
    response.delete_cookie(
        _name(base_url), secure=base_url.startswith("https:"), httponly=True, samesite="lax"
    )


def check_origin(connection: HTTPConnection, base_url: str) -> None:
    """Refuse what another site's page made a browser ask.

    Raises:
        NotAllowed: it would change something, and does not say that it comes from our own page.
    """
    method = connection.scope.get("method", "GET")
    if connection.scope["type"] == "http" and method in _SAFE:
        return
    origin = connection.headers.get("origin", "")
    ours = {base_url, f"{_scheme(connection)}://{connection.headers.get('host', '')}"}
    if origin not in ours:
        raise NotAllowed("A session works from our own pages only: the Origin is another one.")


def _scheme(connection: HTTPConnection) -> str:
    return "https" if urlsplit(str(connection.url)).scheme in {"https", "wss"} else "http"
