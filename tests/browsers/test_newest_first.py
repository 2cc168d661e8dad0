"""The newest update: it stands on the first screen, and does not count as seen until it was."""

import pytest

from tests.browsers.browser import Browser
from tests.browsers.desk import until
from tests.browsers.open_page import OpenPage
from tests.browsers.page_viewer import PageViewer
from tests.conftest import Newsroom

_PHONE = {"width": 360, "height": 740}
_TALL = "What is known of the night so far. " * 50
_TOP = "document.querySelector('.days .entry').getBoundingClientRect().top"
_CUT_OFF = """() => {
  const held = document.querySelector(".pinned .pinned-entry");
  return held.scrollHeight > held.clientHeight;
}"""


def test_the_newest_update_is_on_the_first_screen_of_a_phone(viewer: PageViewer) -> None:
    """Below a lead image, key events and a pinned round-up of ten points the timeline begins."""
    with viewer.open("/coverages/flood", viewport=_PHONE) as page:
        assert page.locator(".head img").is_visible()
        assert page.locator(".key-events li").first.is_visible()
        assert page.locator(".pinned .body > ul > li").count() == 10
        assert page.evaluate(_TOP) <= _PHONE["height"]


@pytest.mark.parametrize("width", [360, 1280])
def test_a_long_pinned_entry_is_shown_whole_on_demand(viewer: PageViewer, width: int) -> None:
    """The key that ticks a box shows all of it, and less of it again."""
    with viewer.open("/coverages/flood", viewport={"width": width, "height": 740}) as page:
        assert page.evaluate(_CUT_OFF)
        more = page.get_by_role("checkbox", name="Show more", exact=True)
        more.focus()
        page.keyboard.press("Space")
        until(page, f"!({_CUT_OFF})()")
        page.get_by_role("checkbox", name="Show less", exact=True).focus()
        page.keyboard.press("Space")
        until(page, f"({_CUT_OFF})()")


def test_a_link_in_a_pinned_entry_is_seen_when_it_has_the_focus(viewer: PageViewer) -> None:
    """A link in the part that is cut off brings the part into view."""
    with viewer.open("/coverages/flood", viewport=_PHONE) as page:
        page.locator(".pinned .body a").focus()
        until(page, f"!({_CUT_OFF})()")


def test_a_short_pinned_entry_has_nothing_more(browser: Browser, quiet_newsroom: Newsroom) -> None:
    """Nothing is offered where nothing is cut off, also once the entry has got shorter."""
    page = OpenPage(browser, quiet_newsroom)
    entry = page.timeline.publish("Round-up", body=_TALL)
    page.timeline.pin(entry["id"])
    page.open()
    shown = "document.querySelector('.pinned .more').checkVisibility({ visibilityProperty: true })"
    page.until(shown)
    page.timeline.amend(entry["id"], body="All is well.")
    page.shows("All is well.")
    page.until(f"!{shown}")


@pytest.mark.every_engine
@pytest.mark.full("a slow start", but=["chromium"])
def test_what_comes_in_below_the_window_waits_for_its_reader(
    browser: Browser, quiet_newsroom: Newsroom
) -> None:
    """Entries that come in out of view count as new until their place has come into view."""
    page = OpenPage(browser, quiet_newsroom, standfirst=_TALL)
    ids = page.fill(3)
    page.open()
    assert page.top(ids[-1]) > browser.run("innerHeight")
    ids += page.fill(2)
    page.until("document.title.startsWith('(2) ')")
    assert page.waiting == "2 new updates"
    assert page.ids == ids[:3][::-1]
    page.scroll_to(ids[2])
    page.until("!document.title.startsWith('(')")
    assert page.ids == ids[::-1]
    assert page.waiting is None


def test_the_state_of_the_stream_is_in_view_wherever_one_reads(
    browser: Browser, quiet_newsroom: Newsroom
) -> None:
    """The bar with the state stays on top of a timeline that is scrolled."""
    page = OpenPage(browser, quiet_newsroom)
    ids = page.fill(12)
    page.open()
    page.scroll_to(ids[2])
    place = "document.querySelector('.connection').getBoundingClientRect()"
    page.until(f"{place}.top >= 0 && {place}.bottom < innerHeight")
    assert browser.run("document.querySelector('.connection').textContent") == "Live"
