"""Login state: what a browser carries while it signs in at the identity provider.

The server stores nothing; the state is a signed text in the browser's cookie. `state`, `nonce` and
the PKCE verifier are derived from its random part and the server's secret, so that every process
can compute them again and the cookie does not reveal them.
"""

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from itsdangerous import BadData, URLSafeSerializer

from app.access.roles import NotSignedIn

LIFETIME = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class LoginState:
    """The values that were sent to the provider, and the page to go on to.

    `state` comes back in the address and `nonce` in the ID token. `verifier` proves that the client
    that requests the token is the one that sent the browser (RFC 7636).
    """

    state: str
    nonce: str
    verifier: str
    onward: str


def begin_login(secret: str, onward: str, now: datetime) -> str:
    """Return the cookie of a new login state.

    Args:
        secret: the server's secret, the same in all processes.
        onward: the page of the desk to go on to afterwards.
        now: the current time.
    """
    ends = int((now + LIFETIME).timestamp())
    state = {"random": secrets.token_urlsafe(32), "ends": ends, "onward": onward}
    return str(_serializer(secret).dumps(state))


def read_login_state(secret: str, cookie: str | None, now: datetime) -> LoginState:
    """Read the login state from its cookie.

    Raises:
        NotSignedIn: there is no cookie, its signature is wrong, or it has expired.
    """
    try:
        content = _serializer(secret).loads(cookie or "")
    except BadData:
        content = None
    if content is None or datetime.fromtimestamp(content["ends"], UTC) <= now:
        raise NotSignedIn("This sign-in was not started here, or took too long. Begin again.")
    state, nonce, verifier = (
        _derive(secret, part, content["random"]) for part in ("state", "nonce", "verifier")
    )
    return LoginState(state, nonce, verifier, content["onward"])


def _serializer(secret: str) -> URLSafeSerializer:
    # Its default is SHA-1. The time is in the content: its timed signer reads the system's clock.
    options = {"key_derivation": "hmac", "digest_method": hashlib.sha256}
    return URLSafeSerializer(secret, salt="dateline login state", signer_kwargs=options)


def _derive(secret: str, part: str, random: str) -> str:
    digest = hmac.digest(secret.encode(), f"dateline {part} {random}".encode(), hashlib.sha256)
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")
