"""Many tabs of one browser share few streams, so that no write waits for a free connection.

`BROWSER_TABS=8,12` opens eight desks and twelve readers' pages; by default there are more tabs
than a browser opens connections.
"""

import json
import os
import socket
import time
from collections.abc import Iterator

import pytest

from tests.browsers.browser import Browser
from tests.browsers.listener import AUDIENCE
from tests.browsers.proxy import Proxy, proxy_to
from tests.conftest import Newsroom
from tests.contract.newsrooms import new_slug, new_timeline, running_newsroom
from tests.contract.timeline import Timeline
from tests.signed_in import PASSWORD, take_in

pytestmark = pytest.mark.full("twenty tabs")

_DESKS, _READERS = map(int, os.environ.get("BROWSER_TABS", "3,5").split(","))
_MAX_STREAMS = 4  # per origin, of the six connections that a browser opens over HTTP/1.1
_EMAIL = "chief@example.org"

# Every page counts as visible, as in windows side by side, and so keeps its stream.
_IN_SIGHT = """void (
  Object.defineProperty(document, "visibilityState", { value: "visible", configurable: true }),
  Object.defineProperty(document, "hidden", { value: false, configurable: true }),
  document.dispatchEvent(new Event("visibilitychange")))"""
_SIGN_IN = """fetch("/desk/sign-in", { method: "POST", body: new URLSearchParams(%s) })
  .then(({ url }) => url)"""
_PUBLISH = """((words) => {
  const form = document.querySelector("form.composer");
  form.elements.body.value = words;
  form.elements.body.dispatchEvent(new InputEvent("input", { bubbles: true }));
  form.querySelector("[data-action=publish]").click();
})"""
# The title counts the entries that wait behind the button.
_EXPECT = """void ((count) => {
  const before = count();
  globalThis.came = audience.shows(
    () => document.querySelector(%s).textContent.includes(%s) || count() > before,
  ).then(() => Date.now());
})(() => Number(/^[(](\\d+)[)]/.exec(document.title)?.[1] ?? 0))"""


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Newsroom]:
    """A server with a chief who can sign in."""
    with running_newsroom(tmp_path_factory.mktemp("many")) as newsroom:
        take_in(newsroom.server, _EMAIL, "Ani", "chief")
        yield newsroom


class Tabs:
    """Desks and readers' pages of coverages, all open in one browser.

    Args:
        browser: The browser.
        url: The server's URL for the browser.
        timelines: One coverage for each desk; the readers' pages are distributed over them.
    """

    def __init__(self, browser: Browser, url: str, timelines: list[Timeline]) -> None:
        self._browser = browser
        self._first = browser.tab
        self._url = url
        self._sign_in()
        self.desks = {t.slug: self._open(f"/desk/coverages/{t.slug}") for t in timelines}
        slugs = [timelines[number % len(timelines)].slug for number in range(_READERS)]
        self.readers = [(slug, self._open(f"/coverages/{slug}")) for slug in slugs]

    def _sign_in(self) -> None:
        self._browser.open(f"{self._url}/desk/sign-in")
        form = json.dumps({"email": _EMAIL, "password": PASSWORD})
        assert str(self._browser.run(_SIGN_IN % form)).endswith("/desk")

    def _open(self, path: str) -> str:
        tab = self._browser.new_tab()
        self._browser.open(f"{self._url}{path}")
        self._browser.run(_IN_SIGHT)
        self._browser.run(f"void {AUDIENCE}")
        return tab

    def run(self, tab: str, expression: str) -> object:
        """Evaluate JavaScript in a tab."""
        self._browser.switch(tab)
        return self._browser.run(expression)

    def until_live(self) -> None:
        """Wait until every page shows that it is live."""
        for tab in [*self.desks.values(), *(tab for _, tab in self.readers)]:
            state = "document.querySelector('.connection').dataset.state"
            self.run(tab, f"audience.shows(() => {state} === 'live')")

    def publish(self, slug: str, text: str) -> tuple[float, float]:
        """Publish at a desk; returns the seconds until the desk and until every reader shows it."""
        tabs = [tab for reader_slug, tab in self.readers if reader_slug == slug]
        for tab in [self.desks[slug], *tabs]:
            self.run(tab, _EXPECT % (json.dumps(".days"), json.dumps(text)))
        started = self.run(self.desks[slug], f"{_PUBLISH}({json.dumps(text)}) ?? Date.now()")
        at_desk, *at_readers = (
            (float(str(self.run(tab, "came"))) - float(str(started))) / 1000
            for tab in [self.desks[slug], *tabs]
        )
        return at_desk, max(at_readers)

    def write_draft(self, timeline: Timeline, text: str) -> float:
        """Write a draft by the API; returns the seconds until the desk shows it."""
        desk = self.desks[timeline.slug]
        self.run(desk, _EXPECT % (json.dumps("#drafts"), json.dumps(text)))
        started = time.time()
        draft = {"headline": text, "draft": True}
        path = f"/v1/coverages/{timeline.slug}/entries"
        timeline.newsroom.editor.post(path, json=draft).raise_for_status()
        return float(str(self.run(desk, "came"))) / 1000 - started

    def close(self) -> None:
        """Close all tabs."""
        for tab in [*self.desks.values(), *(tab for _, tab in self.readers)]:
            self._browser.switch(tab)
            self._browser.close_tab()
        self._browser.switch(self._first)


@pytest.mark.timeout(600)
@pytest.mark.parametrize("has_locks", [True, False])
def test_many_tabs_publish_and_hear_on_few_lines(
    browser: Browser, desk: Newsroom, has_locks: bool
) -> None:
    """Desks and readers' pages of several coverages hold at most four streams, over HTTP/1.1.

    Web Locks exist only in secure contexts; plain HTTP by the machine's own name is none.
    """
    timelines = [new_timeline(desk, new_slug()) for _ in range(_DESKS)]
    name = "127.0.0.1" if has_locks else socket.gethostname()
    with proxy_to(desk.server.port, name) as proxy:
        tabs = Tabs(browser, proxy.url, timelines)
        try:
            assert tabs.run(tabs.readers[0][1], "Boolean(navigator.locks)") == has_locks
            tabs.until_live()
            _measure(browser, tabs, timelines, proxy, has_locks=has_locks)
        finally:
            tabs.close()


def _measure(
    browser: Browser, tabs: Tabs, timelines: list[Timeline], proxy: Proxy, *, has_locks: bool
) -> None:
    seconds_at_desks, seconds_at_readers, seconds_of_drafts = [], [], []
    for timeline in timelines:
        at_desk, at_readers = tabs.publish(timeline.slug, f"Words of {timeline.slug}")
        seconds_at_desks.append(at_desk)
        seconds_at_readers.append(at_readers)
        seconds_of_drafts.append(tabs.write_draft(timeline, f"A draft of {timeline.slug}"))
    open_streams = proxy.open_streams
    print(  # noqa: T201  figures
        f"\n{type(browser).__name__} {'with' if has_locks else 'without'} Web Locks, {_DESKS} desks"
        f" and {_READERS} readers' pages: published in {max(seconds_at_desks):.2f} s at"
        f" most, heard by readers in {max(seconds_at_readers):.2f} s, drafts by desks in"
        f" {max(seconds_of_drafts):.2f} s; streams held:"
        f" {open_streams}, at most {proxy.max_open_streams}"
    )
    assert 0 < open_streams <= _MAX_STREAMS
    assert proxy.max_open_streams <= _MAX_STREAMS
