"""Desks that are open in browsers: who is signed in at each, and what it shows."""

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx

from app.access.roles import Role
from tests.contract.newsrooms import new_slug
from tests.dateline import running_server
from tests.servers import require
from tests.signed_in import sign_in, take_in

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Locator, LocatorAssertions, Page

Json = dict[str, Any]

PEOPLE: dict[str, tuple[str, Role]] = {
    "Ani": ("ani@example.org", "chief"),
    "Ed": ("ed@example.org", "editor"),
    "Nino": ("nino@example.org", "contributor"),
}
WIDE = {"viewport": {"width": 1400, "height": 900}}
PHONE = {"viewport": {"width": 360, "height": 740}}
DARK = {"color_scheme": "dark"}
_OPTIONS = {"resultTypes": ["violations"], "rules": {"target-size": {"enabled": True}}}


class Newsdesks:
    """A server with a chief, an editor and a contributor, and a browser for each desk of theirs.

    Args:
        url: of the server.
        hands: a client for each of the people, by name.
        process: the browser.
    """

    def __init__(self, url: str, hands: dict[str, httpx.Client], process: "Browser") -> None:
        self.url = url
        self.hands = hands
        self.process = process
        self._open: list[BrowserContext] = []
        self._wrong: list[str] = []

    def new_coverage(self, **fields: Any) -> str:
        """Open a coverage; gives its slug."""
        form = {"slug": new_slug(), "title": "Fire at the harbour", **fields}
        answer = self.hands["Ani"].post("/v1/coverages", json=form)
        assert answer.status_code == 201, answer.text
        return form["slug"]

    def write(self, name: str, slug: str, **fields: Any) -> Json:
        """Have somebody write an entry by the API."""
        answer = self.hands[name].post(f"/v1/coverages/{slug}/entries", json=fields)
        assert answer.status_code == 201, answer.text
        written: Json = answer.json()
        return written

    def open(self, name: str, path: str, **manner: Any) -> "Page":
        """Open a page of the desk for somebody."""
        context = self.process.new_context(base_url=self.url, **(WIDE | manner))
        self._open.append(context)
        cookies = self.hands[name].cookies.jar
        given = [{"name": c.name, "value": str(c.value), "url": self.url} for c in cookies]
        context.add_cookies(given)  # type: ignore[arg-type]
        page = context.new_page()
        page.on("pageerror", lambda error: self._wrong.append(str(error)))
        page.on("console", lambda told: self._hear(told.text))
        page.goto(path)
        return page

    def desk(self, name: str, slug: str, **manner: Any) -> "Page":
        """Open somebody's desk of a coverage, and wait until it hears the bell and the journal."""
        page = self.open(name, f"/desk/coverages/{slug}", **manner)
        page.locator(".connection[data-state=live]").wait_for(state="attached")
        return page

    def close(self) -> None:
        """Close every page; none may have failed unseen, or asked for what its policy refuses."""
        for context in self._open:
            context.close()
        self._open.clear()
        wrong, self._wrong = self._wrong, []
        assert not wrong

    def _hear(self, told: str) -> None:
        if "Content Security Policy" in told:
            self._wrong.append(told)


@contextmanager
def newsdesks(
    folder: Path, names: list[str], process: "Browser", **settings: str
) -> Iterator[Newsdesks]:
    """Run a server with these people, the first of whom is its chief, for the length of a block."""
    with ExitStack() as stack:
        server = stack.enter_context(running_server(folder, **settings))
        hands = {}
        for name in names:
            email, role = PEOPLE[name]
            take_in(server, email, name, role)
            hands[name] = stack.enter_context(sign_in(server, email))
        yield Newsdesks(server.url, hands, process)


def entry_of(page: "Page", words: str) -> Any:
    """An entry of the timeline, by its words."""
    return page.locator(".days .entry", has_text=words)


def item_of(page: "Page", shelf: str, words: str) -> Any:
    """A draft on one of the shelves, by its words."""
    return page.locator(f"[data-shelf={shelf}] .item", has_text=words)


def text_of(page: "Page") -> Any:
    """Where the text of an entry is written."""
    return page.locator("form.composer [name=body]")


def shows(place: "Locator") -> "LocatorAssertions":
    """What a place is expected to show, soon."""
    from playwright.sync_api import expect

    return expect(place)


def said(page: "Page", words: str) -> None:
    """Wait until that was said to who hears the page."""
    page.locator("#said", has_text=words).wait_for(state="attached")


def focused(page: "Page") -> str:
    """What has the focus: its tag, classes, and of a field its name."""
    found: str = page.evaluate(
        "(({tagName, className, name}) => [tagName, className, name].filter(Boolean).join(' '))"
        "(document.activeElement)"
    )
    return found


def check_by_axe(page: "Page") -> None:
    """Find nothing by axe."""
    require("axe-playwright-python", find_spec("axe_playwright_python"))
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page, options=_OPTIONS)
    assert not found.response["violations"], found.generate_report()


def fits(page: "Page") -> bool:
    """Whether nothing is wider than the window."""
    wider: bool = page.evaluate("document.documentElement.scrollWidth > innerWidth")
    return not wider


def seconds_until(act: Any) -> float:
    """How long something takes to come."""
    begun = time.monotonic()
    act()
    return time.monotonic() - begun
