"""A newsroom to attack: a server of a checkout, with people and keys."""

import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from bench.dateline import SLUG, Dateline, dateline

PASSWORD = "a long walk to the harbour"
FORM = "application/x-www-form-urlencoded"
OUTSIDER, ANOTHER = "127.0.0.77", "127.0.0.99"  # client addresses; 127.0.0.1 is a trusted proxy's
_TOKEN = re.compile(r'name="token"\s+value="([^"]+)"')
_PATIENCE = 60.0  # seconds for an answer


@dataclass(frozen=True)
class Newsroom:
    """A running server with one live coverage, as clients see it."""

    server: Dateline
    chief: httpx.Client

    @property
    def url(self) -> str:
        """The server's base URL."""
        return self.server.url

    @property
    def pid(self) -> int:
        """The server's process id."""
        assert self.server.process
        return self.server.process.pid

    @property
    def log(self) -> str:
        """The server's log so far."""
        return (self.server.folder / "server.log").read_text(errors="replace")

    def client(self, address: str = OUTSIDER, **options: Any) -> httpx.Client:
        """Return a client with its own address, whose requests claim to come from our pages."""
        transport = httpx.HTTPTransport(local_address=address, limits=httpx.Limits())
        headers = {"Origin": self.url} | options.pop("headers", {})
        options = {"timeout": _PATIENCE} | options
        return httpx.Client(base_url=self.url, transport=transport, headers=headers, **options)

    def key(self, role: str, coverage: str | None = SLUG) -> str:
        """Create an API key and return it."""
        asked = {"name": role, "role": role, "coverage": coverage}
        made = self.chief.post("/v1/keys", json=asked).raise_for_status()
        return str(made.json()["key"])

    def with_key(self, role: str, coverage: str | None = SLUG) -> httpx.Client:
        """Return a client with a new key."""
        return self.client(headers={"Authorization": f"Bearer {self.key(role, coverage)}"})

    def link(self, **invitation: Any) -> str:
        """Return the path of a new invitation."""
        made = self.chief.post("/v1/invitations", json=invitation).raise_for_status()
        return path_of(made.json()["link"])

    def join(self, name: str, **invitation: Any) -> str:
        """Add a person by an invitation; return their id."""
        email = email_of(name)
        assert self.take(self.link(email=email, **invitation), name).is_redirect
        people = self.chief.get("/v1/people").raise_for_status().json()["people"]
        (person,) = [person["id"] for person in people if person["email"] == email]
        return str(person)

    def take(self, link: str, name: str, password: str = PASSWORD) -> httpx.Response:
        """Submit the form of an invitation or of a personal link."""
        typed = {"name": name.title(), "email": email_of(name), "password": password}
        with self.client() as client:
            return client.post(link, data=typed)

    @contextmanager
    def signed_in(self, name: str) -> Iterator[httpx.Client]:
        """Open a browser in which a person is signed in."""
        with self.client() as browser:
            assert sign_in(browser, name).is_redirect
            yield browser


@contextmanager
def newsroom(
    program: Path, settings: Mapping[str, str] | None = None, descriptors: int | None = None
) -> Iterator[Newsroom]:
    """Run a checkout's server for the length of a block.

    Args:
        program: the checkout.
        settings: without their `DATELINE_`; all others have their defaults.
        descriptors: the server's limit of file descriptors.
    """
    limits = {f"DATELINE_{name}": value for name, value in (settings or {}).items()}
    with (
        dateline(limits=limits, program=program, descriptors=descriptors) as server,
        server.client() as chief,
    ):
        yield Newsroom(server, chief)


def email_of(name: str) -> str:
    """Return a person's e-mail address."""
    return f"{name}@example.org"


def path_of(link: str) -> str:
    """Return the path of a link, whatever its host."""
    return httpx.URL(link).path


def sign_in(browser: httpx.Client, name: str, password: str = PASSWORD) -> httpx.Response:
    """Submit the sign-in form."""
    return browser.post("/desk/sign-in", data={"email": email_of(name), "password": password})


def token(browser: httpx.Client, page: str = "/desk/account") -> str:
    """Return the CSRF token in the forms of a page of the desk."""
    found = _TOKEN.search(browser.get(page).raise_for_status().text)
    assert found, page
    return found[1]


def seconds(act: Callable[[], object]) -> float:
    """Return how long a call takes."""
    begun = time.perf_counter()
    act()
    return time.perf_counter() - begun


def told(took: float) -> str:
    """Format seconds for the table."""
    return f"{took:.1f} s" if took >= 1 else f"{took * 1000:.0f} ms"


@contextmanager
def meanwhile(*acts: Callable[[], object]) -> Iterator[None]:
    """Run each call in a thread during the block, and wait for all at its end."""
    threads = [threading.Thread(target=_quiet, args=(act,), daemon=True) for act in acts]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        for thread in threads:
            thread.join()


def _quiet(act: Callable[[], object]) -> None:
    # The server is expected to disconnect an attacker.
    with suppress(httpx.HTTPError, OSError):
        act()


def yes(is_so: object) -> str:
    """Format a Boolean for the table."""
    return "yes" if is_so else "no"
