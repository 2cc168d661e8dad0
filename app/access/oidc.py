"""The newsroom's identity provider, by OpenID Connect: who it says somebody is.

The code flow with PKCE. Nothing is believed that the provider has not signed for this newsroom and
this errand: issuer, audience, nonce, times and signature are checked. Whatever it answers is
bounded and, if it makes no sense, a refusal with a sentence. The protocol's parts are Authlib's and
joserfc's, which are there with the extra `dateline[oidc]` only.

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

_PATIENCE = 10.0  # seconds for each answer of the provider
_LEEWAY = 60  # seconds that clocks may differ
_FRESH = timedelta(hours=1)
_PAUSE = timedelta(seconds=5)  # in which a provider that has failed is not asked to describe itself
_AT_ONCE = 8  # people whom the provider is asked about at a time
_WAITING = 64  # people who wait for that, those among them
_DOCUMENT = 1024 * 1024  # bytes of an answer at most
_SUBJECT = re.compile(r"[ -~]{1,255}")  # OpenID Connect Core, section 2
_NAME = 200  # characters
_EMAIL = re.compile(EMAIL)
_SCOPE = "openid email profile"
# No secret is shared in these; with `none`, or our own client secret, anybody's word would do.
_ALGORITHMS = [f"{kind}{size}" for kind in ("RS", "PS", "ES") for size in (256, 384, 512)]
_ALGORITHMS += ["EdDSA", "Ed25519"]
_ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")


class ProviderDown(NotSignedIn):
    """The identity provider does not answer as it should."""


class IdentityRefused(NotSignedIn):
    """The identity provider did not vouch for anybody, or not in a way that can be trusted."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Somebody, as the provider knows them.

    `subject` names them among all of every provider. `email` is None unless the provider has seen
    that it is theirs.
    """

    subject: str
    email: str | None
    name: str | None


class Provider:
    """One provider.

    Args:
        issuer: its address, exactly as it calls itself.
        client_id: what it calls this newsroom.
        client_secret: by which it knows us.
    """

    def __init__(self, issuer: str, client_id: str, client_secret: str) -> None:
        self.issuer = issuer
        self.secret = client_secret
        self._client_id = client_id
        self._found: tuple[datetime, dict[str, Any]] | None = None
        self._failed_at: datetime | None = None
        self._describing = asyncio.Lock()
        self._asking = asyncio.Semaphore(_AT_ONCE)
        self._waiting = 0

    async def authorization_url(self, login_state: LoginState, back: str, now: datetime) -> str:
        """Where to send a browser.

        Args:
            login_state: what it is sent for.
            back: our address to which it comes back.
            now: the time.

        Raises:
            ProviderDown: the provider does not tell where.
        """
        from authlib.oauth2.rfc6749.parameters import prepare_grant_uri  # noqa: PLC0415
        from authlib.oauth2.rfc7636 import create_s256_code_challenge  # noqa: PLC0415

        described = await self._discover(now)
        with _doubting():
            address: str = prepare_grant_uri(
                described["authorization_endpoint"],
                self._client_id,
                "code",
                back,
                _SCOPE,
                login_state.state,
                nonce=login_state.nonce,
                code_challenge=create_s256_code_challenge(login_state.verifier),
                code_challenge_method="S256",
            )
        return address

    async def identify(
        self, login_state: LoginState, code: str, back: str, now: datetime
    ) -> Identity:
        """Who came back with that code.

        Raises:
            ProviderDown: the provider does not answer.
            IdentityRefused: it does not know the code, or its word does not hold.
            TooManySignIns: so many have come back that this one has to wait.
        """
        if self._waiting >= _WAITING:
            raise TooManySignIns("Very many people sign in just now. Try again in a few seconds.")
        self._waiting += 1
        try:
            async with self._asking:
                with _doubting():
                    return await self._identify(login_state, code, back, now)
        finally:
            self._waiting -= 1

    async def _identify(
        self, login_state: LoginState, code: str, back: str, now: datetime
    ) -> Identity:
        described = await self._discover(now)
        tokens = await self._redeem(described, login_state, code, back)
        keys = await _ask("GET", described["jwks_uri"])
        claims = self._check(tokens, keys, login_state, now)
        if "email" not in claims and is_safe(str(described.get("userinfo_endpoint", ""))):
            bearer = {"Authorization": f"Bearer {tokens.get('access_token')}"}
            told = await _ask("GET", described["userinfo_endpoint"], headers=bearer)
            if told.get("sub") == claims["sub"]:
                claims = told | claims
        return self._identity(claims)

    async def _discover(self, now: datetime) -> dict[str, Any]:
        async with self._describing:  # many who come at once are one question
            if self._found is not None and now - self._found[0] < _FRESH:
                return self._found[1]
            if self._failed_at is not None and now - self._failed_at < _PAUSE:
                raise ProviderDown("The identity provider does not answer. Try again later.")
            self._failed_at = now
            described = await self._describe()
            self._found, self._failed_at = (now, described), None
            return described

    async def _describe(self) -> dict[str, Any]:
        address = f"{self.issuer.rstrip('/')}/.well-known/openid-configuration"
        described = await _ask("GET", address)
        complete = all(is_safe(str(described.get(name, ""))) for name in _ENDPOINTS)
        if described.get("issuer") != self.issuer or not complete:
            raise ProviderDown("The identity provider describes itself as another one, or badly.")
        return described

    async def _redeem(
        self, described: dict[str, Any], login_state: LoginState, code: str, back: str
    ) -> dict[str, Any]:
        from authlib.oauth2.auth import ClientAuth  # noqa: PLC0415
        from authlib.oauth2.rfc6749.parameters import prepare_token_request  # noqa: PLC0415

        ways = described.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        way = "client_secret_basic" if "client_secret_basic" in ways else "client_secret_post"
        body = prepare_token_request(
            "authorization_code", code=code, redirect_uri=back, code_verifier=login_state.verifier
        )
        plain = {
            "Accept": "application/json",
            "Content-Type": "application/x-www-form-urlencoded;charset=UTF-8",
        }
        auth = ClientAuth(self._client_id, self.secret, way)
        address, headers, body = auth.prepare("POST", described["token_endpoint"], plain, body)
        return await _ask("POST", address, headers=headers, content=body)

    def _check(
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
        token_given = tokens.get("access_token")
        known = {
            "nonce": login_state.nonce,
            "client_id": self._client_id,
            "access_token": token_given,
        }
        try:
            key_set = KeySet.import_key_set(keys)  # type: ignore[arg-type]
            token = decode(str(tokens.get("id_token", "")), key_set, _ALGORITHMS)
            claims = CodeIDToken(token.claims, token.header, expected, known)
            claims.validate(int(now.timestamp()), _LEEWAY)
        except (JoseError, ValueError, TypeError, KeyError) as error:
            raise IdentityRefused(
                "What the identity provider says of you could not be verified. Begin again."
            ) from error
        return dict(claims)

    def _identity(self, claims: dict[str, Any]) -> Identity:
        email, name, seen = (claims.get(part) for part in ("email", "name", "email_verified"))
        subject = claims["sub"]
        if not isinstance(subject, str) or not _SUBJECT.fullmatch(subject):
            raise IdentityRefused("The identity provider does not say who you are. Begin again.")
        is_theirs = isinstance(email, str) and _EMAIL.fullmatch(email.strip())
        printed = name if isinstance(name, str) and name.isprintable() else ""
        return Identity(
            f"{self.issuer} {subject}",
            email if is_theirs and (seen is True or seen == "true") else None,
            printed[:_NAME] if is_visible(printed) else None,
        )


@contextmanager
def _doubting() -> Iterator[None]:
    """Call whatever libraries make of what the provider says a fault of the provider's.

    Raises:
        ProviderDown: something was raised that is no refusal.
    """
    try:
        yield
    except NotSignedIn:
        raise
    except Exception as error:
        _log.warning("the identity provider's answer makes no sense: %s", type(error).__name__)
        raise ProviderDown(
            "The identity provider does not answer as it should. Try again later."
        ) from error


async def _ask(method: str, address: str, **options: Any) -> dict[str, Any]:
    """A document of the provider's.

    Raises:
        ProviderDown: there is no answer, or none that could be one.
        IdentityRefused: the provider refuses what we ask.
    """
    try:
        async with (
            httpx.AsyncClient(timeout=_PATIENCE) as client,
            client.stream(method, address, **options) as answer,
        ):
            document = json.loads(await _read(answer))
    except (httpx.HTTPError, httpx.InvalidURL, ValueError, RecursionError) as error:
        raise ProviderDown("The identity provider does not answer. Try again later.") from error
    if answer.is_client_error:
        raise IdentityRefused("The identity provider did not confirm who you are. Begin again.")
    if not answer.is_success or not isinstance(document, dict):
        raise ProviderDown("The identity provider does not answer as it should. Try again later.")
    return document


async def _read(answer: httpx.Response) -> bytes:
    body = bytearray()
    async for piece in answer.aiter_bytes():
        body += piece
        if len(body) > _DOCUMENT:
            raise ValueError("the answer is too long")
    return bytes(body)
