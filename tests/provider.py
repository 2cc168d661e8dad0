"""An OpenID Connect provider for tests: an ASGI application on the loopback address.

It signs what a test tells it to. Each authorization is granted at once, to `person`.
"""

import base64
import hashlib
import json
import secrets
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlencode

import uvicorn
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

CLIENT_ID, CLIENT_SECRET = "newsroom", "the newsroom's secret at the provider"
_KEYS = [
    RSAKey.generate_key(2048, {"kid": name, "use": "sig", "alg": "RS256"}) for name in ("a", "b")
]


class TestProvider:
    """A provider whose claims and faults a test sets.

    `person` has the user's claims. `changed` replaces claims of the next token (None removes one),
    and its `discovery` those of the metadata. With `is_down` each response is a 500. `nonsense` has
    responses by endpoint instead of the right ones. With `is_forgetful` a code is accepted any
    number of times. `described` counts requests of the metadata.
    """

    __test__ = False

    def __init__(self) -> None:
        self.person: dict[str, Any] = {}
        self.changed: dict[str, Any] = {}
        self.userinfo: dict[str, Any] = {}
        self.key, self.algorithm = _KEYS[0], "RS256"
        self.is_down = self.is_forgetful = False
        self.nonsense: dict[str, Any] = {}
        self.described = 0
        self.issuer = ""
        self._granted: dict[str, dict[str, str]] = {}
        routes = [
            Route("/.well-known/openid-configuration", self._describe),
            Route("/authorize", self._authorize),
            Route("/token", self._give_tokens, methods=["POST"]),
            Route("/userinfo", self._tell_of_user),
            Route("/keys", self._show_keys),
        ]
        self.app = Starlette(routes=routes)

    def reset(self, **person: Any) -> None:
        """Behave correctly again, with these claims of the user."""
        self.person = {"sub": "1", "email": "ann@example.org", "email_verified": True, **person}
        self.changed, self.userinfo, self.nonsense = {}, {}, {}
        self.is_down = self.is_forgetful = False
        self.key, self.algorithm = _KEYS[0], "RS256"

    async def _describe(self, _: Request) -> Response:
        self.described += 1
        if self.is_down:
            return Response("out of order", 500)
        names = {"authorization": "authorize", "token": "token", "userinfo": "userinfo"}
        endpoints = {f"{name}_endpoint": f"{self.issuer}/{at}" for name, at in names.items()}
        metadata = {"issuer": self.issuer, "jwks_uri": f"{self.issuer}/keys", **endpoints}
        return JSONResponse(metadata | self.changed.get("discovery", {}))

    async def _authorize(self, request: Request) -> Response:
        params = dict(request.query_params)
        assert params["client_id"] == CLIENT_ID
        assert params["code_challenge_method"] == "S256"
        assert "openid" in params["scope"].split()
        code = secrets.token_urlsafe()
        self._granted[code] = params
        answer = {"code": code, "state": params["state"]}
        return RedirectResponse(f"{params['redirect_uri']}?{urlencode(answer)}", 302)

    async def _give_tokens(self, request: Request) -> Response:
        if self.is_down:
            return Response("out of order", 500)
        if "token" in self.nonsense:
            return _raw(self.nonsense["token"])
        form = dict(await request.form())
        code = str(form["code"])
        authorization = (
            self._granted.get(code) if self.is_forgetful else self._granted.pop(code, None)
        )
        verifier = hashlib.sha256(str(form["code_verifier"]).encode()).digest()
        challenge = base64.urlsafe_b64encode(verifier).decode().rstrip("=")
        basic = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
        is_client = request.headers["authorization"] == f"Basic {basic}"
        if not is_client or authorization is None or challenge != authorization["code_challenge"]:
            return JSONResponse({"error": "invalid_grant"}, 400)
        assert form["redirect_uri"] == authorization["redirect_uri"]
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "aud": CLIENT_ID,
            "exp": now + 300,
            "iat": now,
            "nonce": authorization["nonce"],
            **self.person,
            **self.changed,
        }
        claims = {name: value for name, value in claims.items() if value is not None}
        header = {"alg": self.algorithm, "kid": self.key.kid}
        token = jwt.encode(header, claims, self.key, algorithms=[self.algorithm])
        return JSONResponse({"access_token": "at", "token_type": "Bearer", "id_token": token})

    async def _tell_of_user(self, request: Request) -> Response:
        assert request.headers["authorization"] == "Bearer at"
        return _raw(self.nonsense.get("userinfo", self.userinfo))

    async def _show_keys(self, _: Request) -> Response:
        return _raw(self.nonsense.get("keys", KeySet(_KEYS).as_dict(private=False)))


def _raw(answer: Any) -> Response:
    return Response(answer if isinstance(answer, bytes) else json.dumps(answer))


@contextmanager
def running_provider() -> Iterator[TestProvider]:
    """Run a provider; stops it at the end of the block."""
    provider = TestProvider()
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        provider.issuer = f"http://127.0.0.1:{listener.getsockname()[1]}"
        config = uvicorn.Config(provider.app, log_level="warning", lifespan="off")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, args=([listener],))
        thread.start()
        try:
            yield provider
        finally:
            server.should_exit = True
            thread.join()
