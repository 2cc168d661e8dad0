"""Promises of signing in by an identity provider, against one that runs for the test."""

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from sqlmodel import col, select

from app.access.login_state import LIFETIME, begin_login, read_login_state
from app.access.login_states import use_login_state
from app.access.oidc import IdentityRefused, Provider, ProviderDown
from app.access.passwords import hash_password
from app.access.people import add_person
from app.access.roles import NotSignedIn, Role
from app.settings import SettingsError, read_settings
from app.store.engine import Store
from app.store.tables import InvitationRow, LoginStateRow, PersonRow
from tests.audit import newest_deeds
from tests.dateline import DatelineServer, running_server
from tests.ports import free_port
from tests.servers import require
from tests.signed_in import PASSWORD

require("authlib", find_spec("authlib"))

from tests.provider import CLIENT_ID, CLIENT_SECRET, TestProvider, running_provider  # noqa: E402

BEGIN = "/desk/sign-in/provider?next=/desk/coverages/x"


@dataclass
class Place:
    """A newsroom with a provider."""

    server: DatelineServer
    provider: TestProvider

    def browser(self) -> httpx.Client:
        """A new browser."""
        return httpx.Client(base_url=self.server.url, timeout=120)

    def go(self, browser: httpx.Client) -> httpx.Response:
        """Begin, and be sent back by the provider: what our address is then asked for."""
        sent = browser.get(BEGIN)
        assert sent.status_code == 303, sent.text
        return httpx.get(sent.headers["location"])

    def sign_in(self, browser: httpx.Client) -> httpx.Response:
        """The whole way; what the newsroom answers at its end."""
        return browser.get(self.go(browser).headers["location"])

    def refused(self, status: int) -> str:
        """The page of somebody who goes the whole way in vain."""
        with self.browser() as browser:
            answer = self.sign_in(browser)
            assert answer.status_code == status, answer.text
            assert "dateline_session" not in browser.cookies
            assert browser.get("/desk").status_code == 303
            assert 'role="alert"' in answer.text
            return answer.text

    def take_in(self, email: str, name: str, role: Role, password: str | None = None) -> None:
        """Make somebody one of the newsroom."""

        async def add(session: Any) -> None:
            digest = await hash_password(password) if password else None
            await add_person(session, email, name, role, datetime.now(UTC), password=digest)

        self.store(add)

    def store(self, change: Any) -> Any:
        """Do something in the record."""

        async def run() -> Any:
            store = Store(self.server.environment["DATELINE_DATABASE_URL"])
            try:
                async with store.writing() as session:
                    return await change(session)
            finally:
                await store.close()

        return asyncio.run(run())


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """Both of them, with Ann, whom a password lets in as well."""
    with running_provider() as provider:
        chosen = {
            "oidc_issuer": provider.issuer,
            "oidc_client_id": CLIENT_ID,
            "oidc_client_secret": CLIENT_SECRET,
        }
        with running_server(tmp_path_factory.mktemp("provider"), **chosen) as server:
            place = Place(server, provider)
            place.take_in("ann@example.org", "Ann", "editor", PASSWORD)
            yield place


@pytest.fixture
def place(opened: Place) -> Place:
    """The same, with a provider that behaves."""
    opened.provider.reset()
    return opened


def test_who_the_provider_vouches_for_is_signed_in(place: Place):
    """They go on to where they wanted to; the page that asks who is there shows the way."""
    with place.browser() as browser:
        assert 'href="/desk/sign-in/provider?next=%2Fdesk"' in browser.get("/desk/sign-in").text
        answer = place.sign_in(browser)
        assert answer.status_code == 303, answer.text
        assert answer.headers["location"] == "/desk/coverages/x"
        assert "dateline_login_state" not in browser.cookies
        assert "Ann" in browser.get("/desk").text


def test_they_are_known_by_the_providers_name_from_then_on(place: Place):
    """A new address changes nothing; somebody else who gets the old one is nobody here."""
    with place.browser() as browser:
        assert place.sign_in(browser).status_code == 303
    place.provider.reset(email="ann.new@example.org", email_verified=False)
    with place.browser() as browser:
        assert place.sign_in(browser).status_code == 303
        assert "Ann" in browser.get("/desk").text
    place.provider.reset(sub="2")
    assert "ann@example.org" in place.refused(403)


def test_an_invitation_to_a_verified_address_lets_in_once(place: Place):
    """With the role that it names, and not when it has ended or its maker's power has."""
    now = datetime.now(UTC)

    async def invite(session: Any) -> None:
        day, over = now + timedelta(days=1), now - timedelta(seconds=1)
        for name, ends, maker in (
            ("new", day, "operator"),
            ("late", over, "operator"),
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
                    invited_by=maker,
                    created_at=now - timedelta(days=1),
                    ends_at=ends,
                    used_at=None,
                )
            )

    place.store(invite)
    unverified = ({"email_verified": False}, {"email_verified": None})
    for claims in *unverified, {"email": "x@example.org"}, {"email": "stolen@example.org"}:
        place.provider.reset(**{"sub": "7", "email": "new@example.org", **claims})
        place.refused(403)
    place.provider.reset(sub="7", email="New@Example.org", name="Newt")
    with place.browser() as browser:
        assert place.sign_in(browser).status_code == 303
        assert "Newt" in browser.get("/desk").text
        actions = [line["action"] for line in newest_deeds(browser, 2)]
        assert actions == ["signIn", "acceptInvitation"]
    place.provider.reset(sub="8", email="new@example.org")
    place.refused(403)
    place.provider.reset(sub="9", email="late@example.org")
    place.refused(403)


def test_an_address_only_at_the_userinfo_endpoint_is_found(place: Place):
    """Some providers tell it there alone; it counts only for the one whom the token names."""
    place.take_in("una@example.org", "Una", "contributor")
    told = {"email": "una@example.org", "email_verified": True}
    place.provider.reset(sub="30", email=None, email_verified=None)
    place.provider.userinfo = {"sub": "31", **told}
    place.refused(403)
    place.provider.userinfo = {"sub": "30", **told}
    with place.browser() as browser:
        assert place.sign_in(browser).status_code == 303


def test_who_lost_their_access_is_not_let_in(place: Place):
    """Whatever the provider says."""
    place.take_in("gone@example.org", "Gone", "editor")

    async def disable(session: Any) -> None:
        query = select(PersonRow).where(col(PersonRow.email) == "gone@example.org")
        (await session.exec(query)).one().disabled_at = datetime.now(UTC)

    place.store(disable)
    place.provider.reset(sub="40", email="gone@example.org")
    place.refused(403)


def test_an_unverified_address_opens_nothing(place: Place):
    """Anybody can type anybody's address at a provider."""
    place.provider.reset(sub="50", email="ann@example.org", email_verified=False)
    assert "verified" in place.refused(403)


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
def test_a_token_that_is_not_for_this_is_refused(place: Place, lie: str):
    """Each claim is checked."""
    place.provider.changed = LIES[lie]
    assert "could not be verified" in place.refused(401)


def test_a_token_that_somebody_else_signed_is_refused(place: Place):
    """With a key that is not the provider's, or with the secret that we share."""
    from joserfc.jwk import OctKey, RSAKey

    place.provider.key = RSAKey.generate_key(2048, {"kid": "a"})
    place.refused(401)
    place.provider.algorithm, place.provider.key = (
        "HS256",
        OctKey.import_key(CLIENT_SECRET, {"kid": "a"}),
    )
    place.refused(401)


def test_a_way_back_is_good_once_and_for_one_browser(place: Place):
    """A second time, in another browser, or with another state, it leads nowhere."""
    with place.browser() as browser, place.browser() as other:
        back = place.go(browser).headers["location"]
        assert other.get(back).status_code == 401
        other.get(BEGIN)
        assert other.get(back).status_code == 401
        cookies = dict(browser.cookies)
        assert browser.get(back).status_code == 303
        assert other.get(back).status_code == 401
    with place.browser() as thief:
        thief.cookies.update(cookies)
        assert thief.get(back).status_code == 401
        assert thief.get("/desk").status_code == 303


@pytest.mark.parametrize(
    "query", ["", "?error=access_denied&state=STATE", "?code=x&state=STATE&iss=https://e.example"]
)
def test_coming_back_with_nothing_is_told(place: Place, query: str):
    """A page that offers to begin again, and no 500."""
    with place.browser() as browser:
        sent = browser.get(BEGIN).headers["location"]
        state = parse_qs(urlsplit(sent).query)["state"][0]
        back = "/desk/sign-in/provider/return" + query.replace("STATE", state)
        answer = browser.get(back)
        assert answer.status_code == 401
        assert 'role="alert"' in answer.text


@pytest.mark.parametrize("change", ["", ".", "x.y.z", "....", "é"])
def test_a_cookie_of_somebodys_making_is_none(place: Place, change: str):
    """It is signed, and any change is seen."""
    with place.browser() as browser:
        back = place.go(browser).headers["location"]
        made = browser.cookies["dateline_login_state"]
        content, _, signature = made.rpartition(".")
        forged = f"{content}.{'A' if signature[0] != 'A' else 'B'}{signature[1:]}"
        for cookie in (change, forged, f"x{made}"):
            headers = {"Cookie": f"dateline_login_state={cookie}".encode()}
            assert httpx.get(back, headers=headers).status_code == 401
        assert browser.get(back).status_code == 303


def test_a_provider_that_is_down_is_told_and_passwords_still_work(place: Place):
    """At the way back and at the beginning; a page, and the form beside it."""
    with place.browser() as browser:
        back = place.go(browser).headers["location"]
        place.provider.is_down = True
        answer = browser.get(back)
        assert answer.status_code == 502
        assert "identity provider does not answer" in answer.text
        form = {"email": "ann@example.org", "password": PASSWORD}
        headers = {"Origin": place.server.url}
        assert browser.post("/desk/sign-in", data=form, headers=headers).status_code == 303


@pytest.mark.parametrize("told", ["nothing", "another", "unsafe", "down"])
async def test_a_provider_that_cannot_be_asked_sends_nobody_anywhere(place: Place, told: str):
    """Nobody listens there, it calls itself otherwise, leads away from TLS, or is out of order."""
    changed = {
        "another": {"issuer": "https://elsewhere.example"},
        "unsafe": {"token_endpoint": "http://elsewhere.example/token"},
    }
    place.provider.changed = {"discovery": changed.get(told, {})}
    place.provider.is_down = told == "down"
    issuer = f"http://127.0.0.1:{free_port()}" if told == "nothing" else place.provider.issuer
    now = datetime.now(UTC)
    login_state = read_login_state("secret", begin_login("secret", "/desk", now), now)
    with pytest.raises(ProviderDown):
        await Provider(issuer, CLIENT_ID, CLIENT_SECRET).authorization_url(
            login_state, "https://x.example", now
        )


def test_a_login_state_ends_after_ten_minutes():
    """Then it has to be begun again; of another newsroom's making it is none."""
    now = datetime.now(UTC)
    cookie = begin_login("secret", "/desk/coverages/x", now)
    state = read_login_state("secret", cookie, now)
    assert read_login_state("secret", cookie, now + LIFETIME - timedelta(seconds=1)) == state
    for secret, then in ("secret", now + LIFETIME), ("another", now):
        with pytest.raises(NotSignedIn):
            read_login_state(secret, cookie, then)


def test_without_a_provider_there_is_no_way_to_it(newsroom: Any):
    """Neither a button nor an address."""
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
    """In one line that names the setting."""
    for name, value in given.items():
        monkeypatch.setenv(f"DATELINE_OIDC_{name}", value)
    with pytest.raises(SettingsError, match=f"DATELINE_OIDC_{named}: "):
        read_settings()


def _come_back(browser: httpx.Client, back: str, address: str) -> httpx.Response:
    return browser.get(back, headers={"X-Forwarded-For": address})


def test_who_comes_back_in_vain_too_often_has_to_wait(place: Place):
    """Kind: a door without a count. By address, and others and known browsers still come in."""
    back = "/desk/sign-in/provider/return?code=x&state=y"
    with place.browser() as known, place.browser() as stranger:
        assert place.sign_in(known).status_code == 303
        found = [_come_back(stranger, back, "203.0.113.1").status_code for _ in range(21)]
        assert found == [401] * 20 + [429]
        refused = _come_back(stranger, place.go(stranger).headers["location"], "203.0.113.1")
        assert (refused.status_code, 'role="alert"' in refused.text) == (429, True)
        assert 1 <= int(refused.headers["retry-after"]) <= 300
        for browser, address in (known, "203.0.113.1"), (stranger, "203.0.113.2"):
            came = _come_back(browser, place.go(browser).headers["location"], address)
            assert came.status_code == 303, came.text


def test_a_state_is_taken_once_whatever_the_provider_does(place: Place):
    """Also with its cookie, and where the provider would take its code a second time."""
    with place.browser() as browser:
        back = place.go(browser).headers["location"]
        cookie = {"Cookie": f"dateline_login_state={browser.cookies['dateline_login_state']}"}
        place.provider.is_forgetful = True
        found = [httpx.get(f"{back}", headers=cookie) for _ in range(3)]
    assert [answer.status_code for answer in found] == [303, 401, 401]
    assert "has been used" in found[1].text


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
def test_an_answer_that_makes_no_sense_is_a_page(place: Place, where: str, what: str):
    """Kind: a foreign document that is believed to be one. A sentence, and never a 500."""
    place.provider.reset(sub="60", email=None)
    place.provider.nonsense = {where: NONSENSE[what]}
    with place.browser() as browser:
        answer = place.sign_in(browser)
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
def test_somebody_who_is_named_as_nobody_can_be_is_refused(place: Place, claims: dict[str, Any]):
    """Types, NULs, halves of characters, look-alikes: a page, and no 500 or another's account."""
    place.provider.reset(**claims)
    with place.browser() as browser:
        answer = place.sign_in(browser)
        assert answer.status_code in {401, 403}, answer.text
        assert 'role="alert"' in answer.text


@pytest.mark.parametrize(
    "described",
    [
        {"jwks_uri": "http://["},
        {"token_endpoint": None},
        {"token_endpoint_auth_methods_supported": 7},
        {"authorization_endpoint": "https://["},
    ],
)
async def test_a_provider_that_describes_itself_badly_is_down(
    place: Place, described: dict[str, Any]
):
    """At the way there and at the way back: a refusal with a sentence, whatever it says."""
    place.provider.changed = {"discovery": described}
    now = datetime.now(UTC)
    login_state = read_login_state("secret", begin_login("secret", "/desk", now), now)
    provider = Provider(place.provider.issuer, CLIENT_ID, CLIENT_SECRET)
    with pytest.raises(ProviderDown):
        await provider.identify(login_state, "code", "https://x.example", now)


async def test_a_provider_that_is_down_is_asked_once_for_many(place: Place):
    """Kind: one request that begins many. Who comes while it fails is told at once."""
    place.provider.is_down = True
    provider = Provider(place.provider.issuer, CLIENT_ID, CLIENT_SECRET)
    now = datetime.now(UTC)
    login_state = read_login_state("secret", begin_login("secret", "/desk", now), now)
    before = place.provider.described
    asked = [provider.authorization_url(login_state, "https://x.example", now) for _ in range(50)]
    found = await asyncio.gather(*asked, return_exceptions=True)
    assert {type(each) for each in found} == {ProviderDown}
    assert place.provider.described - before == 1
    place.provider.is_down = False
    then = now + timedelta(seconds=5)
    assert "client_id" in await provider.authorization_url(login_state, "https://x.example", then)


@pytest.mark.parametrize("query", ["code=" + "x" * 5000, "code=%00", "code=a&code=b&iss=", "x=y"])
def test_a_query_of_any_kind_is_a_page(place: Place, query: str):
    """What comes back may be anybody's making."""
    with place.browser() as browser:
        sent = browser.get(BEGIN).headers["location"]
        state = parse_qs(urlsplit(sent).query)["state"][0]
        answer = browser.get(f"/desk/sign-in/provider/return?state={state}&{query}")
        assert answer.status_code in {401, 403}
        assert 'role="alert"' in answer.text


async def test_states_that_have_come_back_are_bounded(store: Store):
    """Beyond a number the oldest is forgotten, and after its time each is."""
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
