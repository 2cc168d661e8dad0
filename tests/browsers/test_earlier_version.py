"""Pages, embeds and clients of an earlier version that are open while the server is upgraded."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.browsers.another_site import another_site
from tests.browsers.browser import Browser
from tests.browsers.earlier_version import documents, fill, scripts
from tests.browsers.follower import Follower
from tests.browsers.open_page import OpenPage
from tests.browsers.proxy import Proxy
from tests.conftest import Newsroom
from tests.contract.newsrooms import new_slug, new_timeline
from tests.contract.timeline import Timeline

_WATCH = """void ((troubles) => {
  globalThis.troubles = troubles;
  addEventListener("error", ({ message }) => troubles.push(message));
  addEventListener("unhandledrejection", ({ reason }) => troubles.push(`${reason}`));
  addEventListener("securitypolicyviolation", ({ blockedURI }) => troubles.push(blockedURI));
  console.error = (...words) => troubles.push(words.join(" "));
})([])"""
_UNTIL = """new Promise((found, fail) => {{
  const end = Date.now() + 60_000;
  const look = () => {{
    if ({0}) found(1);
    else if (Date.now() > end) fail(new Error("never so"));
    else setTimeout(look, 20);
  }};
  look();
}})"""
_AT_ONCE = "void (Math.random = () => 0)"  # no pause before what readers do spread out in time
_INSIDE = "document.querySelector('dateline-coverage')?.shadowRoot"
_WORDS = """[...document.querySelectorAll('.days .entry, .pinned-entry .entry')].map((entry) => {
  const copy = entry.cloneNode(true);
  for (const ago of copy.querySelectorAll('.ago')) ago.remove();
  return copy.textContent.replace(/\\s+/g, ' ').trim();
})"""


@pytest.fixture
def original(quiet_newsroom: Newsroom) -> Timeline:
    """A coverage of which those of the tests are editions."""
    return new_timeline(quiet_newsroom, new_slug(), language="ru")


@pytest.fixture
def page(
    browser: Browser, quiet_newsroom: Newsroom, proxy: Proxy, original: Timeline
) -> Iterator[OpenPage]:
    """A coverage behind a proxy, which answers with the documents and scripts of before."""
    page = OpenPage(browser, quiet_newsroom, proxy.url, edition_of=original.slug)
    ids = fill(page.timeline)
    stored = documents(page.timeline, ids, proxy.url, page.timeline.head)
    proxy.answers = scripts() | stored
    yield page
    browser.open(f"{quiet_newsroom.server.url}/")


def _until(browser: Browser, condition: str) -> None:
    """Wait until a condition holds, which may look into a shadow root."""
    browser.run(_UNTIL.format(condition))


def _wait_for_stream(browser: Browser, proxy: Proxy) -> None:
    """Wait until a stream is requested, after the scripts for it were loaded."""
    while not proxy.streams:
        browser.run("new Promise((resolve) => setTimeout(resolve, 20))")


def _hold_stream(page: OpenPage, proxy: Proxy) -> None:
    """Let streams of the coverage wait until the proxy's `holds` is None."""
    proxy.holds = f"GET {page.timeline.path}/events".encode()


def _take_other_journal(page: OpenPage, proxy: Proxy) -> None:
    """Give the documents a cursor of another epoch, as if a backup had been restored."""
    ids = dict(zip(("third", "second", "first"), page.timeline.shown(), strict=True))
    proxy.answers |= documents(page.timeline, ids, proxy.url, "0000-1")
    _hold_stream(page, proxy)


def _changes(timeline: Timeline, original: Timeline) -> Iterator[tuple[str, str | None]]:
    """Make each kind of change; yields what it shows, and words that it retracts."""
    third, second, first = timeline.shown()
    claim = {"source": "Ministry", "text": "The bridge stands"}
    figure = {"metric": "killed", "group": "soldiers", "value": "107", "source": "Ministry"}
    entry = timeline.publish("Fourth", claims=[claim], figures=[figure])
    yield "The bridge stands", None
    verdict = {"status": "disputed", "note": "The other side denies it."}
    timeline.act(entry["id"], "assessment", {"claim": entry["claims"][0]["id"], **verdict})
    yield "The other side denies it.", None
    timeline.act(entry["id"], "assessment", {"figure": 0, "status": "false", "note": "It was 104."})
    yield "It was 104.", None
    timeline.correct(first, "It was otherwise.", body="Body as corrected")
    yield "It was otherwise.", None
    timeline.amend(third, headline="Third, amended", claims=[claim])
    yield "Third, amended", None
    timeline.retract(second, "It was not so.")
    yield "It was not so.", "Body of Second"
    timeline.pin(entry["id"])
    of = {"coverage": original.slug, "entry_id": original.publish("Said before")["id"]}
    timeline.publish("Translated", body="Body of the translation", translation_of=of)
    yield "Body of the translation", None
    original.correct(of["entry_id"], "The original was wrong.")
    yield "The original was wrong.", None
    original.retract(of["entry_id"], "The original must not stand.")
    yield "The original must not stand.", "Body of the translation"
    timeline.publish("Fifth")
    yield "Fifth", None


def test_an_open_page_follows_every_change(
    page: OpenPage, proxy: Proxy, original: Timeline
) -> None:
    """An open page of before shows the same entries as a fresh one, in order and each once.

    An assessment replaces what is shown of the entry, and a retraction removes the words. There is
    no error, no reload and no second stream.
    """
    page.open()
    page.browser.run(_WATCH)
    proxy.answers = {}
    for shown, gone in _changes(page.timeline, original):
        page.shows(shown)
        assert gone is None or gone not in page.markup
    page.timeline.change(title="A title of today", status="paused")
    page.until("document.querySelector('.head').dataset.status === 'paused'")
    assert page.title == "A title of today"
    assert page.ids == page.timeline.shown()
    key_events = "document.querySelectorAll('.key-events li').length"
    assert page.browser.run(key_events) == 0
    assert page.browser.run("troubles") == []
    assert proxy.streams == 1
    earlier = page.browser.run(_WORDS)
    page.browser.open(f"{page.home}{page.path}")
    assert earlier == page.browser.run(_WORDS)


def test_an_open_page_comes_back_after_the_upgrade(page: OpenPage, proxy: Proxy) -> None:
    """It resumes with what changed while it had no connection, and is not loaded anew."""
    page.open()
    page.browser.run(_WATCH)
    page.browser.run(_AT_ONCE)
    proxy.answers = {}
    proxy.is_offline = True
    proxy.disconnect()
    claims = [{"source": "Ministry"}]
    missed = page.timeline.publish("Missed", claims=claims)
    verdict = {"claim": missed["claims"][0]["id"], "status": "false", "note": "It fell."}
    page.timeline.act(missed["id"], "assessment", verdict)
    proxy.is_offline = False
    page.shows("It fell.")
    page.timeline.publish("Live again")
    page.shows("Live again")
    page.until("{state} === 'live'")
    assert page.ids == page.timeline.shown()
    assert page.browser.run("troubles") == []


def test_an_open_page_whose_journal_is_another_is_loaded_anew_once(
    page: OpenPage, proxy: Proxy
) -> None:
    """After a reset the page of today takes its place, and follows the coverage from then on."""
    _take_other_journal(page, proxy)
    page.browser.open(f"{page.home}{page.path}")
    page.browser.run(_AT_ONCE)
    proxy.answers = {}
    proxy.holds = None
    page.arrive('<section class="figures')
    page.browser.run("void (globalThis.isKept = true)")
    page.timeline.publish("Live again")
    _until(page.browser, "document.body.innerText.includes('Live again')")
    assert page.browser.run("isKept")


def test_pages_of_both_versions_are_followed_side_by_side(
    page: OpenPage, proxy: Proxy, quiet_newsroom: Newsroom
) -> None:
    """A tab from before and later tabs, of its coverage and of another, all receive everything."""
    browser, first = page.browser, page.browser.tab
    page.open()
    proxy.answers = {}
    other = OpenPage(browser, quiet_newsroom, proxy.url)
    tabs = [first]
    try:
        for opened in (other, page):
            tabs.append(browser.new_tab())
            opened.open()
        for number in range(2):
            for timeline in (page.timeline, other.timeline):
                timeline.publish(f"Number {number}")
            for tab in tabs:
                browser.switch(tab)
                # In a tab that the browser counts as hidden, new entries wait behind the button.
                show = "document.querySelector('.waiting button:not([hidden])')?.click()"
                days = "document.querySelector('.days').textContent"
                _until(browser, f"({show}, {days}.includes('Number {number}'))")
    finally:
        for tab in tabs[1:]:
            browser.switch(tab)
            browser.close_tab()
        browser.switch(first)


def _return_later(page: OpenPage, proxy: Proxy) -> None:
    """Open the page as who has left it before; its stream waits."""
    left, entry_ids = page.timeline.head, page.timeline.shown()
    page.browser.open(f"{page.home}/")
    times = json.dumps({"cursor": left, "at": 0})
    page.browser.run(f"void (localStorage['dateline {page.timeline.slug}'] = {times!r})")
    page.timeline.correct(entry_ids[0], "It was otherwise.")
    page.timeline.retract(entry_ids[1], "It was not so.")
    claimed = page.timeline.publish("Claimed", claims=[{"source": "Ministry"}])
    verdict = {"claim": claimed["claims"][0]["id"], "status": "false", "note": "It fell."}
    page.timeline.act(claimed["id"], "assessment", verdict)
    _hold_stream(page, proxy)
    page.browser.open(f"{page.home}{page.path}")
    page.browser.run(_WATCH)


def test_its_summary_for_who_comes_back_is_as_it_was(page: OpenPage, proxy: Proxy) -> None:
    """With the modules that the browser has cached, the earlier "since you left" works."""
    _return_later(page, proxy)
    proxy.answers = scripts()
    proxy.holds = None
    box = "document.querySelector('.since')"
    _until(page.browser, f"!{box}.hidden")
    words = page.browser.run(f"{box}.innerText")
    for told in ("1 new update", "1 correction", "It was otherwise.", "1 retraction", "Claimed"):
        assert told in words
    assert page.browser.run("troubles") == []


def test_what_it_would_load_later_and_is_gone_is_done_without(page: OpenPage, proxy: Proxy) -> None:
    """Without the modules for the summary and the keys these do nothing, and the page goes on.

    Each failed import is reported to the console once.
    """
    _return_later(page, proxy)
    proxy.answers = {}
    proxy.holds = None
    _until(page.browser, "troubles.length === 1")
    page.browser.press("Escape")
    _until(page.browser, "troubles.length === 2")
    assert page.browser.run("document.querySelector('.since').hidden")
    page.timeline.publish("And on")
    _until(page.browser, "document.querySelector('.days').innerText.includes('And on')")
    assert len(page.browser.run("troubles")) == 2


def _embed(page: OpenPage, folder: Path) -> Callable[[str], None]:
    """Write another site's page with the embed; returns a function that waits for a text in it."""
    script = (
        f'<script async src="{page.home}/embed.js" data-coverage="{page.timeline.slug}"></script>'
    )
    (folder / "story.html").write_text(f'<!DOCTYPE html><html lang="en"><h1>A story</h1>{script}')

    def shows(text: str) -> None:
        days = f"{_INSIDE}?.querySelector('.days')"
        _until(page.browser, f"{days}?.textContent.includes({text!r})")

    return shows


def test_an_open_embed_follows_every_change(
    page: OpenPage, proxy: Proxy, original: Timeline, tmp_path: Path
) -> None:
    """In another site's page it shows each change, also after a lost connection."""
    browser = page.browser
    shows = _embed(page, tmp_path)
    with another_site(tmp_path) as site:
        browser.open(f"{site}/story.html")
        browser.run(_WATCH)
        browser.run(_AT_ONCE)
        shows("Body of Third")
        _wait_for_stream(browser, proxy)
        proxy.answers = {}
        for shown, gone in _changes(page.timeline, original):
            shows(shown)
            assert gone is None or gone not in browser.run(f"{_INSIDE}.innerHTML")
        proxy.is_offline = True
        proxy.disconnect()
        page.timeline.publish("Missed")
        proxy.is_offline = False
        shows("Missed")
        ids = browser.run(
            f"[...{_INSIDE}.querySelectorAll('.days .entry')].map((e) => e.dataset.entry)"
        )
        assert ids == page.timeline.shown()
        assert browser.run("troubles") == []
        browser.open(f"{page.home}/")


def test_an_open_embed_whose_journal_is_another_begins_anew(
    page: OpenPage, proxy: Proxy, tmp_path: Path
) -> None:
    """After a reset it takes the fragment and the scripts of today, and follows the coverage."""
    _take_other_journal(page, proxy)
    shows = _embed(page, tmp_path)
    with another_site(tmp_path) as site:
        page.browser.open(f"{site}/story.html")
        shows("Body of Third")
        _wait_for_stream(page.browser, proxy)
        proxy.answers = {}
        proxy.holds = None
        cursor = f"{_INSIDE}.querySelector('.embed')?.dataset.cursor"
        _until(page.browser, f"{cursor} === '{page.timeline.head}'")
        page.timeline.publish("And on", claims=[{"source": "Ministry"}])
        shows("And on")
        page.browser.open(f"{page.home}/")


@pytest.mark.full("the other form", but=["json"])
@pytest.mark.parametrize("form", ["json", "html"])
def test_the_client_delivers_every_event_in_order_and_once(
    page: OpenPage, proxy: Proxy, original: Timeline, form: str
) -> None:
    """Those of later types too, also after a lost connection; a reset leads to what follows it."""
    timeline = page.timeline
    start = timeline.head
    follower = Follower(page.browser, timeline, proxy.url, after=start, format=form)
    follower.run(_WATCH)
    follower.run(_AT_ONCE)
    follower.reach("live")
    for _ in _changes(timeline, original):
        pass
    proxy.is_offline = True
    proxy.disconnect()
    timeline.publish("Missed")
    proxy.is_offline = False
    journal = timeline.journal(start)
    received = follower.receive(len(journal))
    assert [each["id"] for each in received] == [event["cursor"] for event in journal]
    types = [each["event"]["type"] for each in received]
    assert types == [event["type"] for event in journal]
    assert {"entry.assessed", "entry.outdated", "entry.retracted", "entry.unpinned"} <= set(types)
    assert received[-1]["event"]["entry"] == journal[-1]["entry"]
    assert follower.run("troubles") == []
    late = Follower(page.browser, timeline, proxy.url, after="0000-1", format=form)
    late.reach("live")
    late.run("reader.until(() => reader.resets.length, 'no reset')")
    assert late.resets == [{"reason": "unknown-cursor", "cursor": timeline.head}]
    entry = timeline.publish("After it")
    assert [each["id"] for each in late.receive(1)] == [entry["cursor"]]
