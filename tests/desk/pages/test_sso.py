"""Sign-in by an OpenID Connect provider: who is let in, login states and callbacks."""

from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from sqlmodel import col, select

from app.access.login_state import LIFETIME, begin_login, read_login_state
from app.access.login_states import use_login_state
from app.access.oidc import IdentityRefused
from app.access.roles import NotSignedIn
from app.settings import read_settings
from app.settings_error import SettingsError
from app.store.engine import Store
from app.store.tables import InvitationRow, LoginStateRow, PersonRow
from tests.audit import newest_actions
from tests.servers import require

require("authlib", find_spec("authlib"))

from tests.desk.provider_setup import BEGIN, ProviderSetup  # noqa: E402


def test_who_the_provider_vouches_for_is_signed_in(sso: ProviderSetup):
    """A person whom the provider verifies is signed in and redirected to the requested page.

    The sign-in form links to the provider.
    """
    with sso.browser() as browser:
        assert 'href="/desk/sign-in/provider?next=%2Fdesk"' in browser.get("/desk/sign-in").text
        answer = sso.sign_in(browser)
        assert answer.status_code == 303, answer.text
        assert answer.headers["location"] == "/desk/coverages/x"
        assert "dateline_login_state" not in browser.cookies
        assert "Ann" in browser.get("/desk").text


def test_they_are_known_by_the_providers_name_from_then_on(sso: ProviderSetup):
    """A person is identified by the provider's subject after the first sign-in.

    A changed e-mail address changes nothing; another subject with the old address is refused.
    """
    with sso.browser() as browser:
        assert sso.sign_in(browser).status_code == 303
    sso.provider.reset(email="ann.new@example.org", email_verified=False)
    with sso.browser() as browser:
        assert sso.sign_in(browser).status_code == 303
        assert "Ann" in browser.get("/desk").text
    sso.provider.reset(sub="2")
    assert "ann@example.org" in sso.refused(403)


def test_an_invitation_to_a_verified_address_lets_in_once(sso: ProviderSetup):
    """An invitation to the verified e-mail address is accepted once, with its role.

    An expired one and one of an unknown key are not accepted.
    """
    now = datetime.now(UTC)

    async def invite(session: Any) -> None:
        day, past = now + timedelta(days=1), now - timedelta(seconds=1)
        for name, ends, inviter in (
            ("new", day, "operator"),
            ("late", past, "operator"),
            ("stolen", day, "key:00000000"),
        ):
            session.add(
                InvitationRow(
                    digest=name.encode(),
                    id=name,
                    email=f"{name}@example.org",
                    role="chief",
                    coverage=None,
                    person=None,
                    invited_by=inviter,
                    created_at=now - timedelta(days=1),
                    ends_at=ends,
                    used_at=None,
                )
            )

    sso.store(invite)
    unverified = ({"email_verified": False}, {"email_verified": None})
    for claims in *unverified, {"email": "x@example.org"}, {"email": "stolen@example.org"}:
        sso.provider.reset(**{"sub": "7", "email": "new@example.org", **claims})
        sso.refused(403)
    sso.provider.reset(sub="7", email="New@Example.org", name="Newt")
    with sso.browser() as browser:
        assert sso.sign_in(browser).status_code == 303
        assert "Newt" in browser.get("/desk").text
        actions = [entry["action"] for entry in newest_actions(browser, 2)]
        assert actions == ["signIn", "acceptInvitation"]
    sso.provider.reset(sub="8", email="new@example.org")
    sso.refused(403)
    sso.provider.reset(sub="9", email="late@example.org")
    sso.refused(403)


def test_an_address_only_at_the_userinfo_endpoint_is_found(sso: ProviderSetup):
    """The e-mail address may come from the userinfo endpoint, for the token's subject only."""
    sso.take_in("una@example.org", "Una", "contributor")
    claims = {"email": "una@example.org", "email_verified": True}
    sso.provider.reset(sub="30", email=None, email_verified=None)
    sso.provider.userinfo = {"sub": "31", **claims}
    sso.refused(403)
    sso.provider.userinfo = {"sub": "30", **claims}
    with sso.browser() as browser:
        assert sso.sign_in(browser).status_code == 303


def test_who_lost_their_access_is_not_let_in(sso: ProviderSetup):
    """A disabled person is refused, although the provider verifies them."""
    sso.take_in("gone@example.org", "Gone", "editor")

    async def disable(session: Any) -> None:
        query = select(PersonRow).where(col(PersonRow.email) == "gone@example.org")
        (await session.exec(query)).one().disabled_at = datetime.now(UTC)

    sso.store(disable)
    sso.provider.reset(sub="40", email="gone@example.org")
    sso.refused(403)


def test_an_unverified_address_opens_nothing(sso: ProviderSetup):
    """An e-mail address that the provider has not verified is refused."""
    sso.provider.reset(sub="50", email="ann@example.org", email_verified=False)
    assert "verified" in sso.refused(403)


def test_a_way_back_is_good_once_and_for_one_browser(sso: ProviderSetup):
    """A callback URL is valid once, and only in the browser that began the sign-in."""
    with sso.browser() as browser, sso.browser() as other:
        callback_url = sso.go(browser).headers["location"]
        assert other.get(callback_url).status_code == 401
        other.get(BEGIN)
        assert other.get(callback_url).status_code == 401
        cookies = dict(browser.cookies)
        assert browser.get(callback_url).status_code == 303
        assert other.get(callback_url).status_code == 401
    with sso.browser() as replay:
        replay.cookies.update(cookies)
        assert replay.get(callback_url).status_code == 401
        assert replay.get("/desk").status_code == 303


@pytest.mark.parametrize(
    "query", ["", "?error=access_denied&state=STATE", "?code=x&state=STATE&iss=https://e.example"]
)
def test_coming_back_with_nothing_is_told(sso: ProviderSetup, query: str):
    """A callback without a code, with an error or with another issuer shows an error page."""
    with sso.browser() as browser:
        authorization_url = browser.get(BEGIN).headers["location"]
        state = parse_qs(urlsplit(authorization_url).query)["state"][0]
        callback_url = "/desk/sign-in/provider/return" + query.replace("STATE", state)
        answer = browser.get(callback_url)
        assert answer.status_code == 401
        assert 'role="alert"' in answer.text


@pytest.mark.parametrize("change", ["", ".", "x.y.z", "....", "é"])
def test_a_cookie_of_somebodys_making_is_none(sso: ProviderSetup, change: str):
    """A login state cookie is signed: a changed one is refused with 401."""
    with sso.browser() as browser:
        callback_url = sso.go(browser).headers["location"]
        cookie_value = browser.cookies["dateline_login_state"]
        content, _, signature = cookie_value.rpartition(".")
        forged = f"{content}.{'A' if signature[0] != 'A' else 'B'}{signature[1:]}"
        for cookie in (change, forged, f"x{cookie_value}"):
            headers = {"Cookie": f"dateline_login_state={cookie}".encode()}
            assert httpx.get(callback_url, headers=headers).status_code == 401
        assert browser.get(callback_url).status_code == 303


def test_a_login_state_ends_after_ten_minutes():
    """A login state expires after ten minutes, and one signed by another secret is refused."""
    now = datetime.now(UTC)
    cookie = begin_login("secret", "/desk/coverages/x", now)
    state = read_login_state("secret", cookie, now)
    assert read_login_state("secret", cookie, now + LIFETIME - timedelta(seconds=1)) == state
    for secret, time_of_use in ("secret", now + LIFETIME), ("another", now):
        with pytest.raises(NotSignedIn):
            read_login_state(secret, cookie, time_of_use)


def test_without_a_provider_there_is_no_way_to_it(newsroom: Any):
    """Without a provider the form has no link to one, and its paths redirect to the form."""
    assert "provider" not in newsroom.reader.get("/desk/sign-in").text
    for address in (BEGIN, "/desk/sign-in/provider/return?code=x&state=y"):
        assert newsroom.reader.get(address).headers["location"] == "/desk/sign-in"


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"ISSUER": "https://id.example.org"}, "CLIENT_ID"),
        ({"ISSUER": "https://id.example.org", "CLIENT_ID": "x"}, "CLIENT_SECRET"),
        ({"CLIENT_ID": "x", "CLIENT_SECRET": "y"}, "ISSUER"),
        ({"ISSUER": "http://id.example.org", "CLIENT_ID": "x", "CLIENT_SECRET": "y"}, "ISSUER"),
        ({"ISSUER": "id.example.org", "CLIENT_ID": "x", "CLIENT_SECRET": "y"}, "ISSUER"),
    ],
)
def test_half_a_provider_stops_the_start(
    monkeypatch: pytest.MonkeyPatch, given: dict[str, str], named: str
):
    """An incomplete provider configuration is a `SettingsError` that names the setting."""
    for name, value in given.items():
        monkeypatch.setenv(f"DATELINE_OIDC_{name}", value)
    with pytest.raises(SettingsError, match=f"DATELINE_OIDC_{named}: "):
        read_settings()


def _callback(browser: httpx.Client, callback_url: str, address: str) -> httpx.Response:
    return browser.get(callback_url, headers={"X-Forwarded-For": address})


def test_who_comes_back_in_vain_too_often_has_to_wait(sso: ProviderSetup):
    """After 20 failed callbacks from an IP address further ones there get a 429.

    Other addresses and known browsers still sign in.
    """
    callback_url = "/desk/sign-in/provider/return?code=x&state=y"
    with sso.browser() as known, sso.browser() as stranger:
        assert sso.sign_in(known).status_code == 303
        statuses = [_callback(stranger, callback_url, "203.0.113.1").status_code for _ in range(21)]
        assert statuses == [401] * 20 + [429]
        limited = _callback(stranger, sso.go(stranger).headers["location"], "203.0.113.1")
        assert (limited.status_code, 'role="alert"' in limited.text) == (429, True)
        assert 1 <= int(limited.headers["retry-after"]) <= 300
        for browser, address in (known, "203.0.113.1"), (stranger, "203.0.113.2"):
            answer = _callback(browser, sso.go(browser).headers["location"], address)
            assert answer.status_code == 303, answer.text


def test_a_state_is_taken_once_whatever_the_provider_does(sso: ProviderSetup):
    """A login state is used once, even with its cookie and a provider that repeats its code."""
    with sso.browser() as browser:
        callback_url = sso.go(browser).headers["location"]
        cookie = {"Cookie": f"dateline_login_state={browser.cookies['dateline_login_state']}"}
        sso.provider.is_forgetful = True
        answers = [httpx.get(f"{callback_url}", headers=cookie) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [303, 401, 401]
    assert "has been used" in answers[1].text


@pytest.mark.parametrize("query", ["code=" + "x" * 5000, "code=%00", "code=a&code=b&iss=", "x=y"])
def test_a_query_of_any_kind_is_a_page(sso: ProviderSetup, query: str):
    """A malformed callback query shows an error page."""
    with sso.browser() as browser:
        authorization_url = browser.get(BEGIN).headers["location"]
        state = parse_qs(urlsplit(authorization_url).query)["state"][0]
        answer = browser.get(f"/desk/sign-in/provider/return?state={state}&{query}")
        assert answer.status_code in {401, 403}
        assert 'role="alert"' in answer.text


async def test_states_that_have_come_back_are_bounded(store: Store):
    """Used login states are stored up to a limit and deleted after their lifetime.

    Beyond the limit the oldest is deleted.
    """
    now = datetime.now(UTC)

    async def use(state: str, seconds: int) -> None:
        async with store.writing() as session:
            await use_login_state(session, state, now + timedelta(seconds=seconds), most=3)

    for number in range(5):
        await use(str(number), number)
    async with store.reading() as session:
        assert len(list(await session.exec(select(LoginStateRow)))) == 3
    for state in "234":
        with pytest.raises(IdentityRefused, match="has been used"):
            await use(state, 5)
    await use("5", 5 + int(LIFETIME.total_seconds()))
    async with store.reading() as session:
        assert len(list(await session.exec(select(LoginStateRow)))) == 1
