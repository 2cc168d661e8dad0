"""The summary above the timeline of an open page follows the journal."""

import pytest

from tests.browsers.browser import Browser
from tests.browsers.open_page import OpenPage
from tests.conftest import Newsroom

_BOX = "document.querySelector('.summary')"


def _choose(page: OpenPage, entry_id: str, method: str = "PUT") -> None:
    address = f"{page.timeline.path}/entries/{entry_id}/summary"
    page.timeline.newsroom.editor.request(method, address).raise_for_status()


@pytest.mark.every_engine
@pytest.mark.full("a slow start", but=["chromium"])
def test_the_summary_of_an_open_page_is_kept_up(browser: Browser, quiet_newsroom: Newsroom) -> None:
    """It appears, is amended, and gives way to an entry that is not on the page."""
    page = OpenPage(browser, quiet_newsroom)
    older = page.timeline.publish("Known at six")["id"]
    ids = page.fill(21)
    page.open()
    assert browser.run(f"{_BOX}.hidden")
    _choose(page, ids[-1])
    page.until(f"{_BOX}.checkVisibility() && {_BOX}.querySelector('.earlier-versions').hidden")
    page.timeline.amend(ids[-1], headline="Known at eight")
    page.until(f"{_BOX}.textContent.includes('Known at eight')")
    page.until(f"{_BOX}.querySelector('.earlier-versions').href.includes('{ids[-1]}?at=')")
    _choose(page, older)
    page.until(f"{_BOX}.textContent.includes('Known at six')")
    assert browser.run(f"{_BOX}.querySelectorAll('.entry').length") == 1
