"""Misconfigured reverse proxies: the server logs one warning for each mistake."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests.dateline import DatelineServer, running_server
from tests.journeys.proxies import Manner, Name, tls_in_front
from tests.signed_in import PASSWORD, take_in

BOTH = pytest.mark.parametrize("name", ["nginx", "Caddy"])
CHIEF = "chief@example.org"
NOBODY = "192.0.2.1"  # an address that no proxy has here (TEST-NET-1)


@dataclass(frozen=True)
class Front:
    """A server with a proxy in front."""

    server: DatelineServer
    url: str

    def client(self, address: str = "127.0.0.1", **headers: str) -> httpx.Client:
        """Return an HTTP client whose connections come from one of this machine's addresses."""
        transport = httpx.HTTPTransport(verify=False, local_address=address)
        return httpx.Client(base_url=self.url, transport=transport, headers=headers, timeout=120)

    def sign_in(self, browser: httpx.Client, password: str = PASSWORD) -> httpx.Response:
        """Send the desk's sign-in form."""
        form = {"email": CHIEF, "password": password}
        headers = {"Origin": self.url, "Sec-Fetch-Site": "same-origin"}
        return browser.post("/desk/sign-in", data=form, headers=headers)

    @property
    def warnings(self) -> list[str]:
        """The log's warnings."""
        return [line for line in self.server.log().splitlines() if line.startswith("WARNING:")]


@contextmanager
def behind(folder: Path, name: Name, manner: Manner = "says", **settings: str) -> Iterator[Front]:
    """Run a server behind a proxy during the block, with a chief's account."""
    server = DatelineServer(folder, **settings)
    (folder / "dateline.db").touch(0o600)  # as `dateline` makes it, whatever the tests' umask is
    with tls_in_front(name, manner, server.port, folder / "proxy") as url:
        settings_with_url = {key: value.replace("FRONT", url) for key, value in settings.items()}
        with running_server(folder, port=str(server.port), **settings_with_url) as running:
            take_in(running, CHIEF, "Chief", "chief")
            yield Front(running, url)


def open_forged_streams(front: Front) -> list[int]:
    """Open streams that are open together, with a forged X-Forwarded-For; returns their statuses.

    The second comes from the address of the first, the third from another but with its header.
    """
    with front.client() as browser:
        front.sign_in(browser)
        coverage = {"slug": "fire", "title": "A fire"}
        headers = {"Origin": front.url}
        browser.post("/v1/coverages", json=coverage, headers=headers).raise_for_status()
    statuses = []
    with ExitStack() as stack:
        for address, forged in (
            ("127.0.0.2", "8.8.8.8"),
            ("127.0.0.2", "9.9.9.9"),
            ("127.0.0.3", "8.8.8.8"),
        ):
            headers = {"Accept": "text/event-stream", "X-Forwarded-For": forged}
            client = stack.enter_context(front.client(address, **headers))
            stream = client.stream("GET", "/v1/coverages/fire/events")
            statuses.append(stack.enter_context(stream).status_code)
    return statuses


@pytest.mark.full("the other proxy", but=["nginx"])
@BOTH
def test_tls_in_front_of_a_server_that_does_not_know_it(tmp_path: Path, name: Name) -> None:
    """Silent misconfiguration: one warning names DATELINE_PUBLIC_URL, and the desk shows it too."""
    with behind(tmp_path, name) as front, front.client() as browser:
        for _ in range(3):
            browser.get("/").raise_for_status()
        answer = front.sign_in(browser)
        assert answer.status_code == 303, answer.text
        assert "Secure" not in answer.headers["set-cookie"]
        (warning,) = front.warnings
        assert "DATELINE_PUBLIC_URL is not set" in warning
        page = browser.get("/desk/people").raise_for_status().text
        assert "Requests come by HTTPS, but DATELINE_PUBLIC_URL is not set" in page


@pytest.mark.full("the other proxy", but=["nginx"])
@BOTH
def test_a_proxy_that_is_set_up_as_documented_is_silent(tmp_path: Path, name: Name) -> None:
    """Forged addresses: no warning, a secure cookie, HSTS, and limits by the real client."""
    with behind(tmp_path, name, public_url="FRONT", streams_per_address="1") as front:
        with front.client() as browser:
            answer = front.sign_in(browser)
            cookie = answer.headers["set-cookie"]
            assert cookie.startswith("__Host-dateline_session=")
            assert "; Secure" in cookie
            assert answer.headers["strict-transport-security"].startswith("max-age=")
            assert "For who runs this server" not in browser.get("/desk/people").text
        assert open_forged_streams(front) == [200, 503, 200]
        assert front.warnings == []


@pytest.mark.full("a further mistake")
def test_a_proxy_that_is_not_trusted(tmp_path: Path) -> None:
    """Silent misconfiguration: one warning has its address and names DATELINE_TRUSTED_PROXIES."""
    with behind(tmp_path, "nginx", public_url="FRONT", trusted_proxies=NOBODY) as front:
        for number in range(2, 8):
            with front.client(f"127.0.0.{number}") as browser:
                browser.get("/").raise_for_status()
        (warning,) = front.warnings
        assert "127.0.0.1 names several clients" in warning
        assert "DATELINE_TRUSTED_PROXIES" in warning


@pytest.mark.full("a further mistake")
def test_a_proxy_that_passes_on_what_its_client_says(tmp_path: Path) -> None:
    """Silent misconfiguration: one warning says that the proxy does not set X-Forwarded-For.

    Whoever sends the header is believed, so that the limits by address fail.
    """
    settings = {"public_url": "FRONT", "streams_per_address": "1"}
    with behind(tmp_path, "nginx", "passes on", **settings) as front:
        for number in range(3):
            with front.client(**{"X-Forwarded-For": f"8.8.4.{number}"}) as forger:
                forger.get("/").raise_for_status()
            assert len(front.warnings) == min(number, 1)  # forged, the header looks right
            with front.client() as reader:
                reader.get("/").raise_for_status()
        assert open_forged_streams(front) == [200, 200, 503]
        (warning,) = front.warnings
        assert "127.0.0.1 does not set X-Forwarded-For" in warning
        assert "DATELINE_TRUSTED_PROXIES" in warning
