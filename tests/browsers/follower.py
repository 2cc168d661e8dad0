"""A tab whose page follows a coverage with our own client."""

import json
from typing import Any

from tests.browsers.browser import Browser
from tests.browsers.listener import AUDIENCE, bare
from tests.contract.timeline import Timeline

Json = dict[str, Any]


class Follower:
    """The tab that is asked just now, and what its page hears.

    Args:
        browser: whose tab it is.
        timeline: what it follows.
        url: the origin that the page comes from; None is the server's own.
        how: `subscribe`, or `share` among tabs.
        home: the origin that the client comes from; None is the page's own.
        options: of the client; those that are functions it has already.
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
        self.heard: list[Json] = []
        browser.open(f"{url or timeline.newsroom.server.url}/")
        self.run(f"void {AUDIENCE}")
        told = ", ".join(
            json.dumps(each) for each in (how, timeline.slug, options, home) if each is not None
        )
        self.run(f"audience.follow({told}).then((r) => void (globalThis.reader = r))")

    def run(self, expression: str) -> Any:
        """Evaluate JavaScript in the page."""
        self.browser.switch(self.tab)
        return self.browser.run(expression)

    def hear(self, number: int) -> list[Json]:
        """Wait for so many more events; gives what came, which may be more."""
        done = len(self.heard)
        heard: list[Json] = self.run(f"reader.after({done}, {done + number})")
        self.heard += heard
        return heard

    def hear_all(self, after: str) -> None:
        """Wait for all that lies behind a cursor, and hold it against the journal.

        Raises:
            AssertionError: it was not each event once, in order.
        """
        journal = self.timeline.journal(after)
        if (missing := len(journal) - len(self.heard)) > 0:
            self.hear(missing)
        self.heard += self.run(f"reader.heard.slice({len(self.heard)})")
        assert [bare(heard["event"]) for heard in self.heard] == journal
        assert self.run("reader.source.cursor") == (journal[-1]["cursor"] if journal else after)
        assert self.resets == []

    def reach(self, state: str) -> None:
        """Wait until the client is in that state."""
        self.run(f"reader.until(() => reader.states.at(-1) === '{state}', 'not {state}')")

    @property
    def states(self) -> list[str]:
        """The states that it has been in."""
        told: list[str] = self.run("reader.states")
        return told

    @property
    def resets(self) -> list[Json]:
        """What it has been told to begin anew."""
        told: list[Json] = self.run("reader.resets")
        return told
