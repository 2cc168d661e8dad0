"""Session cookies: their names, lifetimes and attributes."""

from datetime import timedelta

from fastapi import Response
from starlette.requests import HTTPConnection

SESSION = "dateline_session"
CHALLENGE = "dateline_challenge"  # between the password and the second factor
PASSKEY = "dateline_passkey"  # before a passkey has identified the person
LOGIN_STATE = "dateline_login_state"  # during a sign-in at the identity provider
DEVICE = "dateline_device"  # marks a browser with which a person has signed in before
_LONGEST = timedelta(days=400)  # the longest lifetime that browsers accept (RFC 6265bis)


def _name(base_url: str, name: str) -> str:
    # Browsers accept the prefix `__Host-` only over TLS, and only from this exact host.
    return f"__Host-{name}" if base_url.startswith("https:") else name


def read_cookie(connection: HTTPConnection, base_url: str, name: str = SESSION) -> str | None:
    """Return a cookie's secret; None without the cookie."""
    return connection.cookies.get(_name(base_url, name))


def set_cookie(
    response: Response, secret: str, base_url: str, lifetime: timedelta, name: str = SESSION
) -> None:
    """Set a cookie with a session's secret, for at most the session's lifetime."""
    response.set_cookie(
        _name(base_url, name),
        secret,
        max_age=round(min(lifetime, _LONGEST).total_seconds()),
        secure=base_url.startswith("https:"),
        httponly=True,
        samesite="lax",
    )


def drop_cookie(response: Response, base_url: str, name: str = SESSION) -> None:
    """Delete a cookie."""
    response.delete_cookie(
        _name(base_url, name), secure=base_url.startswith("https:"), httponly=True, samesite="lax"
    )
