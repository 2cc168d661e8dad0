"""The reader's page of a coverage, open in a browser, and the newsroom on the other side."""

import time
from typing import Any
from urllib.parse import urlencode

from tests.browsers.browser import Browser, ScriptError
from tests.browsers.listener import AUDIENCE
from tests.conftest import Newsroom
from tests.contract.newsrooms import new_slug, new_timeline

Json = dict[str, Any]

_PATIENCE = 60  # seconds
_LONG = "Line after line of what is known so far. " * 12


class OpenPage:
    """A new coverage and its page.

    Args:
        browser: whose page it is.
        newsroom: whose server it comes from.
        fields: of the coverage.
    """

    def __init__(self, browser: Browser, newsroom: Newsroom, **fields: Any) -> None:
        self.browser = browser
        self.newsroom = newsroom
        self.timeline = new_timeline(newsroom, new_slug(), **fields)
        self.path = f"/coverages/{self.timeline.slug}"

    def fill(self, number: int) -> list[str]:
        """Publish so many entries that a few of them fill a window; gives their ids."""
        return [self.timeline.publish(f"Entry {n}", body=_LONG)["id"] for n in range(number)]

    def open(self, below: str = "", **query: str) -> None:
        """Open the page and wait until it is live."""
        address = f"{self.newsroom.server.url}{self.path}{below}"
        self.browser.open(f"{address}?{urlencode(query)}" if query else address)
        self.browser.run(f"void {AUDIENCE}")
        self.until("!document.querySelector('.connection') || {state} === 'live'")

    def until(self, condition: str) -> None:
        """Wait until that is so; `{state}` stands for what is told of the stream.

        Raises:
            ScriptError: it never was.
        """
        state = "document.querySelector('.connection').dataset.state"
        told = condition.replace("{state}", state)
        self.browser.run(f"audience.shows(() => {told})")

    def shows(self, text: str) -> None:
        """Wait until these words are anywhere in the timeline."""
        self.until(f"document.querySelector('.days').textContent.includes({text!r})")

    def arrive(self, text: str) -> None:
        """Wait for another page, which shows these words."""
        deadline = time.monotonic() + _PATIENCE
        while not self._has(text):
            assert time.monotonic() < deadline, self.markup
            time.sleep(0.05)

    def _has(self, text: str) -> bool:
        try:
            return text in self.markup
        except ScriptError:  # the page went under it
            return False

    def scroll_to(self, entry_id: str, offset: int = 100) -> None:
        """Scroll until an entry's top is so many pixels below that of the window."""
        self.browser.run(
            f"scrollBy({{top: {_entry(entry_id)}.getBoundingClientRect().top - {offset},"
            " behavior: 'instant'})"
        )
        # A scroll is over when it has been painted.
        self.frames()

    def frames(self) -> None:
        """Wait until what was done is painted."""
        frame = "new Promise((r) => requestAnimationFrame(() => requestAnimationFrame(r)))"
        self.browser.run(f"{frame}.then(() => null)")

    def top(self, entry_id: str) -> float:
        """How many pixels an entry's top is below that of the window."""
        found: float = self.browser.run(f"{_entry(entry_id)}.getBoundingClientRect().top")
        return found

    @property
    def ids(self) -> list[str]:
        """The ids of the entries shown, from the top."""
        entries = "document.querySelectorAll('.days .entry')"
        found: list[str] = self.browser.run(f"[...{entries}].map((e) => e.dataset.entry)")
        return found

    @property
    def waiting(self) -> str | None:
        """What the button says; None where it is not there."""
        button = "document.querySelector('.waiting button')"
        found: str | None = self.browser.run(f"{button}.hidden ? null : {button}.textContent")
        return found

    @property
    def markup(self) -> str:
        """The whole document as it stands."""
        found: str = self.browser.run("document.documentElement.outerHTML")
        return found

    @property
    def title(self) -> str:
        """The document's."""
        found: str = self.browser.run("document.title")
        return found


def _entry(entry_id: str) -> str:
    return f"document.getElementById('entry-{entry_id}')"
