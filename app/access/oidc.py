"""OpenID Connect: identify people by the newsroom's identity provider.

The authorization code flow with PKCE. An ID token counts only if the provider has signed it for
this newsroom and this login state: issuer, audience, nonce, times and signature are checked. The
size of every response is limited, and a malformed response becomes a refusal with a message.
Authlib and joserfc implement the protocol; the extra `dateline[oidc]` installs them.

Source: OpenID Connect Core 1.0, section 3.1, and Discovery 1.0, section 4; RFC 7636; RFC 9207.
"""

import asyncio
import json
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import httpx

from app.access.issuer import is_safe
from app.access.login_state import LoginState
from app.access.passwords import TooManySignIns
from app.access.people import EMAIL
from app.access.roles import NotSignedIn
from app.timeline.visible_text import is_visible

_log = logging.getLogger(__name__)

_TIMEOUT = 10.0  # seconds, the time-out of each request to the provider
_LEEWAY = 60  # seconds by which the clocks may differ
_FRESH = timedelta(hours=1)
_PAUSE = timedelta(seconds=5)  # between requests for the metadata of a provider that has failed
_AT_ONCE = 8  # sign-ins that are verified with the provider concurrently
_WAITING = 64  # sign-ins that run or wait for that
_DOCUMENT = 1024 * 1024  # bytes of a response at most
_SUBJECT = re.compile(r"[ -~]{1,255}")  # OpenID Connect Core, section 2
_NAME = 200  # characters
_EMAIL = re.compile(EMAIL)
_SCOPE = "openid email profile"
# Asymmetric algorithms only: `none` would accept a token from anybody, and HMAC one from every
# holder of the client secret.
_ALGORITHMS = [f"{kind}{size}" for kind in ("RS", "PS", "ES") for size in (256, 384, 512)]
_ALGORITHMS += ["EdDSA", "Ed25519"]
_ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")


class ProviderDown(NotSignedIn):
    """The identity provider does not answer, or not according to the protocol."""


class IdentityRefused(NotSignedIn):
    """The identity provider identified nobody, or its answer could not be verified."""


@dataclass(frozen=True, slots=True)
class Identity:
    """A person, as the provider identifies them.

    `subject` is unique across all providers. `email` is None unless the provider has verified that
    the address is theirs.
    """

    subject: str
    email: str | None
    name: str | None


class Provider:
    """An identity provider.

    Args:
        issuer: its issuer identifier, a URL, exactly as in its metadata.
        client_id: the newsroom's client id at the provider.
        client_secret: the newsroom's client secret at the provider.
    """

    def __init__(self, issuer: str, client_id: str, client_secret: str) -> None:
        self.issuer = issuer
        self.secret = client_secret
        self._client_id = client_id
        self._metadata: tuple[datetime, dict[str, Any]] | None = None
        self._failed_at: datetime | None = None
        self._discovery = asyncio.Lock()
        self._slots = asyncio.Semaphore(_AT_ONCE)
        self._waiting = 0

    async def authorization_url(
        self, login_state: LoginState, redirect_uri: str, now: datetime
    ) -> str:
        """Build the address at the provider to which a browser is redirected.

        Args:
            login_state: the browser's login state.
            redirect_uri: the redirect URI of this server.
            now: the current time.

        Raises:
            ProviderDown: the provider's metadata is not available.
        """
        from authlib.oauth2.rfc6749.parameters import prepare_grant_uri  # noqa: PLC0415
        from authlib.oauth2.rfc7636 import create_s256_code_challenge  # noqa: PLC0415

        metadata = await self._discover(now)
        with _malformed_as_down():
            address: str = prepare_grant_uri(
                metadata["authorization_endpoint"],
                self._client_id,
                "code",
                redirect_uri,
                _SCOPE,
                login_state.state,
                nonce=login_state.nonce,
                code_challenge=create_s256_code_challenge(login_state.verifier),
                code_challenge_method="S256",
            )
        return address

    async def identify(
        self, login_state: LoginState, code: str, redirect_uri: str, now: datetime
    ) -> Identity:
        """Redeem a code, and identify the person.

        Raises:
            ProviderDown: the provider does not answer.
            IdentityRefused: the provider refuses the code, or its answer cannot be verified.
            TooManySignIns: too many sign-ins are waiting for the provider.
        """
        if self._waiting >= _WAITING:
            raise TooManySignIns("Too many people are signing in. Try again in a few seconds.")
        self._waiting += 1
        try:
            async with self._slots:
                with _malformed_as_down():
                    metadata = await self._discover(now)
                    tokens = await self._redeem(metadata, login_state, code, redirect_uri)
                    keys = await _request("GET", metadata["jwks_uri"])
                    claims = self._verify(tokens, keys, login_state, now)
                    endpoint = str(metadata.get("userinfo_endpoint", ""))
                    if "email" not in claims and is_safe(endpoint):
                        bearer = {"Authorization": f"Bearer {tokens.get('access_token')}"}
                        userinfo = await _request("GET", endpoint, headers=bearer)
                        if userinfo.get("sub") == claims["sub"]:
                            claims = userinfo | claims
        finally:
            self._waiting -= 1
        subject = claims["sub"]
        if not isinstance(subject, str) or not _SUBJECT.fullmatch(subject):
            raise IdentityRefused("The identity provider does not say who you are. Begin again.")
        email, name, verified = (claims.get(part) for part in ("email", "name", "email_verified"))
        is_theirs = isinstance(email, str) and _EMAIL.fullmatch(email.strip())
        printed = name if isinstance(name, str) and name.isprintable() else ""
        return Identity(
            f"{self.issuer} {subject}",
            email if is_theirs and (verified is True or verified == "true") else None,
            printed[:_NAME] if is_visible(printed) else None,
        )

    async def _discover(self, now: datetime) -> dict[str, Any]:
        async with self._discovery:  # concurrent sign-ins share one request
            if self._metadata is not None and now - self._metadata[0] < _FRESH:
                return self._metadata[1]
            if self._failed_at is not None and now - self._failed_at < _PAUSE:
                raise ProviderDown("The identity provider does not answer. Try again later.")
            self._failed_at = now
            address = f"{self.issuer.rstrip('/')}/.well-known/openid-configuration"
            metadata = await _request("GET", address)
            complete = all(is_safe(str(metadata.get(name, ""))) for name in _ENDPOINTS)
            if metadata.get("issuer") != self.issuer or not complete:
                raise ProviderDown(
                    "The identity provider's metadata is invalid, or of another issuer."
                )
            self._metadata, self._failed_at = (now, metadata), None
            return metadata

    async def _redeem(
        self, metadata: dict[str, Any], login_state: LoginState, code: str, redirect_uri: str
    ) -> dict[str, Any]:
        from authlib.oauth2.auth import ClientAuth  # noqa: PLC0415
        from authlib.oauth2.rfc6749.parameters import prepare_token_request  # noqa: PLC0415

        ways = metadata.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        way = "client_secret_basic" if "client_secret_basic" in ways else "client_secret_post"
        body = prepare_token_request(
            "authorization_code",
            code=code,
            redirect_uri=redirect_uri,
            code_verifier=login_state.verifier,
        )
        plain = {
            "Accept": "application/json",
            "Content-Type": "application/x-www-form-urlencoded;charset=UTF-8",
        }
        auth = ClientAuth(self._client_id, self.secret, way)
        address, headers, body = auth.prepare("POST", metadata["token_endpoint"], plain, body)
        return await _request("POST", address, headers=headers, content=body)

    def _verify(
        self, tokens: dict[str, Any], keys: dict[str, Any], login_state: LoginState, now: datetime
    ) -> dict[str, Any]:
        from authlib.oidc.core import CodeIDToken  # noqa: PLC0415
        from joserfc.errors import JoseError  # noqa: PLC0415
        from joserfc.jwk import KeySet  # noqa: PLC0415
        from joserfc.jwt import decode  # noqa: PLC0415

        expected = {
            "iss": {"essential": True, "value": self.issuer},
            "aud": {"essential": True, "value": self._client_id},
            "nonce": {"essential": True, "value": login_state.nonce},
        }
        access_token = tokens.get("access_token")
        known = {
            "nonce": login_state.nonce,
            "client_id": self._client_id,
            "access_token": access_token,
        }
        try:
            key_set = KeySet.import_key_set(keys)  # type: ignore[arg-type]
            token = decode(str(tokens.get("id_token", "")), key_set, _ALGORITHMS)
            claims = CodeIDToken(token.claims, token.header, expected, known)
            claims.validate(int(now.timestamp()), _LEEWAY)
        except (JoseError, ValueError, TypeError, KeyError) as error:
            raise IdentityRefused(
                "The identity provider's answer could not be verified. Begin again."
            ) from error
        return dict(claims)


@contextmanager
def _malformed_as_down() -> Iterator[None]:
    """Convert the exceptions that libraries raise for a malformed response to `ProviderDown`.

    Raises:
        ProviderDown: the block raised anything but a `NotSignedIn`.
    """
    try:
        yield
    except NotSignedIn:
        raise
    except Exception as error:
        _log.warning("the identity provider's response is malformed: %s", type(error).__name__)
        raise ProviderDown(
            "The identity provider does not answer as it should. Try again later."
        ) from error


async def _request(method: str, address: str, **options: Any) -> dict[str, Any]:
    """Request a JSON document from the provider.

    Raises:
        ProviderDown: there is no response, or it is malformed.
        IdentityRefused: the provider refuses the request.
    """
    try:
        async with (
            httpx.AsyncClient(timeout=_TIMEOUT) as client,
            client.stream(method, address, **options) as response,
        ):
            document = json.loads(await _read_limited(response))
    except (httpx.HTTPError, httpx.InvalidURL, ValueError, RecursionError) as error:
        raise ProviderDown("The identity provider does not answer. Try again later.") from error
    if response.is_client_error:
        raise IdentityRefused("The identity provider did not confirm who you are. Begin again.")
    if not response.is_success or not isinstance(document, dict):
        raise ProviderDown("The identity provider does not answer as it should. Try again later.")
    return document


async def _read_limited(response: httpx.Response) -> bytes:
    body = bytearray()
    async for piece in response.aiter_bytes():
        body += piece
        if len(body) > _DOCUMENT:
            raise ValueError("the answer is too long")
    return bytes(body)
