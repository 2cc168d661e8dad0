"""A browser's errand: sent to the identity provider to sign in, and expected back soon.

All that is remembered of it is a text in the browser's own cookie, signed. What the provider is
told, or has to give back, is made from its random part and our secret, so that any of our
processes knows it again and the cookie betrays none of it.
"""

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from app.access.roles import NotSignedIn

LASTS = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class LoginState:
    """What was sent along, and where to go on.

    `state` comes back in the address, `nonce` in the provider's word on who it is, `verifier` shows
    that who asks for that word is who sent the browser (RFC 7636).
    """

    state: str
    nonce: str
    verifier: str
    onward: str


def begin_login(secret: str, onward: str, now: datetime) -> str:
    """The cookie of a new one.

    Args:
        secret: ours, the same in all processes.
        onward: the address of ours to go on to.
        now: the time.
    """
    ends = int((now + LASTS).timestamp())
    address = base64.urlsafe_b64encode(onward.encode()).decode()
    told = f"{secrets.token_urlsafe(32)}.{ends}.{address}"
    return f"{told}.{_derive(secret, 'cookie', told)}"


def read_login_state(secret: str, cookie: str | None, now: datetime) -> LoginState:
    """The errand of a cookie.

    Raises:
        NotSignedIn: there is none, it is not of our making, or it has taken too long.
    """
    told, _, seal = (cookie or "").rpartition(".")
    parts = told.split(".")
    genuine = hmac.compare_digest(_derive(secret, "cookie", told).encode(), seal.encode())
    if not genuine or datetime.fromtimestamp(int(parts[1]), UTC) <= now:
        raise NotSignedIn("This way to sign in was not begun here, or too long ago. Begin again.")
    state, nonce, verifier = (
        _derive(secret, part, parts[0]) for part in ("state", "nonce", "verifier")
    )
    return LoginState(state, nonce, verifier, base64.urlsafe_b64decode(parts[2]).decode())


def _derive(secret: str, part: str, random: str) -> str:
    digest = hmac.digest(secret.encode(), f"dateline {part} {random}".encode(), hashlib.sha256)
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")
