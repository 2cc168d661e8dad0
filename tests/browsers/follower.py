"""A tab whose page follows a coverage with the project's JavaScript client."""

import json
from typing import Any

from tests.browsers.browser import Browser
from tests.browsers.listener import AUDIENCE, bare
from tests.contract.timeline import Timeline

Json = dict[str, Any]


class Follower:
    """The current tab, whose page follows a coverage, and the events that it received.

    Args:
        browser: The browser.
        timeline: The coverage to follow.
        url: The page's origin; None: the server's.
        how: `subscribe`, or `share` among tabs.
        home: The origin that the client is loaded from; None: the page's.
        options: Options of the client, without its callbacks.
    """

    def __init__(
        self,
        browser: Browser,
        timeline: Timeline,
        url: str | None = None,
        how: str = "subscribe",
        home: str | None = None,
        **options: Any,
    ) -> None:
        self.browser = browser
        self.timeline = timeline
        self.tab = browser.tab
        self.received: list[Json] = []
        browser.open(f"{url or timeline.newsroom.server.url}/")
        self.run(f"void {AUDIENCE}")
        arguments = ", ".join(
            json.dumps(argument)
            for argument in (how, timeline.slug, options, home)
            if argument is not None
        )
        self.run(f"audience.follow({arguments}).then((r) => void (globalThis.reader = r))")

    def run(self, expression: str) -> Any:
        """Evaluate JavaScript in the page."""
        self.browser.switch(self.tab)
        return self.browser.run(expression)

    def receive(self, number: int) -> list[Json]:
        """Wait for that many more events; returns those that came, which may be more."""
        before = len(self.received)
        received: list[Json] = self.run(f"reader.after({before}, {before + number})")
        self.received += received
        return received

    def receive_all(self, after: str) -> None:
        """Wait for all events behind a cursor, and compare them with the journal.

        Raises:
            AssertionError: They are not each event once, in order.
        """
        journal = self.timeline.journal(after)
        if (missing := len(journal) - len(self.received)) > 0:
            self.receive(missing)
        self.received += self.run(f"reader.received.slice({len(self.received)})")
        assert [bare(received["event"]) for received in self.received] == journal
        assert self.run("reader.source.cursor") == (journal[-1]["cursor"] if journal else after)
        assert self.resets == []

    def follow_beside(self, number: int) -> None:
        """Let another client in the page follow the journal, until it has that many events."""
        slug, options = json.dumps(self.timeline.slug), json.dumps({"after": "0"})
        self.run(
            f"audience.follow('subscribe', {slug}, {options})"
            f".then((other) => other.after(0, {number})).then(() => null)"
        )

    def reach(self, state: str) -> None:
        """Wait until the client is in that state."""
        self.run(f"reader.until(() => reader.states.at(-1) === '{state}', 'not {state}')")

    @property
    def states(self) -> list[str]:
        """The states that the client has been in."""
        names: list[str] = self.run("reader.states")
        return names

    @property
    def resets(self) -> list[Json]:
        """The resets that the client has received."""
        resets: list[Json] = self.run("reader.resets")
        return resets
