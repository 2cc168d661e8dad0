"""Promises of who the client behind proxies is, and of warnings about proxies and addresses."""

import asyncio
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.web.deployment import DeploymentWarnings
from app.web.forwarded import ForwardedHeaders
from app.web.proxy_checks import ProxyChecks

PROXY, STRANGER, READER = "10.0.0.9", "10.0.0.7", "8.8.4.4"
HTTPS = "https://live.example.org"


@dataclass
class Front:
    """What stands before the application, and what it has made of the requests so far."""

    public_url: str | None = HTTPS
    trusted: str = PROXY
    warnings: DeploymentWarnings = field(default_factory=DeploymentWarnings)

    def __post_init__(self) -> None:
        checks = ProxyChecks(
            self.warnings,
            base_url=self.public_url or "http://127.0.0.1:8000",
            is_named=self.public_url is not None,
            trusted=self.trusted,
        )
        self._app = ForwardedHeaders(self._take, self.trusted, checks.check)

    async def _take(self, scope, _receive, _send) -> None:
        self.scope = scope

    def ask(self, peer: str = PROXY, kind: str = "http", **headers: str) -> str:
        """Send a request; gives the address of its client as the application knows it."""
        given = {"host": "live.example.org"} | {n.replace("_", "-"): v for n, v in headers.items()}
        scope = {
            "type": kind,
            "scheme": "ws" if kind == "websocket" else "http",
            "client": (peer, 5000),
            "headers": [(n.encode(), v.encode("latin-1")) for n, v in given.items()],
        }
        asyncio.run(self._app(scope, None, None))
        address: str = self.scope["client"][0]
        return address

    @property
    def said(self) -> list[str]:
        """The warnings so far."""
        return list(self.warnings)


def only(front: Front, *words: str) -> None:
    """There is one warning, one line long, which holds these words and a setting's name."""
    (sentence,) = front.said
    assert sentence.isprintable()
    assert len(sentence) < 400
    for word in ("DATELINE_", *words):
        assert word in sentence


TLS = {
    "a trusted proxy's word": {"x_forwarded_proto": "https", "x_forwarded_for": READER},
    "any proxy's word": {"peer": STRANGER, "x_forwarded_proto": "https"},
    "a chain of proxies": {"x_forwarded_proto": "https, http", "x_forwarded_for": READER},
    "the standard's header": {"peer": STRANGER, "forwarded": "for=8.8.4.4;proto=https;host=a"},
    "a form of ours": {"peer": STRANGER, "origin": HTTPS},
    "a form of ours whose Host the proxy has changed": {
        "peer": STRANGER,
        "host": "upstream",
        "origin": HTTPS,
        "sec_fetch_site": "same-origin",
    },
}


@pytest.mark.parametrize("public_url", [None, "http://live.example.org"])
@pytest.mark.parametrize("sign", TLS.values(), ids=TLS)
def test_tls_in_front_without_a_public_url_is_said_once(
    sign: dict[str, str], public_url: str | None
) -> None:
    """Kind: silent misconfiguration. Cookies without Secure, links by HTTP: one sentence."""
    front = Front(public_url)
    for _ in range(3):
        front.ask(**sign)
    only(front, "DATELINE_PUBLIC_URL", "HTTPS", "Secure")


def test_who_reads_from_another_site_is_no_sign() -> None:
    """Other sites' pages read with their own Origin, by HTTPS or not."""
    front = Front("http://live.example.org")
    front.ask(STRANGER, origin="https://news.example.net", sec_fetch_site="cross-site")
    front.ask(STRANGER, origin="null")
    front.ask(STRANGER)
    assert front.said == []


def test_another_address_than_the_public_one_is_said_once() -> None:
    """Kind: silent misconfiguration. Whoever uses the desk there is sent elsewhere by links."""
    front = Front()
    for origin in ("https://www.example.org", "http://live.example.org"):
        front.ask(x_forwarded_for=READER, origin=origin, sec_fetch_site="same-origin")
    only(front, "DATELINE_PUBLIC_URL", HTTPS)
    other = Front()
    other.ask(x_forwarded_for=READER, origin=HTTPS, sec_fetch_site="same-origin")
    other.ask(x_forwarded_for=READER, host="upstream:8000")
    assert other.said == []


def test_a_proxy_without_a_public_url_is_said() -> None:
    """Links would lead to the address that the server listens on."""
    front = Front(None)
    front.ask(x_forwarded_for=READER)
    only(front, "DATELINE_PUBLIC_URL", "links")


@pytest.mark.parametrize("name", ["x-forwarded-for", "x-real-ip", "forwarded"])
def test_an_untrusted_proxy_is_said_once_with_its_address(name: str) -> None:
    """Kind: silent misconfiguration. All of its clients count as one."""
    front = Front()
    for number in range(6):
        assert front.ask(STRANGER, **{name: f"8.8.4.{number}"}) == STRANGER
    only(front, "DATELINE_TRUSTED_PROXIES", STRANGER)


def test_one_client_that_names_itself_is_no_proxy() -> None:
    """Nor are many, each with a name or two; what is remembered of them is bounded."""
    front = Front()
    for number in range(500):
        for _ in range(3):
            front.ask(f"8.8.{number // 250}.{number % 250}", x_forwarded_for="1.1.1.1")
            front.ask(f"8.8.{number // 250}.{number % 250}", x_forwarded_for="1.1.1.2" + "x" * 999)
    assert front.said == []


SILENT = {
    "only the scheme": {"x_forwarded_proto": "https"},
    "the standard's header only": {"forwarded": "for=8.8.4.4"},
    "another header": {"x_real_ip": READER},
    "an empty header": {"x_forwarded_for": "", "via": "1.1 a"},
    "a browser's form": {"origin": HTTPS},
}


@pytest.mark.parametrize("headers", SILENT.values(), ids=SILENT)
def test_a_trusted_proxy_that_names_no_client_is_said(headers: dict[str, str]) -> None:
    """Kind: silent misconfiguration. Its clients have no limits, and may name any address."""
    front = Front()
    for _ in range(3):
        front.ask(**headers)
    only(front, "DATELINE_TRUSTED_PROXIES", PROXY, "X-Forwarded-For")


def test_tools_on_the_proxys_machine_are_no_proxy() -> None:
    """A health check, or a newsroom's tool, that comes without a proxy in between."""
    front = Front(None, "127.0.0.1,::1")
    front.ask("127.0.0.1", host="127.0.0.1:8000")
    front.ask("127.0.0.1", host="localhost:8000", origin="http://localhost:8000")
    front.ask("::1", host="[::1]:8000", origin="http://[::1]:8000")
    assert front.said == []


NAMED = {
    "a word": ("unknown", PROXY, "no IP address"),
    "words": ("8.8.4.4, unknown", PROXY, "no IP address"),
    "a private address from a public proxy": ("192.168.1.1", "1.1.1.1", "overwrite"),
    "networks that hold the clients": ("9.9.9.9, 10.0.0.5", "10.0.0.0/8", None),
    "clients inside the trusted network": ("10.7.7.7, 10.0.0.5", "10.0.0.0/8", "first"),
    "anybody": ("9.9.9.9, 10.0.0.5", "*", "first"),
}


@pytest.mark.parametrize(("value", "trusted", "word"), NAMED.values(), ids=NAMED)
def test_a_client_that_cannot_be_believed_is_said(
    value: str, trusted: str, word: str | None
) -> None:
    """Kind: silent misconfiguration. The header does not name a client that limits can count."""
    front = Front(trusted=trusted)
    peer = trusted if trusted[0].isdigit() and "/" not in trusted else PROXY
    for _ in range(3):
        front.ask(peer, x_forwarded_for=value)
    if word is None:
        assert front.said == []
    else:
        only(front, "DATELINE_TRUSTED_PROXIES", word)


def test_another_proxy_before_the_trusted_one_is_said() -> None:
    """Kind: silent misconfiguration. Not for one client on the newsroom's own network that lies."""
    front = Front()
    for _ in range(5):
        front.ask(x_forwarded_for="8.8.4.4, 172.16.0.1")
    assert front.said == []
    for number in range(5):
        assert front.ask(x_forwarded_for=f"8.8.4.{number}, 172.16.0.1") == "172.16.0.1"
    only(front, "DATELINE_TRUSTED_PROXIES", PROXY, "172.16.0.1")


def test_an_honest_proxy_is_not_talked_about() -> None:
    """Whatever its clients write before what it adds itself."""
    front = Front(trusted=f"{PROXY}, 2001:db8::9")
    for value in (READER, f"evil, {READER}", f"127.0.0.1, {READER}", "10.1.1.1", "2a00::1"):
        for kind in ("http", "websocket"):
            front.ask(kind=kind, x_forwarded_for=value, x_forwarded_proto="https", via="1.1 a")
    assert front.said == []


def test_requests_cannot_fill_the_log() -> None:
    """Whatever comes, there is one sentence of a kind, and nothing in it that a client wrote."""
    front = Front(None)
    for number in range(200):
        for peer in (PROXY, STRANGER, f"8.8.8.{number}"):
            front.ask(peer, x_forwarded_for=f"evil{number}", x_real_ip=f"evil{number}")
            front.ask(peer, x_forwarded_proto=f"https evil{number}", forwarded=f"evil{number}")
            front.ask(peer, host=f"evil{number}", origin=f"https://evil{number}")
    assert 0 < len(front.said) < 8
    assert not any("evil" in sentence for sentence in front.said)


@given(
    st.lists(st.text(st.characters(codec="latin-1", exclude_characters=","), max_size=50)),
    st.ip_addresses(network="8.0.0.0/8") | st.ip_addresses(network="2a00::/16"),
    st.lists(st.sampled_from(["10.0.0.9", "10.0.0.8"]), max_size=3),
)
def test_the_client_is_the_last_address_that_no_trusted_proxy_has(
    written: list[str], client: object, proxies: list[str]
) -> None:
    """Kind: forged addresses. What stands before it was written by the client and is not read."""
    front = Front(trusted="10.0.0.8, 10.0.0.9")
    values = ", ".join([*written, str(client), *proxies])
    assert front.ask(x_forwarded_for=values) == str(client)
    assert front.ask(STRANGER, x_forwarded_for=values) == STRANGER


def test_a_machine_is_trusted_whichever_way_it_comes() -> None:
    """A socket for both kinds of address tells of IPv4 in the form of IPv6."""
    front = Front()
    assert front.ask(f"::ffff:{PROXY}", x_forwarded_for=READER) == READER
    assert front.ask("::ffff:8.8.4.4") == "8.8.4.4"
