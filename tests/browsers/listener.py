"""A coverage's stream as a page's script reads it, and the newsroom that publishes to it."""

from pathlib import Path
from typing import Any

from tests.browsers.browser import Browser
from tests.conftest import Newsroom
from tests.contract.newsrooms import new_slug, new_timeline

Json = dict[str, Any]

# An expression, as `Browser.run` evaluates it.
AUDIENCE = Path(__file__).with_name("audience.js").read_text().rstrip("; \n")


class Listener:
    """A new coverage, and a page of its server whose script reads the coverage's stream.

    Args:
        browser: The browser.
        newsroom: The newsroom of the coverage.
    """

    def __init__(self, browser: Browser, newsroom: Newsroom) -> None:
        self.browser = browser
        self.newsroom = newsroom
        self.timeline = new_timeline(newsroom, new_slug())
        self.received: list[Json] = []
        # The index has no stream of its own, which would be counted among the connections.
        self.open("/")

    def open(self, path: str) -> None:
        """Open a page of the server and load the script into it."""
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
        """Wait until the stream has been opened that many times."""
        self.browser.run(f"reader.opened({times})")

    def receive(self, number: int) -> list[Json]:
        """Wait for that many more events; returns those that came, which may be more."""
        before = len(self.received)
        received: list[Json] = self.browser.run(f"reader.after({before}, {before + number})")
        self.received += received
        return received

    def heartbeats(self, number: int) -> str | None:
        """Wait for that many heartbeats on another stream; returns its content encoding."""
        address = f"{self.timeline.path}/events"
        encoding: str | None = self.browser.run(f"audience.heartbeats('{address}', {number})")
        return encoding

    def state(self, name: str) -> Any:
        """Return a property of the page's reader."""
        return self.browser.run(f"reader.{name}")

    def figure(self, name: str, **labels: str) -> float:
        """Return a figure of `/metrics` with exactly these labels; 0 if there is none."""
        label_text = ",".join(f'{label}="{value}"' for label, value in sorted(labels.items()))
        prefix = f"dateline_{name}{{{label_text}}} "
        text = self.newsroom.reader.get("/metrics").raise_for_status().text
        return sum(
            float(sample[len(prefix) :])
            for sample in text.splitlines()
            if sample.startswith(prefix)
        )

    def check_complete(self, after: str) -> None:
        """Check that each event of the journal behind a cursor was received once, in order.

        Raises:
            AssertionError: The events differ, or the stream was reset.
        """
        journal = self.timeline.journal(after)
        assert [bare(received["event"]) for received in self.received] == journal
        assert self.state("resets") == []


def bare(event: Json) -> Json:
    """Return an event without its HTML fragment."""
    return {name: value for name, value in event.items() if name != "html"}
