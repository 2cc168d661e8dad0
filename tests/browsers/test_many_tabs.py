"""What is open in a browser shares its lines, and nothing that is sent waits behind one.

`BROWSER_TABS=8,12` opens eight desks and twelve readers' pages, else as many as are more than the
connections of a browser.
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
_MOST = 4  # long lines of an origin, of the six that a browser opens over HTTP/1.1
_EMAIL = "chief@example.org"

# As in windows side by side: whatever is open is in sight, and keeps its line.
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
# Words that wait behind the button are counted in the title.
_EXPECT = """void ((count) => {
  const before = count();
  globalThis.came = audience.shows(
    () => document.querySelector(%s).textContent.includes(%s) || count() > before,
  ).then(() => Date.now());
})(() => Number(/^[(](\\d+)[)]/.exec(document.title)?.[1] ?? 0))"""


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Newsroom]:
    """A server with a chief, who can sign in."""
    with running_newsroom(tmp_path_factory.mktemp("many")) as newsroom:
        take_in(newsroom.server, _EMAIL, "Ani", "chief")
        yield newsroom


class Tabs:
    """Desks and readers' pages of coverages, all open in one browser.

    Args:
        browser: whose tabs they are.
        url: the server, as the browser finds it.
        timelines: a coverage for each desk; the readers' pages are of these, too.
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
        """Wait until every page says that it is live."""
        for tab in [*self.desks.values(), *(tab for _, tab in self.readers)]:
            state = "document.querySelector('.connection').dataset.state"
            self.run(tab, f"audience.shows(() => {state} === 'live')")

    def publish(self, slug: str, words: str) -> tuple[float, float]:
        """Publish at a desk; gives the seconds till it is there, and till every reader has it."""
        tabs = [tab for reads, tab in self.readers if reads == slug]
        for tab in [self.desks[slug], *tabs]:
            self.run(tab, _EXPECT % (json.dumps(".days"), json.dumps(words)))
        begun = self.run(self.desks[slug], f"{_PUBLISH}({json.dumps(words)}) ?? Date.now()")
        at_desk, *at_readers = (
            (float(str(self.run(tab, "came"))) - float(str(begun))) / 1000
            for tab in [self.desks[slug], *tabs]
        )
        return at_desk, max(at_readers)

    def hint(self, timeline: Timeline, words: str) -> float:
        """Write a draft elsewhere; gives the seconds till the desk shows it."""
        desk = self.desks[timeline.slug]
        self.run(desk, _EXPECT % (json.dumps("#drafts"), json.dumps(words)))
        begun = time.time()
        draft = {"headline": words, "draft": True}
        path = f"/v1/coverages/{timeline.slug}/entries"
        timeline.newsroom.editor.post(path, json=draft).raise_for_status()
        return float(str(self.run(desk, "came"))) / 1000 - begun

    def close(self) -> None:
        """Close them all."""
        for tab in [*self.desks.values(), *(tab for _, tab in self.readers)]:
            self._browser.switch(tab)
            self._browser.close_tab()
        self._browser.switch(self._first)


@pytest.mark.timeout(600)
@pytest.mark.parametrize("has_locks", [True, False])
def test_many_tabs_publish_and_hear_on_few_lines(
    browser: Browser, desk: Newsroom, has_locks: bool
) -> None:
    """Desks of several coverages and readers' pages of theirs, over HTTP/1.1.

    Browsers give Web Locks to secure pages only; one by the machine's own name over plain HTTP is
    none.
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
    published, received, hinted = [], [], []
    for timeline in timelines:
        at_desk, at_readers = tabs.publish(timeline.slug, f"Words of {timeline.slug}")
        published.append(at_desk)
        received.append(at_readers)
        hinted.append(tabs.hint(timeline, f"A draft of {timeline.slug}"))
    open_streams = proxy.open_streams
    print(  # noqa: T201  figures
        f"\n{type(browser).__name__} {'with' if has_locks else 'without'} Web Locks, {_DESKS} desks"
        f" and {_READERS} readers' pages: published in {max(published):.2f} s at most, heard by"
        f" readers in {max(received):.2f} s, drafts by desks in {max(hinted):.2f} s; long lines held:"
        f" {open_streams}, at most {proxy.max_open_streams}"
    )
    assert 0 < open_streams <= _MOST
    assert proxy.max_open_streams <= _MOST
