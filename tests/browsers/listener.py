"""A coverage's stream as a page in a browser reads it, and the newsroom on the other side."""

from pathlib import Path
from typing import Any

from tests.browsers.browser import Browser
from tests.conftest import Newsroom
from tests.contract.newsrooms import new_slug, new_timeline

Json = dict[str, Any]

# An expression, as a page is given one.
AUDIENCE = Path(__file__).with_name("audience.js").read_text().rstrip("; \n")


class Listener:
    """A new coverage, and a page of its server whose script listens to it.

    Args:
        browser: whose page it is.
        newsroom: whose server it reads from.
    """

    def __init__(self, browser: Browser, newsroom: Newsroom) -> None:
        self.browser = browser
        self.newsroom = newsroom
        self.timeline = new_timeline(newsroom, new_slug())
        self.heard: list[Json] = []
        # The index has no stream of its own, which would be counted too.
        self.open("/")

    def open(self, path: str) -> None:
        """Open a page of the server, with the script in it."""
        self.browser.open(f"{self.newsroom.server.url}{path}")
        self.browser.run(f"void {AUDIENCE}")

    def listen(self, query: str = "") -> None:
        """Open an EventSource, and wait until it is open."""
        address = f"{self.timeline.path}/events{query}"
        self.browser.run(f"void (globalThis.reader = audience.listen('{address}'))")
        self.opened(1)

    def dial(self, query: str = "") -> None:
        """Open a WebSocket, and wait until it is open."""
        address = f"{self.newsroom.server.url}{self.timeline.path}/socket{query}"
        address = address.replace("http", "ws", 1)
        self.browser.run(f"void (globalThis.reader = audience.dial('{address}'))")
        self.opened(1)

    def opened(self, times: int) -> None:
        """Wait until the stream has been opened so often."""
        self.browser.run(f"reader.opened({times})")

    def hear(self, number: int) -> list[Json]:
        """Wait for so many more events; gives what came, which may be more."""
        done = len(self.heard)
        heard: list[Json] = self.browser.run(f"reader.after({done}, {done + number})")
        self.heard += heard
        return heard

    def heartbeats(self, number: int) -> str | None:
        """Wait for so many heartbeats of another stream; gives its content encoding."""
        address = f"{self.timeline.path}/events"
        coding: str | None = self.browser.run(f"audience.heartbeats('{address}', {number})")
        return coding

    def state(self, name: str) -> Any:
        """What the page's reader has under that name."""
        return self.browser.run(f"reader.{name}")

    def figure(self, name: str, **labels: str) -> float:
        """A figure of the server's; 0 where it has none."""
        written = ",".join(f'{label}="{value}"' for label, value in sorted(labels.items()))
        line = f"dateline_{name}{{{written}}} "
        text = self.newsroom.reader.get("/metrics").raise_for_status().text
        return sum(
            float(found[len(line) :]) for found in text.splitlines() if found.startswith(line)
        )

    def check_complete(self, after: str) -> None:
        """Hold what was heard against the journal behind a cursor: each event once, in order.

        Raises:
            AssertionError: it was otherwise, or the stream was reset.
        """
        journal = self.timeline.journal(after)
        assert [bare(heard["event"]) for heard in self.heard] == journal
        assert self.state("resets") == []


def bare(event: Json) -> Json:
    """An event without the page's fragment."""
    return {name: value for name, value in event.items() if name != "html"}
