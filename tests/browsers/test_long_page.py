"""A page that was open while hundreds of entries came in: it stays quick, and nothing is lost."""

import pytest

from tests.browsers.browser import Browser
from tests.browsers.chromium import Chromium
from tests.browsers.open_page import OpenPage
from tests.conftest import Newsroom

_MANY = 580  # fewer than 600, so that the tests begin well below the next trim
_LONG = pytest.mark.full("hundreds of entries")
# What a script does to the page, but for the entries' numbers and ages, and the marks that go.
_COUNT = """void (() => {
  globalThis.measured = globalThis.changed = 0;
  const measure = Element.prototype.getBoundingClientRect;
  Element.prototype.getBoundingClientRect = function () {
    measured += 1;
    return measure.call(this);
  };
  new MutationObserver((records) => {
    changed += records.filter(({ target, attributeName: name }) =>
      !["aria-posinset", "class"].includes(name) && target.className !== "ago").length;
  }).observe(document.querySelector(".days"),
    { subtree: true, childList: true, attributes: true, characterData: true });
})()"""
_TO_TOP = "scrollTo({ top: 0, behavior: 'instant' })"
_NEXT = "document.querySelector('.days ~ .paging a[rel=next]')"


class LongPage(OpenPage):
    """A page whose first entry is a key event, and onto which others have been published."""

    def __init__(self, browser: Browser, newsroom: Newsroom) -> None:
        super().__init__(browser, newsroom)
        self.published = [self.timeline.publish("The first one", key_event=True)["id"]]
        self.open()

    def go_on(self, number: int) -> None:
        """Publish that many entries, and wait until they have come in."""
        for each in range(number):
            entry = self.timeline.publish(f"Number {each}", body=f"Told as the word{each}x.")
            self.published.append(entry["id"])
        self.until(f"document.getElementById('entry-{self.published[-1]}')")
        self.rest()

    def rest(self) -> None:
        """Wait until nothing moves."""
        self.until("!document.querySelector('[aria-busy]')")
        self.frames()

    def cost(self) -> list[int]:
        """Return what a new entry and an amendment of an old one have the script do."""
        counts = []
        for act in (lambda: self.go_on(1), self._amend):
            self.browser.run("void (measured = changed = 0)")
            act()
            counts += self.browser.run("[measured, changed]")
        return counts

    def _amend(self) -> None:
        self.timeline.amend(self.published[-20], headline=f"Amended {len(self.published)}")
        self.shows(f"Amended {len(self.published)}")
        self.rest()


@pytest.fixture(scope="module")
def page(browser: Browser, quiet_newsroom: Newsroom) -> LongPage:
    """The page with many entries, at its top."""
    page = LongPage(browser, quiet_newsroom)
    page.go_on(_MANY)
    return page


def test_an_event_costs_a_long_page_no_more_than_a_short_one(
    browser: Browser, quiet_newsroom: Newsroom
) -> None:
    """Measurements and changes for an entry and an amendment do not grow from 30 entries to 120."""
    page = LongPage(browser, quiet_newsroom)
    browser.run(_COUNT)
    page.go_on(30)
    few = page.cost()
    page.go_on(90)
    many = page.cost()
    print(f"\nmeasured and changed for an entry, for an amendment: {few}, {many}")  # noqa: T201
    assert all(few)
    assert all(now <= then * 1.5 for then, now in zip(few, many, strict=True))


@_LONG
def test_the_oldest_leave_and_the_link_leads_to_the_next_one(page: LongPage) -> None:
    """Of 581 entries the newest are shown; the link and the key events lead to the others."""
    assert 500 <= len(page.ids) <= 550
    assert page.ids == page.published[::-1][: len(page.ids)]
    first = page.published[0]
    key_event = page.browser.run("document.querySelector('.key-events a').getAttribute('href')")
    assert key_event == f"{page.path}/entries/{first}"
    following = page.browser.run(f"{_NEXT}.getAttribute('href')")
    older = page.newsroom.reader.get(following).raise_for_status().text
    ids = page.published[: -len(page.ids)][::-1]
    assert older.index(f'id="entry-{ids[0]}"') < older.index(f'id="entry-{ids[1]}"')
    assert f'id="entry-{page.ids[-1]}"' not in older


@_LONG
def test_what_has_left_the_page_stays_away(page: LongPage) -> None:
    """A correction and a retraction of entries that left the page add nothing and break nothing."""
    shown = page.ids
    page.timeline.correct(page.published[1], "It was elsewhere.")
    page.timeline.retract(page.published[0])
    page.until("document.querySelector('.key-events').hidden")
    page.go_on(1)
    assert page.ids == [page.published[-1], *shown]
    assert "It was elsewhere." not in page.markup


@_LONG
def test_a_far_entry_is_reached_by_its_address_and_by_its_words(page: LongPage) -> None:
    """Entries that are not laid out are found in the page and by a link, and are printed."""
    if not isinstance(page.browser, Chromium):
        pytest.skip("other engines find nothing by a script, or lay all entries out")
    middle, later = page.ids[300], page.ids[400]
    is_laid_out = "document.querySelector('#entry-{} .words').checkVisibility("
    is_laid_out += "{{ contentVisibilityAuto: true }})"
    assert not page.browser.run(is_laid_out.format(middle))
    page.browser.run(f"void (location.hash = '#entry-{middle}')")
    page.until(is_laid_out.format(middle))
    page.frames()
    assert 0 <= page.top(middle) < 200
    words = f"document.querySelector('#entry-{later} .body').textContent.trim()"
    assert page.browser.run(f"find({words})")
    page.until(is_laid_out.format(later))
    page.browser.page.emulate_media(media="print")
    style = f"getComputedStyle(document.getElementById('entry-{page.ids[200]}'))"
    assert page.browser.run(f"{style}.contentVisibility") == "visible"
    page.browser.page.emulate_media(media="screen")
    page.browser.run("void (getSelection().empty(), history.replaceState(null, '', ' '))")


@_LONG
def test_who_reads_an_old_entry_keeps_it(page: LongPage) -> None:
    """An entry with the reader's selection stays on the page, and so do all that are newer.

    While the reader is at the end of the page, entries wait, and none leaves.
    """
    last = page.ids[-1]
    select = f"getSelection().selectAllChildren(document.getElementById('entry-{last}'))"
    page.browser.run(select)
    page.browser.run("scrollTo({ top: document.body.scrollHeight, behavior: 'instant' })")
    page.frames()
    before = page.top(last)
    for each in range(60):
        page.published.append(page.timeline.publish(f"Waiting {each}")["id"])
    page.until("document.title.startsWith('(60)')")
    assert abs(page.top(last) - before) < 1  # no page can be scrolled by a part of a pixel
    page.browser.run("document.querySelector('.waiting button').click()")
    page.browser.run(select)  # the focus has moved to the newest, which ends a selection in WebKit
    page.browser.run(_TO_TOP)
    page.until("!document.title.startsWith('(')")
    assert 0 <= page.top(page.published[-1]) < 800
    page.timeline.amend(page.published[-1], headline="The last one")
    page.shows("The last one")
    assert page.ids[-1] == last
    # The button has led the focus to the newest, where others would wait.
    page.browser.run("void (getSelection().empty(), document.activeElement.blur())")
    page.go_on(1)
    page.until("document.querySelectorAll('.days .entry').length < 510")
    page.rest()
    shown = page.ids
    assert len(shown) in {500, 501}  # the entry comes in before the oldest leave, or after
    assert shown == page.published[: -len(shown) - 1 : -1]
    page.until(f"{_NEXT}.search === '?before={shown[-1]}'")
