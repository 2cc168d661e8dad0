"""The reader's page of a coverage in a browser, and the newsroom that changes the coverage."""

import time
from typing import Any
from urllib.parse import urlencode

from tests.browsers.browser import Browser, ScriptError
from tests.browsers.listener import AUDIENCE
from tests.conftest import Newsroom
from tests.contract.newsrooms import new_slug, new_timeline

Json = dict[str, Any]

_TIMEOUT = 60  # seconds
_LONG = "Line after line of what is known so far. " * 12


class OpenPage:
    """A new coverage and its page.

    Args:
        browser: The browser.
        newsroom: The newsroom of the coverage.
        home: The origin of the page; None: the server's.
        fields: Fields of the coverage.
    """

    def __init__(
        self, browser: Browser, newsroom: Newsroom, home: str | None = None, **fields: Any
    ) -> None:
        self.browser = browser
        self.newsroom = newsroom
        self.home = home or newsroom.server.url
        self.timeline = new_timeline(newsroom, new_slug(), **fields)
        self.path = f"/coverages/{self.timeline.slug}"

    def fill(self, number: int) -> list[str]:
        """Publish that many entries, of which a few fill a window; returns their ids."""
        return [self.timeline.publish(f"Entry {n}", body=_LONG)["id"] for n in range(number)]

    def open(self, below: str = "", **query: str) -> None:
        """Open the page and wait until it is live."""
        address = f"{self.home}{self.path}{below}"
        self.browser.open(f"{address}?{urlencode(query)}" if query else address)
        self.browser.run(f"void {AUDIENCE}")
        self.until("!document.querySelector('.connection') || {state} === 'live'")

    def until(self, condition: str) -> None:
        """Wait until a condition holds; `{state}` in it is the stream's state as the page shows it.

        Raises:
            ScriptError: It did not hold in time.
        """
        state = "document.querySelector('.connection').dataset.state"
        expression = condition.replace("{state}", state)
        self.browser.run(f"audience.shows(() => {expression})")

    def shows(self, text: str) -> None:
        """Wait until the timeline contains a text."""
        self.until(f"document.querySelector('.days').textContent.includes({text!r})")

    def arrive(self, text: str) -> None:
        """Wait for another page, whose markup contains a text."""
        deadline = time.monotonic() + _TIMEOUT
        while not self._has(text):
            assert time.monotonic() < deadline, self.markup
            time.sleep(0.05)

    def _has(self, text: str) -> bool:
        try:
            return text in self.markup
        except ScriptError:  # the page was being replaced
            return False

    def scroll_to(self, entry_id: str, offset: int = 100) -> None:
        """Scroll until an entry's top is `offset` pixels below that of the window."""
        self.browser.run(
            f"scrollBy({{top: {_entry(entry_id)}.getBoundingClientRect().top - {offset},"
            " behavior: 'instant'})"
        )
        # The scroll event is dispatched with the next frame.
        self.frames()

    def frames(self) -> None:
        """Wait until the changes so far are painted."""
        frame = "new Promise((r) => requestAnimationFrame(() => requestAnimationFrame(r)))"
        self.browser.run(f"{frame}.then(() => null)")

    def top(self, entry_id: str) -> float:
        """Return how many pixels an entry's top is below that of the window."""
        pixels: float = self.browser.run(f"{_entry(entry_id)}.getBoundingClientRect().top")
        return pixels

    @property
    def ids(self) -> list[str]:
        """The ids of the entries shown, top to bottom."""
        entries = "document.querySelectorAll('.days .entry')"
        entry_ids: list[str] = self.browser.run(f"[...{entries}].map((e) => e.dataset.entry)")
        return entry_ids

    @property
    def waiting(self) -> str | None:
        """The text of the button for waiting entries; None while it is hidden."""
        button = "document.querySelector('.waiting button')"
        label: str | None = self.browser.run(f"{button}.hidden ? null : {button}.textContent")
        return label

    @property
    def markup(self) -> str:
        """The HTML of the whole document."""
        html: str = self.browser.run("document.documentElement.outerHTML")
        return html

    @property
    def title(self) -> str:
        """The document's title."""
        text: str = self.browser.run("document.title")
        return text


def _entry(entry_id: str) -> str:
    return f"document.getElementById('entry-{entry_id}')"
