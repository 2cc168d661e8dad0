"""No secret is logged at debug level, through sign-ins, requests, mistakes and an outage."""

import re
import secrets
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

import httpx
import psycopg
import pyotp
import pytest

from tests.cli.tool import Tool
from tests.dateline import DatelineServer, running_server
from tests.desk.forms import secret_shown, send
from tests.provider import CLIENT_ID, TestProvider, running_provider
from tests.servers import PostgresServer, RedisServer
from tests.signed_in import PASSWORD, sign_in, take_in, try_sign_in

FACTOR = "/desk/account/second-factor"
CHIEF = "chief@example.org"


class Secrets:
    """The secrets that the log must not contain, by name."""

    def __init__(self) -> None:
        self.by_name: dict[str, str] = {}

    def note(self, name: str, value: str) -> str:
        """Remember a secret, which must be long enough not to occur by chance; returns it."""
        assert len(value) >= 6, name
        self.by_name[name] = value
        return value

    def found_in(self, text: str) -> set[str]:
        """Return the names of the secrets that a text contains, plain or percent-encoded."""
        forms = {n: (v, quote(v), quote(v, safe="")) for n, v in self.by_name.items()}
        return {name for name, values in forms.items() if any(value in text for value in values)}


@pytest.mark.full("every way to sign in; tests/web has the rules")
def test_the_log_of_a_server_that_debugs_holds_no_secret(
    tmp_path: Path,
    postgres: PostgresServer,
    broker_redis: RedisServer,
    monkeypatch: pytest.MonkeyPatch,
    capfdbinary: pytest.CaptureFixture[bytes],
) -> None:
    """Secrets in logs: none from sign-ins, links, keys, codes, tools or a lost database."""
    known_secrets = Secrets()
    database = postgres.fresh_database()
    url = database.replace(
        "dateline@", f"dateline:{known_secrets.note('database', 'pg-Xk93hs81')}@"
    )
    broker_url = broker_redis.url.replace(
        "//", f"//:{known_secrets.note('broker', 'redis-Hw72kq')}@"
    )
    with running_provider() as provider:
        provider.reset(email=CHIEF)
        settings = {
            "database_url": url,
            "broker_url": broker_url,
            "workers": "2",
            "log_level": "debug",
            "oidc_issuer": provider.issuer,
            "oidc_client_id": CLIENT_ID,
            # Not the provider's secret, which is common words: a wrong one is refused, and logged.
            "oidc_client_secret": known_secrets.note("client secret", "oidc-Lq02jsPz"),
        }
        server = DatelineServer(tmp_path, **settings)
        take_in(server, CHIEF, "Chief", "chief")  # else the start would print an invitation link
        with running_server(tmp_path, **settings, port=str(server.port)) as server:
            tool = Tool(tmp_path, monkeypatch, capfdbinary)
            for name, value in server.environment.items():
                monkeypatch.setenv(name, value)
            known_secrets.note("password", PASSWORD)
            _use_the_desk(server, known_secrets)
            _sign_in_by_provider(server, provider, known_secrets)
            _use_tools(server, tool, known_secrets)
            _lose_the_database(server, tool, postgres, database, known_secrets)
        log = server.log()
    assert known_secrets.found_in(log) == set()
    for trace in ("GET /desk/welcome/… ", "/return?code=…&state=…", "Traceback", "audit?limit=5 "):
        assert trace in log, "nothing of this was in the log"


def _use_the_desk(server: DatelineServer, known_secrets: Secrets) -> None:
    key = known_secrets.note("key", server.key("chief"))
    wrong_password = known_secrets.note("wrong password", "a long walk to another harbour")
    assert try_sign_in(server, CHIEF, wrong_password).status_code == 401
    bearer = {"Authorization": f"Bearer {key}"}
    chief = httpx.Client(base_url=server.url, headers=bearer, timeout=120)
    chief.get("/v1/audit?limit=5")
    chief.get("/v1/coverages", params={"key": key, "limit": "5"})
    known_secrets.note(
        "new key", chief.post("/v1/keys", json={"name": "a", "role": "editor"}).json()["key"]
    )
    invitation = {"email": "ed@example.org", "role": "editor"}
    link = chief.post("/v1/invitations", json=invitation).raise_for_status().json()["link"]
    known_secrets.note("link", link.rpartition("/")[2])
    for path in (link, f"{link}/", f"{link}?x={known_secrets.by_name['link']}", f"{link}%20"):
        httpx.get(path, timeout=120)
    form = {
        "name": "Ed",
        "password": known_secrets.note("first password", "seven grey gulls at noon"),
    }
    httpx.post(link, data={**form, "password": "short"}, headers={"Origin": server.url})
    assert httpx.post(link, data=form, headers={"Origin": server.url}).status_code == 303
    browser = sign_in(server, CHIEF)
    known_secrets.note("session", browser.cookies["dateline_session"])
    page = browser.get("/desk/account").text
    known_secrets.note("token", re.findall(r'name="token"\s+value="([^"]+)"', page)[0])
    _set_up_a_factor(server, browser, known_secrets)
    broken = {"Content-Type": "application/json"} | bearer
    httpx.post(
        f"{server.url}/v1/keys",
        content=f'{{"name": "{wrong_password}"',
        headers=broken,
        timeout=120,
    )
    chief.close()


def _set_up_a_factor(server: DatelineServer, browser: httpx.Client, known_secrets: Secrets) -> None:
    setup_page = send(browser, FACTOR, FACTOR, old=PASSWORD)
    authenticator = pyotp.TOTP(known_secrets.note("app's secret", secret_shown(setup_page)))
    token = re.findall(r'name="token"\s+value="([^"]+)"', setup_page.text)[0]
    confirmed = browser.post(
        f"{FACTOR}/confirmation", data={"token": token, "code": authenticator.now()}
    )
    codes = re.findall(r"<code>([a-z2-7-]+)</code>", confirmed.text)
    for number, code in enumerate(codes):
        known_secrets.note(f"recovery code {number}", code)
    with httpx.Client(
        base_url=server.url, headers={"Origin": server.url}, timeout=120
    ) as other_browser:
        other_browser.post("/desk/sign-in", data={"email": CHIEF, "password": PASSWORD})
        known_secrets.note("challenge", other_browser.cookies["dateline_challenge"])
        other_browser.post("/desk/sign-in/code", data={"code": "no such code"})
        assert other_browser.post("/desk/sign-in/code", data={"code": codes[0]}).status_code == 303


def _sign_in_by_provider(
    server: DatelineServer, provider: TestProvider, known_secrets: Secrets
) -> None:
    with httpx.Client(base_url=server.url, timeout=120) as browser:
        redirect = browser.get("/desk/sign-in/provider?next=/desk/people")
        assert redirect.status_code == 303, redirect.text
        known_secrets.note("login state", browser.cookies["dateline_login_state"])
        callback_url = httpx.get(redirect.headers["location"]).headers["location"]
        for name, values in parse_qs(urlsplit(callback_url).query).items():
            known_secrets.note(f"provider's {name}", values[0])
        assert browser.get(callback_url).status_code == 401
        provider.is_down = True
        assert browser.get("/desk/sign-in/provider").status_code in {303, 502}
        made_up = known_secrets.note("made-up code", secrets.token_urlsafe())
        browser.get(f"/desk/sign-in/provider/return?error=x&code={made_up}&state={made_up}")


def _use_tools(server: DatelineServer, tool: Tool, known_secrets: Secrets) -> None:
    """Check that the commands print no secret that was not asked for."""
    key, unreachable = known_secrets.by_name["key"], "http://127.0.0.1:1"
    for command in (
        ("key", "list"),
        ("person", "list"),
        ("post", "nowhere", "Hello", "--url", server.url, "--key", f"{key}x"),
        ("post", "nowhere", "Hello", "--url", unreachable, "--key", key),
        ("tail", "nowhere", "--url", server.url),
        ("export", "nowhere"),
        ("person", "disable", "nobody@example.org"),
    ):
        output = tool(*command)
        assert known_secrets.found_in(output.text + output.err) == set(), command
    created = tool("key", "create", "another", "--role", "editor")
    assert created.text.startswith("dateline_")
    assert known_secrets.found_in(created.err) == set()
    password = known_secrets.note("typed password", "the tide was out again")
    output = tool("person", "add", "x@example.org", "--name", "X", stdin=f"{password}\n".encode())
    assert output.code == 0
    assert known_secrets.found_in(output.text + output.err) == set()


def _lose_the_database(
    server: DatelineServer,
    tool: Tool,
    postgres: PostgresServer,
    database: str,
    known_secrets: Secrets,
) -> None:
    name = urlsplit(database).path.strip("/")
    with psycopg.connect(postgres.url, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
    bearer = {"Authorization": f"Bearer {known_secrets.by_name['key']}"}
    link = f"{server.url}/desk/welcome/{known_secrets.by_name['link']}"
    assert httpx.get(link, timeout=60).status_code == 503
    assert httpx.get(f"{server.url}/v1/keys", headers=bearer, timeout=60).status_code == 503
    assert try_sign_in(server, CHIEF).status_code == 503
    for command in (("key", "list"), ("migrate",), ("serve",)):
        output = tool(*command)
        assert output.code == 1
        assert known_secrets.found_in(output.text + output.err) == set(), command
