"""Pages of the desk in Chromium, each opened as one of the newsroom's people."""

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
_STICK = """(position) => {
  for (const each of document.querySelectorAll('.sections, .sending-bar, .bar')) {
    each.style.position = position;
  }
}"""


class Newsdesks:
    """A server with a chief, an editor and a contributor, and a browser that opens their pages.

    Args:
        url: The server's URL.
        clients: A signed-in HTTP client for each of the people, by name.
        process: The browser.
    """

    def __init__(self, url: str, clients: dict[str, httpx.Client], process: "Browser") -> None:
        self.url = url
        self.clients = clients
        self.process = process
        self._contexts: list[BrowserContext] = []
        self._errors: list[str] = []

    def new_coverage(self, **fields: Any) -> str:
        """Open a coverage; returns its slug."""
        form = {"slug": new_slug(), "title": "Fire at the harbour", **fields}
        answer = self.clients["Ani"].post("/v1/coverages", json=form)
        assert answer.status_code == 201, answer.text
        return form["slug"]

    def write(self, name: str, slug: str, **fields: Any) -> Json:
        """Write an entry by the API as one of the people."""
        answer = self.clients[name].post(f"/v1/coverages/{slug}/entries", json=fields)
        assert answer.status_code == 201, answer.text
        written: Json = answer.json()
        return written

    def open(self, name: str, path: str, **context_options: Any) -> "Page":
        """Open a page of the desk as one of the people."""
        context = self.process.new_context(base_url=self.url, **(WIDE | context_options))
        self._contexts.append(context)
        cookies = self.clients[name].cookies.jar
        cookies_as_options = [
            {"name": c.name, "value": str(c.value), "url": self.url} for c in cookies
        ]
        context.add_cookies(cookies_as_options)  # type: ignore[arg-type]
        page = context.new_page()
        page.on("pageerror", lambda error: self._errors.append(str(error)))
        page.on("console", lambda message: self._note_message(message.text))
        page.goto(path)
        return page

    def desk(self, name: str, slug: str, **context_options: Any) -> "Page":
        """Open a coverage's desk as one of the people, and wait until its connection is live."""
        page = self.open(name, f"/desk/coverages/{slug}", **context_options)
        page.locator(".connection[data-state=live]").wait_for(state="attached")
        return page

    def close(self) -> None:
        """Close every page; checks that none had an uncaught error or broke its policy."""
        for context in self._contexts:
            context.close()
        self._contexts.clear()
        errors, self._errors = self._errors, []
        assert not errors

    def _note_message(self, message: str) -> None:
        if "Content Security Policy" in message:
            self._errors.append(message)


@contextmanager
def newsdesks(
    folder: Path, names: list[str], process: "Browser", **settings: str
) -> Iterator[Newsdesks]:
    """Run a server with these people during the block; the first of them is its chief."""
    with ExitStack() as stack:
        server = stack.enter_context(running_server(folder, **settings))
        clients = {}
        for name in names:
            email, role = PEOPLE[name]
            take_in(server, email, name, role)
            clients[name] = stack.enter_context(sign_in(server, email))
        yield Newsdesks(server.url, clients, process)


def entry_of(page: "Page", text: str) -> Any:
    """Return the entry of the timeline that contains a text."""
    return page.locator(".days .entry", has_text=text)


def act_on(entry: Any, name: str, *, touch: bool = False) -> None:
    """Press an action of an entry of the timeline, in its menu if it is there."""
    press = "tap" if touch else "click"
    action = entry.get_by_role("button", name=name, exact=True)
    if not action.is_visible():
        getattr(entry.get_by_role("button", name="More", exact=True), press)()
    getattr(action, press)()


def item_of(page: "Page", list_name: str, text: str) -> Any:
    """Return the draft of one of the lists that contains a text."""
    return page.locator(f"[data-shelf={list_name}] .item", has_text=text)


def text_of(page: "Page") -> Any:
    """Return the composer's text field."""
    return page.locator("form.composer [name=body]")


def shows(locator: "Locator") -> "LocatorAssertions":
    """Return Playwright's assertions on an element, which wait until they hold."""
    from playwright.sync_api import expect

    return expect(locator)


def announced(page: "Page", text: str) -> None:
    """Wait until a text was announced in the page's live region."""
    page.locator("#said", has_text=text).wait_for(state="attached")


def focused(page: "Page") -> str:
    """Return the tag, the classes and the field name of the focused element."""
    description: str = page.evaluate(
        "(({tagName, className, name}) => [tagName, className, name].filter(Boolean).join(' '))"
        "(document.activeElement)"
    )
    return description


def check_by_axe(page: "Page", within: str | None = None) -> None:
    """Check that axe finds no violation, on the page or within an element that lies over it."""
    require("axe-playwright-python", find_spec("axe_playwright_python"))
    from axe_playwright_python.sync_playwright import Axe

    # What sticks covers a part of something at any position of the page, and scrolling uncovers it;
    # axe would measure what is left of a button at this position.
    page.evaluate(_STICK, "static")
    results = Axe().run(page, context=within, options=_OPTIONS)
    page.evaluate(_STICK, "")
    assert not results.response["violations"], results.generate_report()


def fits(page: "Page") -> bool:
    """Return whether nothing is wider than the window."""
    wider: bool = page.evaluate("document.documentElement.scrollWidth > innerWidth")
    return not wider


def seconds_until(action: Any) -> float:
    """Return how long a call takes, in seconds."""
    started = time.monotonic()
    action()
    return time.monotonic() - started
