"""Session cookies: their names, how long they live, and what browsers are told to do with them."""

from datetime import timedelta

from fastapi import Response
from starlette.requests import HTTPConnection

SESSION = "dateline_session"
CHALLENGE = "dateline_challenge"  # between the password and the second factor
PASSKEY = "dateline_passkey"  # before a passkey has told who is there
LOGIN_STATE = "dateline_errand"  # on the way to the identity provider and back
DEVICE = "dateline_device"  # of a browser that somebody has signed in with before
_LONGEST = timedelta(days=400)  # that browsers take (RFC 6265bis)


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
