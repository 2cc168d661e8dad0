"""Accessibility of the reader's page: keyboard and screen readers."""

import pytest

from tests.browsers.browser import Browser
from tests.browsers.firefox import Firefox
from tests.browsers.open_page import OpenPage
from tests.conftest import Newsroom

_FOCUSED = "document.activeElement.closest('.entry')?.dataset.entry"
# Whether the focus is on something behind the timeline.
_BEHIND = (
    "document.querySelector('.days').compareDocumentPosition(document.activeElement)"
    " === Node.DOCUMENT_POSITION_FOLLOWING"
)
_LOAD_KEYS = (
    "import(document.querySelector('script[type=module]').src.replace(/[^/]+$/, 'feed_keys.js'))"
    ".then(() => 0)"
)


def test_keys_lead_from_entry_to_entry(browser: Browser, quiet_newsroom: Newsroom) -> None:
    """Page Down and Page Up move the focus between entries.

    Control+Home and Control+End move it out of the timeline, to the link before or behind it.
    """
    page = OpenPage(browser, quiet_newsroom)
    ids = page.fill(4)[::-1]
    page.open()
    browser.run(f"document.getElementById('entry-{ids[0]}').focus()")
    # The module for these keys is loaded at the first key press, for most users Tab.
    browser.press("Control")
    browser.run(_LOAD_KEYS)
    for key, focused in (("PageDown", 1), ("PageDown", 2), ("PageUp", 1)):
        browser.press(key)
        page.frames()
        assert browser.run(_FOCUSED) == ids[focused]
        assert 0 <= page.top(ids[focused]) < 200
    browser.press("Control+Home")
    assert browser.run("document.activeElement.closest('.bar') !== null")
    browser.run(f"document.getElementById('entry-{ids[1]}').focus()")
    browser.press("Control+End")
    assert browser.run(_BEHIND)


@pytest.mark.full("its times are waited for")
def test_only_counts_are_announced(browser: Browser, quiet_newsroom: Newsroom) -> None:
    """One polite live region announces the numbers of new, corrected and retracted entries."""
    page = OpenPage(browser, quiet_newsroom)
    page.open()
    status = "document.querySelector('[role=status]')"
    browser.run(
        f"void (globalThis.said = [], new MutationObserver(() => said.push({status}.textContent))"
        f".observe({status}, {{ childList: true }}))"
    )
    first, second = page.fill(2)
    page.timeline.correct(first)
    page.timeline.retract(second)
    page.until(f"{status}.textContent.includes('retraction')")
    announcements = browser.run("said")
    print(f"\n{type(browser).__name__}: {announcements}")  # noqa: T201  a figure
    assert announcements == ["1 new update", "1 new update, 1 correction, 1 retraction"]
    assert browser.run("document.querySelectorAll('[role=status], [aria-live]').length") == 1


def test_the_hidden_button_is_no_stop(browser: Browser, quiet_newsroom: Newsroom) -> None:
    """While no entry waits, the button is not visible, so neither focusable nor announced."""
    page = OpenPage(browser, quiet_newsroom)
    page.open()
    assert not browser.run("document.querySelector('.waiting button').checkVisibility()")


def test_pictures_are_looked_at_by_keyboard(browser: Browser, quiet_newsroom: Newsroom) -> None:
    """Enter enlarges a picture, arrow keys turn, Escape closes and restores the focus."""
    if isinstance(browser, Firefox):
        pytest.skip("without a screen Firefox gives no page the focus")
    page = OpenPage(browser, quiet_newsroom)
    page.fill(1)
    page.open()
    picture = (
        "<figure class='media'><a class='picture' href='/static/dateline.svg'>"
        "<img src='/static/dateline.svg' alt='A boat' width='40' height='30'></a>"
        "<figcaption>In the harbour</figcaption></figure>"
    )
    browser.run(
        f"document.querySelector('.days .words').insertAdjacentHTML('beforeend',"
        f' `<div class="gallery">{picture * 2}</div>`)'
    )
    browser.run("document.querySelector('a.picture').focus()")
    browser.press("Enter")
    page.until("document.querySelector('dialog[open] figure')")
    assert browser.run("document.querySelector('dialog img').alt") == "A boat"
    assert browser.run("document.querySelector('dialog figcaption').textContent")
    assert browser.run("document.querySelector('dialog .count').textContent") == "Picture 1 of 2"
    browser.press("ArrowRight")
    strip = "document.querySelector('.strip')"
    browser.run(
        f"new Promise((done) => {{ const look = () => {strip}.scrollLeft > innerWidth / 2 ?"
        " done(null) : requestAnimationFrame(look); look(); })"
    )
    page.until("document.querySelector('dialog .count').textContent === 'Picture 2 of 2'")
    browser.press("Home")
    page.until("document.querySelector('dialog .count').textContent === 'Picture 1 of 2'")
    browser.press("Escape")
    page.until("!document.querySelector('dialog')")
    assert browser.run("document.activeElement.className") == "picture"
