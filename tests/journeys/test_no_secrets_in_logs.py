"""Promises of the log: at its most talkative, through a day and its accidents: no secrets."""

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
    """What must not be written anywhere, by what it is."""

    def __init__(self) -> None:
        self.known: dict[str, str] = {}

    def note(self, name: str, value: str) -> str:
        """Remember one; it is long enough to stand nowhere by chance."""
        assert len(value) >= 6, name
        self.known[name] = value
        return value

    def found_in(self, text: str) -> set[str]:
        """Which of them stand in a text, as they are or as addresses write them."""
        forms = {n: (v, quote(v), quote(v, safe="")) for n, v in self.known.items()}
        return {name for name, values in forms.items() if any(value in text for value in values)}


@pytest.mark.full("every way to sign in; tests/web has the rules")
def test_the_log_of_a_server_that_debugs_holds_no_secret(
    tmp_path: Path,
    postgres: PostgresServer,
    bell_redis: RedisServer,
    monkeypatch: pytest.MonkeyPatch,
    capfdbinary: pytest.CaptureFixture[bytes],
) -> None:
    """Kind: secrets in logs. Sign-ins, links, keys, codes, a provider, tools, a lost database."""
    kept = Secrets()
    database = postgres.fresh_database()
    url = database.replace("dateline@", f"dateline:{kept.note('database', 'pg-Xk93hs81')}@")
    bell = bell_redis.url.replace("//", f"//:{kept.note('broker', 'redis-Hw72kq')}@")
    with running_provider() as provider:
        provider.reset(email=CHIEF)
        settings = {
            "database_url": url,
            "broker_url": bell,
            "workers": "2",
            "log_level": "debug",
            "oidc_issuer": provider.issuer,
            "oidc_client_id": CLIENT_ID,
            # Its secret there is a phrase of common words: another one is refused, and logged.
            "oidc_client_secret": kept.note("client secret", "oidc-Lq02jsPz"),
        }
        server = DatelineServer(tmp_path, **settings)
        take_in(server, CHIEF, "Chief", "chief")  # before the start, which would print a link
        with running_server(tmp_path, **settings, port=str(server.port)) as server:
            tool = Tool(tmp_path, monkeypatch, capfdbinary)
            for name, value in server.environment.items():
                monkeypatch.setenv(name, value)
            kept.note("password", PASSWORD)
            _go_through_the_day(server, kept)
            _come_by_the_provider(server, provider, kept)
            _use_tools(server, tool, kept)
            _lose_the_database(server, tool, postgres, database, kept)
        log = server.log()
    assert kept.found_in(log) == set()
    for trace in ("GET /desk/welcome/… ", "/return?code=…&state=…", "Traceback", "audit?limit=5 "):
        assert trace in log, "nothing of this was in the log"


def _go_through_the_day(server: DatelineServer, kept: Secrets) -> None:
    key = kept.note("key", server.key("chief"))
    wrong = kept.note("wrong password", "a long walk to another harbour")
    assert try_sign_in(server, CHIEF, wrong).status_code == 401
    bearer = {"Authorization": f"Bearer {key}"}
    chief = httpx.Client(base_url=server.url, headers=bearer, timeout=120)
    chief.get("/v1/audit?limit=5")
    chief.get("/v1/coverages", params={"key": key, "limit": "5"})
    kept.note("new key", chief.post("/v1/keys", json={"name": "a", "role": "editor"}).json()["key"])
    invited = {"email": "ed@example.org", "role": "editor"}
    link = chief.post("/v1/invitations", json=invited).raise_for_status().json()["link"]
    kept.note("link", link.rpartition("/")[2])
    for path in (link, f"{link}/", f"{link}?x={kept.known['link']}", f"{link}%20"):
        httpx.get(path, timeout=120)
    typed = {"name": "Ed", "password": kept.note("first password", "seven grey gulls at noon")}
    httpx.post(link, data={**typed, "password": "short"}, headers={"Origin": server.url})
    assert httpx.post(link, data=typed, headers={"Origin": server.url}).status_code == 303
    browser = sign_in(server, CHIEF)
    kept.note("session", browser.cookies["dateline_session"])
    page = browser.get("/desk/account").text
    kept.note("token", re.findall(r'name="token"\s+value="([^"]+)"', page)[0])
    _set_up_a_factor(server, browser, kept)
    broken = {"Content-Type": "application/json"} | bearer
    httpx.post(f"{server.url}/v1/keys", content=f'{{"name": "{wrong}"', headers=broken, timeout=120)
    chief.close()


def _set_up_a_factor(server: DatelineServer, browser: httpx.Client, kept: Secrets) -> None:
    begun = send(browser, FACTOR, FACTOR, old=PASSWORD)
    app = pyotp.TOTP(kept.note("app's secret", secret_shown(begun)))
    token = re.findall(r'name="token"\s+value="([^"]+)"', begun.text)[0]
    done = browser.post(f"{FACTOR}/confirmation", data={"token": token, "code": app.now()})
    codes = re.findall(r"<code>([a-z2-7-]+)</code>", done.text)
    for number, code in enumerate(codes):
        kept.note(f"recovery code {number}", code)
    with httpx.Client(base_url=server.url, headers={"Origin": server.url}, timeout=120) as other:
        other.post("/desk/sign-in", data={"email": CHIEF, "password": PASSWORD})
        kept.note("challenge", other.cookies["dateline_challenge"])
        other.post("/desk/sign-in/code", data={"code": "no such code"})
        assert other.post("/desk/sign-in/code", data={"code": codes[0]}).status_code == 303


def _come_by_the_provider(server: DatelineServer, provider: TestProvider, kept: Secrets) -> None:
    with httpx.Client(base_url=server.url, timeout=120) as browser:
        sent = browser.get("/desk/sign-in/provider?next=/desk/people")
        assert sent.status_code == 303, sent.text
        kept.note("login state", browser.cookies["dateline_login_state"])
        back = httpx.get(sent.headers["location"]).headers["location"]
        for name, values in parse_qs(urlsplit(back).query).items():
            kept.note(f"provider's {name}", values[0])
        assert browser.get(back).status_code == 401
        provider.is_down = True
        assert browser.get("/desk/sign-in/provider").status_code in {303, 502}
        made_up = kept.note("made-up code", secrets.token_urlsafe())
        browser.get(f"/desk/sign-in/provider/return?error=x&code={made_up}&state={made_up}")


def _use_tools(server: DatelineServer, tool: Tool, kept: Secrets) -> None:
    """What tools say where nobody asked for a secret."""
    key, far = kept.known["key"], "http://127.0.0.1:1"
    for command in (
        ("key", "list"),
        ("person", "list"),
        ("post", "nowhere", "Hello", "--url", server.url, "--key", f"{key}x"),
        ("post", "nowhere", "Hello", "--url", far, "--key", key),
        ("tail", "nowhere", "--url", server.url),
        ("export", "nowhere"),
        ("person", "disable", "nobody@example.org"),
    ):
        told = tool(*command)
        assert kept.found_in(told.text + told.err) == set(), command
    made = tool("key", "create", "another", "--role", "editor")
    assert made.text.startswith("dateline_")
    assert kept.found_in(made.err) == set()
    typed = kept.note("typed password", "the tide was out again")
    told = tool("person", "add", "x@example.org", "--name", "X", stdin=f"{typed}\n".encode())
    assert told.code == 0
    assert kept.found_in(told.text + told.err) == set()


def _lose_the_database(
    server: DatelineServer, tool: Tool, postgres: PostgresServer, database: str, kept: Secrets
) -> None:
    name = urlsplit(database).path.strip("/")
    with psycopg.connect(postgres.url, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
    bearer = {"Authorization": f"Bearer {kept.known['key']}"}
    link = f"{server.url}/desk/welcome/{kept.known['link']}"
    assert httpx.get(link, timeout=60).status_code == 503
    assert httpx.get(f"{server.url}/v1/keys", headers=bearer, timeout=60).status_code == 503
    assert try_sign_in(server, CHIEF).status_code == 503
    for command in (("key", "list"), ("migrate",), ("serve",)):
        told = tool(*command)
        assert told.code == 1
        assert kept.found_in(told.text + told.err) == set(), command
