"""What a reader sees and hears while reading: the state of the page, galleries, tables, paper."""

import pytest

from tests.browsers.browser import Browser
from tests.browsers.desk import until
from tests.browsers.open_page import OpenPage
from tests.browsers.page_viewer import PageViewer
from tests.browsers.proxy import Proxy
from tests.conftest import Newsroom
from tests.contract.newsrooms import new_slug, new_timeline
from tests.media.pictures import encoded, picture

_PHONE = {"width": 360, "height": 740}
_LISTEN = """void (() => {
  globalThis.said = [];
  const status = document.querySelector("[role=status]");
  new MutationObserver(() => said.push(status.textContent))
    .observe(status, { childList: true, characterData: true, subtree: true });
})()"""


def test_each_state_is_announced_once(browser: Browser, quiet_newsroom: Newsroom) -> None:
    """A closed coverage is announced, and that it is live again, also to who has scrolled."""
    page = OpenPage(browser, quiet_newsroom)
    ids = page.fill(12)
    page.open()
    page.scroll_to(ids[2])
    browser.run(_LISTEN)
    page.timeline.change(status="closed")
    page.until("said.includes('Coverage closed')")
    assert browser.run("document.querySelector('.connection').checkVisibility()")
    page.timeline.change(status="live")
    page.until("said.includes('Live again')")
    assert browser.run("said") == ["Coverage closed", "Live again"]


def test_a_lost_connection_is_announced(
    browser: Browser, quiet_newsroom: Newsroom, proxy: Proxy
) -> None:
    """On an entry's page, the bar that says so stays in view until the connection is back."""
    page = OpenPage(browser, quiet_newsroom, proxy.url)
    ids = page.fill(12)
    page.open(f"/entries/{ids[6]}")
    browser.run(_LISTEN)
    page.scroll_to(ids[3])
    proxy.is_offline = True
    proxy.disconnect()
    page.until("{state} === 'reconnecting' && said.includes('Reconnecting…')")
    place = "document.querySelector('.connection').getBoundingClientRect()"
    page.until(f"{place}.top >= 0 && {place}.bottom < innerHeight")
    proxy.is_offline = False
    page.until("said.includes('Live again')")


def test_only_a_change_of_content_is_an_update(browser: Browser, quiet_newsroom: Newsroom) -> None:
    """An entry that becomes a key event is not marked as updated; one with other words is."""
    page = OpenPage(browser, quiet_newsroom)
    (entry,) = page.fill(1)
    page.open()
    page.timeline.amend(entry, key_event=True)
    page.until("document.querySelector('.days .mark-key')")
    assert not browser.run("!!document.querySelector('.days .updated')")
    page.timeline.amend(entry, headline="In other words")
    page.until("document.querySelector('.days .updated')")


def _gallery(newsroom: Newsroom, *shapes: tuple[int, int]) -> str:
    """Publish an entry with pictures of these shapes in a new coverage; returns its path."""
    timeline = new_timeline(newsroom, new_slug())
    ids = []
    for width, height in shapes:
        file = ("valley.jpg", encoded(picture(width, height)), "image/jpeg")
        answer = newsroom.editor.post("/v1/media", files={"file": file}, data={"alt": "The valley"})
        ids.append(answer.raise_for_status().json()["id"])
    timeline.publish("In pictures", media=ids)
    return f"/coverages/{timeline.slug}"


@pytest.mark.parametrize("width", [360, 1280])
def test_a_wide_picture_lets_the_next_one_peep_in(
    viewer: PageViewer, specimen_newsroom: Newsroom, width: int
) -> None:
    """A panorama that comes first is shown whole, with the edge of the next picture."""
    path = _gallery(specimen_newsroom, (3000, 800), (600, 400), (400, 500))
    with viewer.open(path, viewport={"width": width, "height": 800}) as page:
        right = "(each) => each.getBoundingClientRect().right"
        edge = page.locator(".gallery").evaluate(right)
        pictures = page.locator(".gallery img")
        left = pictures.nth(1).evaluate("(each) => each.getBoundingClientRect().left")
        assert pictures.first.evaluate(right) < left < edge - 20


def test_two_pictures_share_a_wide_column(viewer: PageViewer, specimen_newsroom: Newsroom) -> None:
    """Two pictures stand beside each other, equally wide, and nothing of them is cut off."""
    path = _gallery(specimen_newsroom, (800, 450), (400, 500))
    with viewer.open(path, viewport={"width": 1280, "height": 800}) as page:
        widths = page.locator(".gallery img").evaluate_all("(all) => all.map((e) => e.width)")
        assert widths[0] == widths[1]
        assert page.locator(".gallery").evaluate("(e) => e.scrollWidth <= e.clientWidth")


def test_pictures_are_turned_by_buttons_and_counted(viewer: PageViewer) -> None:
    """The viewer's buttons show the next picture and the previous one, and stop at the ends."""
    with viewer.open("/coverages/flood", viewport=_PHONE) as page:
        page.locator("#entry-many a.picture").nth(3).click()
        count = page.locator("dialog .count")
        count.get_by_text("4 of 5").wait_for()
        page.get_by_role("button", name="Next picture").click()
        count.get_by_text("5 of 5").wait_for()
        at = "document.querySelector('.strip')"
        until(page, f"{at}.scrollLeft + {at}.clientWidth >= {at}.scrollWidth - 1")
        following = page.get_by_role("button", name="Next picture")
        assert following.get_attribute("aria-disabled") == "true"
        page.get_by_role("button", name="Previous picture").click()
        count.get_by_text("4 of 5").wait_for()
        page.get_by_role("button", name="Close").click()
        page.locator("dialog").wait_for(state="detached")


def test_a_table_wraps_before_it_scrolls_and_keeps_its_sides(
    viewer: PageViewer, specimen_newsroom: Newsroom
) -> None:
    """Cells with several words wrap into a phone's width; numbers stay on the right."""
    words = "a place with a long name of many short words " * 2
    timeline = new_timeline(specimen_newsroom, new_slug())
    timeline.publish("Boats", body=f"| Place | Boats |\n| --- | --: |\n| {words} | 1,204 |")
    with viewer.open(f"/coverages/{timeline.slug}", viewport=_PHONE) as page:
        assert page.locator(".sideways").evaluate("(e) => e.scrollWidth <= e.clientWidth")
        side = "(cell) => getComputedStyle(cell).textAlign"
        assert page.locator(".days td").last.evaluate(side).endswith("right")


def test_paper_has_days_addresses_and_no_empty_boxes(viewer: PageViewer) -> None:
    """On paper a time has its day, a video its address, and a caption stands below its picture."""
    with viewer.open("/coverages/flood", viewport={"width": 420, "height": 600}) as page:
        page.emulate_media(media="print")
        assert page.locator("#entry-latest .permalink .date").is_visible()
        assert not page.locator("#entry-latest .ago").is_visible()
        assert not page.locator("#entry-video video").is_visible()
        address = page.locator("#entry-video .address")
        assert address.inner_text().endswith("/static/0/none.mp4")
        assert address.inner_text().startswith("http")
        edge = "(each) => each.getBoundingClientRect()"
        picture_box = page.locator(".head .media img").evaluate(edge)
        assert page.locator(".head figcaption").evaluate(edge)["top"] >= picture_box["bottom"]


def test_many_figures_leave_room_on_a_phone(
    viewer: PageViewer, specimen_newsroom: Newsroom
) -> None:
    """A long panel of figures is cut off on a phone, and shown whole on demand."""
    timeline = new_timeline(specimen_newsroom, new_slug())
    for number in range(8):
        figure = {"metric": "killed", "source": f"Source {number}", "low": number, "high": None}
        timeline.publish(f"Update {number}", figures=[figure])
    cut_off = """(() => {
      const held = document.querySelector(".figures .held");
      return held.scrollHeight > held.clientHeight + 1;
    })()"""
    with viewer.open(f"/coverages/{timeline.slug}", viewport=_PHONE) as page:
        assert page.evaluate(cut_off)
        more = page.locator(".figures .more")
        assert more.evaluate("(e) => e.getBoundingClientRect().height") >= 24
        more.click()
        until(page, f"!{cut_off}")
