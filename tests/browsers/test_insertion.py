"""New entries on an open page: the layout does not jump, and the reader is not disturbed."""

import pytest

from tests.browsers.browser import Browser
from tests.browsers.chromium import Chromium
from tests.browsers.firefox import Firefox
from tests.browsers.open_page import OpenPage
from tests.conftest import Newsroom

_NEW = 20
_SHIFTS = """void new PerformanceObserver((list) => {
  for (const { value, hadRecentInput } of list.getEntries()) {
    if (!hadRecentInput) globalThis.shifted = (globalThis.shifted ?? 0) + value;
  }
}).observe({ type: "layout-shift", buffered: true })"""
_SECOND_TIMELINE = """(async () => {
  const loaded = performance.getEntriesByType("resource").map(({ name }) => name);
  const page = loaded.find((name) => name.endsWith("/page.js"));
  const { Timeline } = await import(page.replace("page.js", "timeline.js"));
  const main = document.querySelector("main");
  const address = `/v1${main.dataset.page}/events?format=html&after=${main.dataset.cursor}`;
  const { events } = await (await fetch(address)).json();
  const timeline = new Timeline(main, { isOpen: true });
  for (const event of events) timeline.take(event);
  while (timeline.count < events.length) await new Promise((resolve) => setTimeout(resolve));
  timeline.show();
})()"""


# Each engine has a scroll anchoring of its own.
@pytest.mark.every_engine
@pytest.mark.full("a slow start", but=["chromium", "webkit"])
def test_twenty_entries_above_a_reader_move_nothing(
    browser: Browser, quiet_newsroom: Newsroom
) -> None:
    """Entries inserted above the entry being read move it by less than one pixel."""
    page = OpenPage(browser, quiet_newsroom)
    entry_id = page.fill(12)[4]
    page.open()
    page.scroll_to(entry_id)
    before = page.top(entry_id)
    page.fill(_NEW)
    page.until(f"document.title.startsWith('({_NEW})')")
    waiting = page.top(entry_id) - before
    # The page would keep them behind the button; a second timeline inserts them all the same.
    browser.run(_SECOND_TIMELINE)
    page.frames()
    moved = page.top(entry_id) - before
    print(f"\n{type(browser).__name__}: moved by {waiting} px waiting, {moved:.2f} px inserted")  # noqa: T201  a figure
    assert len(page.ids) == 12 + _NEW
    assert (waiting, abs(moved) < 1) == (0, True)


@pytest.mark.full("what is held in its place is held in the same way")
def test_corrections_above_a_reader_move_nothing(
    browser: Browser, quiet_newsroom: Newsroom
) -> None:
    """Corrections that make the entries above taller move the entry being read by under a pixel."""
    page = OpenPage(browser, quiet_newsroom)
    ids = page.fill(15)
    page.open()
    page.scroll_to(ids[2], -30)
    before = page.top(ids[2])
    for entry_id in ids[5:]:
        page.timeline.correct(entry_id, "It was otherwise. " * 20)
    page.until("document.querySelectorAll('.days .correction').length === 10")
    page.frames()
    moved = page.top(ids[2]) - before
    print(f"\n{type(browser).__name__}: moved by {moved:.2f} px under 10 corrections above")  # noqa: T201  a figure
    assert abs(moved) < 1


def test_who_looks_at_the_top_sees_new_entries_come_in(
    browser: Browser, quiet_newsroom: Newsroom
) -> None:
    """At the top of the page new entries are inserted at once, without a count in the title."""
    page = OpenPage(browser, quiet_newsroom)
    page.open()
    ids = page.fill(2)
    page.until("document.querySelectorAll('.days .entry').length === 2")
    assert page.ids == ids[::-1]
    assert (page.waiting, page.title) == (None, "A test")
    assert browser.run("document.querySelector('.empty')") is None
    positions = "[...document.querySelectorAll('[role=feed] .entry')]"
    positions += ".map((e) => [e.ariaPosInSet, e.ariaSetSize].join('/'))"
    assert browser.run(positions) == ["1/-1", "2/-1"]
    page.until("!document.querySelector('[aria-busy]')")


@pytest.mark.full("further ways to read", but=["scrolled"])
@pytest.mark.parametrize(
    "action",
    [
        "scrollTo({ top: document.body.scrollHeight, behavior: 'instant' })",
        "document.querySelector('.days .permalink').focus()",
        "getSelection().selectAllChildren(document.querySelector('.days .body'))",
        "Object.defineProperty(document, 'visibilityState', { value: 'hidden' })",
    ],
    ids=["scrolled", "focused", "selecting", "hidden"],
)
def test_new_entries_wait_for_who_reads(
    browser: Browser, quiet_newsroom: Newsroom, action: str
) -> None:
    """While the reader is scrolled, focused, selecting or away, new entries wait behind a button.

    The button and the title show their number; a click inserts them and focuses the newest.
    """
    page = OpenPage(browser, quiet_newsroom)
    ids = page.fill(8)
    page.open()
    browser.run(f"void {action}")
    if "focus" in action:
        if isinstance(browser, Firefox):
            pytest.skip("without a screen Firefox gives no page the focus")
        browser.press("Tab")  # a focus that no key has moved does not match :focus-visible
    page.frames()
    ids += page.fill(2)
    page.until("document.title.startsWith('(2) ')")
    assert page.waiting == "2 new updates"
    assert page.ids == ids[:8][::-1]
    browser.run("document.querySelector('.waiting button').click()")
    page.until("!document.title.startsWith('(')")
    assert page.ids == ids[::-1]
    assert browser.run("document.activeElement.dataset.entry") == ids[-1]
    assert page.waiting is None
    assert 0 <= page.top(ids[-1]) < 200


@pytest.mark.full("it scrolls for a while")
def test_live_insertion_shifts_no_layout(browser: Browser, quiet_newsroom: Newsroom) -> None:
    """Insertions, corrections, retractions and pins have a cumulative layout shift of 0.00."""
    if not isinstance(browser, Chromium):
        pytest.skip("only Chromium measures layout shifts")
    page = OpenPage(browser, quiet_newsroom)
    ids = page.fill(3)
    page.open()
    browser.run(_SHIFTS)
    for number in range(6):
        entry = page.timeline.publish(f"Number {number}", body="Words", key_event=number % 2 == 0)
        page.shows(f"Number {number}")
        page.frames()
        ids.append(entry["id"])
    page.timeline.correct(ids[-2], "It was otherwise.")
    page.timeline.retract(ids[-3], "It was not so.")
    page.shows("It was not so.")
    page.timeline.pin(ids[-1])
    page.until("!document.querySelector('.pinned').hidden")
    # An unpinned entry leaves the top, and content from below the window moves up.
    tall = page.timeline.publish("Tall", body="A line.\n\n" * 40)["id"]
    pinned_headline = "document.querySelector('.pinned .headline')?.textContent"
    for change, headline in ((page.timeline.pin, "'Tall'"), (page.timeline.unpin, "undefined")):
        change(tall)
        page.until(f"{pinned_headline} === {headline}")
        browser.run("new Promise((resolve) => setTimeout(resolve, 1000)).then(() => null)")
    shift = browser.run("globalThis.shifted ?? 0")
    print(f"\ncumulative layout shift {shift:.4f}")  # noqa: T201  a figure
    assert round(shift, 2) == 0


def test_who_wants_no_motion_gets_none(browser: Browser, quiet_newsroom: Newsroom) -> None:
    """With `prefers-reduced-motion` a new entry appears without a running animation."""
    if not isinstance(browser, Chromium):
        pytest.skip("only Playwright asks for reduced motion")
    page = OpenPage(browser, quiet_newsroom)
    page.fill(2)
    browser.page.emulate_media(reduced_motion="reduce")
    try:
        page.open()
        page.timeline.publish("At once")
        page.shows("At once")
        moving = "document.getAnimations().filter((a) => a.playState === 'running').length"
        assert browser.run(moving) == 0
    finally:
        browser.page.emulate_media(reduced_motion="no-preference")
