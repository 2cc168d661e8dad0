"""The client's address behind proxies, and warnings about proxies and public addresses."""

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
class Deployment:
    """The middleware in front of an application, and its warnings so far."""

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
        self._app = ForwardedHeaders(self._record_scope, self.trusted, checks.check)

    async def _record_scope(self, scope, _receive, _send) -> None:
        self.scope = scope

    def request(self, peer: str = PROXY, kind: str = "http", **headers: str) -> str:
        """Send a request, and return the client's address as the application sees it."""
        fields = {"host": "live.example.org"} | {n.replace("_", "-"): v for n, v in headers.items()}
        scope = {
            "type": kind,
            "scheme": "ws" if kind == "websocket" else "http",
            "client": (peer, 5000),
            "headers": [(n.encode(), v.encode("latin-1")) for n, v in fields.items()],
        }
        asyncio.run(self._app(scope, None, None))
        address: str = self.scope["client"][0]
        return address

    @property
    def messages(self) -> list[str]:
        """The warnings so far."""
        return list(self.warnings)


def check_only_warning(deployment: Deployment, *words: str) -> None:
    """Check that there is one warning, in one line, with these words and a setting's name."""
    (message,) = deployment.messages
    assert message.isprintable()
    assert len(message) < 400
    for word in ("DATELINE_", *words):
        assert word in message


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
    """Silent misconfiguration: TLS without a public HTTPS URL is reported once."""
    deployment = Deployment(public_url)
    for _ in range(3):
        deployment.request(**sign)
    check_only_warning(deployment, "DATELINE_PUBLIC_URL", "HTTPS", "Secure")


def test_who_reads_from_another_site_is_no_sign() -> None:
    """A request from another site, or without an Origin, is not reported."""
    deployment = Deployment("http://live.example.org")
    deployment.request(STRANGER, origin="https://news.example.net", sec_fetch_site="cross-site")
    deployment.request(STRANGER, origin="null")
    deployment.request(STRANGER)
    assert deployment.messages == []


def test_another_address_than_the_public_one_is_said_once() -> None:
    """Silent misconfiguration: a desk used at another address than the public one is reported."""
    deployment = Deployment()
    for origin in ("https://www.example.org", "http://live.example.org"):
        deployment.request(x_forwarded_for=READER, origin=origin, sec_fetch_site="same-origin")
    check_only_warning(deployment, "DATELINE_PUBLIC_URL", HTTPS)
    second = Deployment()
    second.request(x_forwarded_for=READER, origin=HTTPS, sec_fetch_site="same-origin")
    second.request(x_forwarded_for=READER, host="upstream:8000")
    assert second.messages == []


def test_a_proxy_without_a_public_url_is_said() -> None:
    """A proxy without a public URL is reported, since links would not lead to the proxy."""
    deployment = Deployment(None)
    deployment.request(x_forwarded_for=READER)
    check_only_warning(deployment, "DATELINE_PUBLIC_URL", "links")


@pytest.mark.parametrize("name", ["x-forwarded-for", "x-real-ip", "forwarded"])
def test_an_untrusted_proxy_is_said_once_with_its_address(name: str) -> None:
    """Silent misconfiguration: an untrusted proxy, whose clients count as one, is reported once."""
    deployment = Deployment()
    for number in range(6):
        assert deployment.request(STRANGER, **{name: f"8.8.4.{number}"}) == STRANGER
    check_only_warning(deployment, "DATELINE_TRUSTED_PROXIES", STRANGER)


def test_one_client_that_names_itself_is_no_proxy() -> None:
    """Many clients that each send few X-Forwarded-For values are not reported as proxies."""
    deployment = Deployment()
    for number in range(500):
        for _ in range(3):
            deployment.request(f"8.8.{number // 250}.{number % 250}", x_forwarded_for="1.1.1.1")
            deployment.request(
                f"8.8.{number // 250}.{number % 250}", x_forwarded_for="1.1.1.2" + "x" * 999
            )
    assert deployment.messages == []


SILENT = {
    "only the scheme": {"x_forwarded_proto": "https"},
    "the standard's header only": {"forwarded": "for=8.8.4.4"},
    "another header": {"x_real_ip": READER},
    "an empty header": {"x_forwarded_for": "", "via": "1.1 a"},
    "a browser's form": {"origin": HTTPS},
}


@pytest.mark.parametrize("headers", SILENT.values(), ids=SILENT)
def test_a_trusted_proxy_that_names_no_client_is_said(headers: dict[str, str]) -> None:
    """Silent misconfiguration: a trusted proxy that does not name its clients is reported."""
    deployment = Deployment()
    for _ in range(3):
        deployment.request(**headers)
    check_only_warning(deployment, "DATELINE_TRUSTED_PROXIES", PROXY, "X-Forwarded-For")


def test_tools_on_the_proxys_machine_are_no_proxy() -> None:
    """Requests without a proxy from a trusted proxy's own machine are not reported."""
    deployment = Deployment(None, "127.0.0.1,::1")
    deployment.request("127.0.0.1", host="127.0.0.1:8000")
    deployment.request("127.0.0.1", host="localhost:8000", origin="http://localhost:8000")
    deployment.request("::1", host="[::1]:8000", origin="http://[::1]:8000")
    assert deployment.messages == []


FORWARDED_FOR = {
    "a word": ("unknown", PROXY, "no IP address"),
    "words": ("8.8.4.4, unknown", PROXY, "no IP address"),
    "a private address from a public proxy": ("192.168.1.1", "1.1.1.1", "overwrite"),
    "networks that hold the clients": ("9.9.9.9, 10.0.0.5", "10.0.0.0/8", None),
    "clients inside the trusted network": ("10.7.7.7, 10.0.0.5", "10.0.0.0/8", "first"),
    "anybody": ("9.9.9.9, 10.0.0.5", "*", "first"),
}


@pytest.mark.parametrize(("value", "trusted", "word"), FORWARDED_FOR.values(), ids=FORWARDED_FOR)
def test_a_client_that_cannot_be_believed_is_said(
    value: str, trusted: str, word: str | None
) -> None:
    """Silent misconfiguration: a forwarded address that cannot be the client's is reported."""
    deployment = Deployment(trusted=trusted)
    peer = trusted if trusted[0].isdigit() and "/" not in trusted else PROXY
    for _ in range(3):
        deployment.request(peer, x_forwarded_for=value)
    if word is None:
        assert deployment.messages == []
    else:
        check_only_warning(deployment, "DATELINE_TRUSTED_PROXIES", word)


def test_another_proxy_before_the_trusted_one_is_said() -> None:
    """Silent misconfiguration: another proxy is reported, but not one client's forged header."""
    deployment = Deployment()
    for _ in range(5):
        deployment.request(x_forwarded_for="8.8.4.4, 172.16.0.1")
    assert deployment.messages == []
    for number in range(5):
        assert deployment.request(x_forwarded_for=f"8.8.4.{number}, 172.16.0.1") == "172.16.0.1"
    check_only_warning(deployment, "DATELINE_TRUSTED_PROXIES", PROXY, "172.16.0.1")


def test_an_honest_proxy_is_not_talked_about() -> None:
    """A correct proxy is not reported, whatever its clients send."""
    deployment = Deployment(trusted=f"{PROXY}, 2001:db8::9")
    for value in (READER, f"evil, {READER}", f"127.0.0.1, {READER}", "10.1.1.1", "2a00::1"):
        for kind in ("http", "websocket"):
            deployment.request(
                kind=kind, x_forwarded_for=value, x_forwarded_proto="https", via="1.1 a"
            )
    assert deployment.messages == []


def test_requests_cannot_fill_the_log() -> None:
    """Each kind of warning appears once, and contains nothing that a client sent."""
    deployment = Deployment(None)
    for number in range(200):
        for peer in (PROXY, STRANGER, f"8.8.8.{number}"):
            deployment.request(peer, x_forwarded_for=f"evil{number}", x_real_ip=f"evil{number}")
            deployment.request(
                peer, x_forwarded_proto=f"https evil{number}", forwarded=f"evil{number}"
            )
            deployment.request(peer, host=f"evil{number}", origin=f"https://evil{number}")
    assert 0 < len(deployment.messages) < 8
    assert not any("evil" in message for message in deployment.messages)


@given(
    st.lists(st.text(st.characters(codec="latin-1", exclude_characters=","), max_size=50)),
    st.ip_addresses(network="8.0.0.0/8") | st.ip_addresses(network="2a00::/16"),
    st.lists(st.sampled_from(["10.0.0.9", "10.0.0.8"]), max_size=3),
)
def test_the_client_is_the_last_address_that_no_trusted_proxy_has(
    written: list[str], client: object, proxies: list[str]
) -> None:
    """Forged addresses: the client is the last untrusted address; earlier values are ignored."""
    deployment = Deployment(trusted="10.0.0.8, 10.0.0.9")
    values = ", ".join([*written, str(client), *proxies])
    assert deployment.request(x_forwarded_for=values) == str(client)
    assert deployment.request(STRANGER, x_forwarded_for=values) == STRANGER


def test_a_machine_is_trusted_whichever_way_it_comes() -> None:
    """A trusted proxy is recognized by its IPv4-mapped IPv6 address."""
    deployment = Deployment()
    assert deployment.request(f"::ffff:{PROXY}", x_forwarded_for=READER) == READER
    assert deployment.request("::ffff:8.8.4.4") == "8.8.4.4"
