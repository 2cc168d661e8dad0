"""An OpenID Connect provider that is down, malformed or dishonest lets nobody in."""

import asyncio
import time
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.access.login_state import begin_login, read_login_state
from app.access.oidc import Provider, ProviderDown
from tests.dateline import running_server
from tests.ports import free_port
from tests.servers import require
from tests.signed_in import PASSWORD

require("authlib", find_spec("authlib"))

from tests.desk.provider_setup import BEGIN, ProviderSetup, oidc_settings  # noqa: E402
from tests.provider import CLIENT_ID, CLIENT_SECRET  # noqa: E402

LIES: dict[str, dict[str, Any]] = {
    "another nonce": {"nonce": "x"},
    "no nonce": {"nonce": None},
    "another audience": {"aud": "another newsroom"},
    "audiences without saying for whom": {"aud": [CLIENT_ID, "another"]},
    "for another party": {"azp": "another newsroom"},
    "expired": {"exp": int(time.time()) - 120},
    "without an end": {"exp": None},
    "from the future": {"iat": int(time.time()) + 3600},
    "another issuer": {"iss": "https://elsewhere.example"},
    "no subject": {"sub": None},
    "no audience": {"aud": None},
}


@pytest.mark.parametrize("lie", LIES)
def test_a_token_that_is_not_for_this_is_refused(sso: ProviderSetup, lie: str):
    """An ID token with a missing or wrong claim is refused."""
    sso.provider.changed = LIES[lie]
    assert "could not be verified" in sso.refused(401)


def test_a_token_that_somebody_else_signed_is_refused(sso: ProviderSetup):
    """A token signed by another key, or by the client secret with HS256, is refused."""
    from joserfc.jwk import OctKey, RSAKey

    sso.provider.key = RSAKey.generate_key(2048, {"kid": "a"})
    sso.refused(401)
    sso.provider.algorithm, sso.provider.key = (
        "HS256",
        OctKey.import_key(CLIENT_SECRET, {"kid": "a"}),
    )
    sso.refused(401)


def test_a_provider_that_is_down_is_told_and_passwords_still_work(sso: ProviderSetup):
    """A provider that goes down during a sign-in is a 502, and the password still signs in."""
    with sso.browser() as browser:
        callback_url = sso.go(browser).headers["location"]
        sso.provider.is_down = True
        answer = browser.get(callback_url)
        assert answer.status_code == 502
        assert "identity provider does not answer" in answer.text
        form = {"email": "ann@example.org", "password": PASSWORD}
        headers = {"Origin": sso.server.url}
        assert browser.post("/desk/sign-in", data=form, headers=headers).status_code == 303


def test_a_provider_that_was_down_from_the_start_is_told(tmp_path: Path):
    """While a provider has never answered, beginning a sign-in is a 502, without a redirect."""
    nowhere = f"http://127.0.0.1:{free_port()}"
    with (
        running_server(tmp_path, **oidc_settings(nowhere)) as server,
        httpx.Client(base_url=server.url, timeout=120) as browser,
    ):
        answer = browser.get(BEGIN)
        assert answer.status_code == 502
        assert 'role="alert"' in answer.text
        assert "identity provider does not answer" in answer.text
        assert "dateline_login_state" not in browser.cookies


@pytest.mark.parametrize("fault", ["nothing", "another", "unsafe", "down"])
async def test_a_provider_that_cannot_be_asked_sends_nobody_anywhere(
    sso: ProviderSetup, fault: str
):
    """Discovery must succeed, name the expected issuer and use TLS, at either step of a sign-in."""
    metadata = {
        "another": {"issuer": "https://elsewhere.example"},
        "unsafe": {"token_endpoint": "http://elsewhere.example/token"},
    }
    sso.provider.changed = {"discovery": metadata.get(fault, {})}
    sso.provider.is_down = fault == "down"
    issuer = f"http://127.0.0.1:{free_port()}" if fault == "nothing" else sso.provider.issuer
    now = datetime.now(UTC)
    login_state = read_login_state("secret", begin_login("secret", "/desk", now), now)
    with pytest.raises(ProviderDown):
        await Provider(issuer, CLIENT_ID, CLIENT_SECRET).authorization_url(
            login_state, "https://x.example", now
        )
    with pytest.raises(ProviderDown):
        await Provider(issuer, CLIENT_ID, CLIENT_SECRET).identify(
            login_state, "code", "https://x.example", now
        )


NONSENSE: dict[str, Any] = {
    "not JSON": b"<html>",
    "nothing": b"",
    "another type": [1, 2],
    "null": None,
    "without an end": b"[" * 100_000,
    "too long": b" " * 2_000_000,
    "not UTF-8": b'{"id_token": "\xff"}',
    "numbers": {"id_token": 7, "access_token": {"a": 1}},
    "half a token": {"id_token": "a.b", "access_token": None},
    "signs of no script": {"id_token": "\ud800\x00é", "access_token": "\n"},
}


@pytest.mark.parametrize("where", ["token", "keys", "userinfo"])
@pytest.mark.parametrize("what", NONSENSE)
def test_an_answer_that_makes_no_sense_is_a_page(sso: ProviderSetup, where: str, what: str):
    """A malformed answer of the provider is an error page and never a 500."""
    sso.provider.reset(sub="60", email=None)
    sso.provider.nonsense = {where: NONSENSE[what]}
    with sso.browser() as browser:
        answer = sso.sign_in(browser)
        assert answer.status_code in {401, 403, 502}, answer.text
        assert 'role="alert"' in answer.text
        assert "dateline_session" not in browser.cookies


@pytest.mark.parametrize(
    "claims",
    [
        {"sub": ["1"]},
        {"sub": {"a": 1}},
        {"sub": 7},
        {"sub": "x" * 256},
        {"sub": "a\x00b"},
        {"sub": "61", "email": "a\x00@example.org"},
        {"sub": "61", "email": ["ann@example.org"]},
        {"sub": "61", "email": "\u0430nn@example.org"},
    ],
)
def test_somebody_who_is_named_as_nobody_can_be_is_refused(
    sso: ProviderSetup, claims: dict[str, Any]
):
    """A claim of a wrong type, or an address with NUL or look-alike characters, is refused."""
    sso.provider.reset(**claims)
    with sso.browser() as browser:
        answer = sso.sign_in(browser)
        assert answer.status_code in {401, 403}, answer.text
        assert 'role="alert"' in answer.text


@pytest.mark.parametrize(
    ("described", "is_redirected"),
    [
        ({"jwks_uri": "http://["}, False),
        ({"token_endpoint": None}, False),
        ({"token_endpoint_auth_methods_supported": 7}, True),
        ({"authorization_endpoint": "https://["}, False),
    ],
)
async def test_a_provider_that_describes_itself_badly_is_down(
    sso: ProviderSetup, described: dict[str, Any], is_redirected: bool
):
    """Malformed discovery metadata counts as a provider that is down, at each step that reads it.

    The methods of the token endpoint are read only after the redirection.
    """
    sso.provider.changed = {"discovery": described}
    now = datetime.now(UTC)
    login_state = read_login_state("secret", begin_login("secret", "/desk", now), now)
    redirect_uri = "https://x.example"
    with nullcontext() if is_redirected else pytest.raises(ProviderDown):
        await Provider(sso.provider.issuer, CLIENT_ID, CLIENT_SECRET).authorization_url(
            login_state, redirect_uri, now
        )
    with pytest.raises(ProviderDown):
        await Provider(sso.provider.issuer, CLIENT_ID, CLIENT_SECRET).identify(
            login_state, "code", redirect_uri, now
        )


async def test_a_provider_that_is_down_is_asked_once_for_many(sso: ProviderSetup):
    """While the provider is down, concurrent sign-ins share one discovery request.

    The request is repeated after five seconds.
    """
    sso.provider.is_down = True
    provider = Provider(sso.provider.issuer, CLIENT_ID, CLIENT_SECRET)
    now = datetime.now(UTC)
    login_state = read_login_state("secret", begin_login("secret", "/desk", now), now)
    before = sso.provider.described
    requests = [
        provider.authorization_url(login_state, "https://x.example", now) for _ in range(50)
    ]
    results = await asyncio.gather(*requests, return_exceptions=True)
    assert {type(result) for result in results} == {ProviderDown}
    assert sso.provider.described - before == 1
    sso.provider.is_down = False
    later = now + timedelta(seconds=5)
    assert "client_id" in await provider.authorization_url(login_state, "https://x.example", later)
