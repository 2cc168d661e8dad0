"""Open pages that are not the newest one: filtered, turned round, of an entry, of a moment."""

import pytest

from tests.browsers.browser import Browser
from tests.browsers.open_page import OpenPage
from tests.conftest import Newsroom


@pytest.mark.full("further filters", but=["query0"])
@pytest.mark.parametrize("query", [{"tag": "sea"}, {"key_events": "true"}, {"lang": "ru"}])
def test_a_filtered_page_waits_for_what_fits(
    browser: Browser, quiet_newsroom: Newsroom, query: dict[str, str]
) -> None:
    """What fits the filter waits behind the button, which leads to it; nothing else counts."""
    page = OpenPage(browser, quiet_newsroom, languages=["en", "ru"])
    page.open(**query)
    page.timeline.publish("Does not fit")
    fits = {"tags": ["sea"], "key_event": True, "language": "ru"}
    entry = page.timeline.publish("Fits", **fits)
    page.until("document.title.startsWith('(1) ')")
    browser.run("void document.querySelector('.waiting button').click()")
    page.arrive(f'id="entry-{entry["id"]}"')
    assert page.ids == [entry["id"]]


@pytest.mark.parametrize("where", ["oldest", "entry"])
def test_from_elsewhere_the_button_leads_to_the_latest(
    browser: Browser, quiet_newsroom: Newsroom, where: str
) -> None:
    """Where new entries have no place they are counted, and a page away."""
    page = OpenPage(browser, quiet_newsroom)
    first = page.fill(2)[0]
    if where == "entry":
        page.open(f"/entries/{first}")
    else:
        page.open(order="oldest")
    page.timeline.publish("The latest")
    page.until("document.title.startsWith('(1) ')")
    assert "The latest" not in page.markup
    browser.run("void document.querySelector('.waiting button').click()")
    page.arrive("The latest")
    assert page.waiting is None


def test_a_page_of_the_past_takes_retractions_only(
    browser: Browser, quiet_newsroom: Newsroom
) -> None:
    """It stays as it stood, but for words that must not be shown any more."""
    page = OpenPage(browser, quiet_newsroom)
    kept, gone = page.fill(2)
    entry = page.timeline.amend(gone, key_event=True)
    page.open(at=entry["updated_at"])
    page.timeline.correct(kept, "It was otherwise.")
    page.timeline.publish("Later")
    page.timeline.retract(gone)
    page.shows("It was not so.")
    assert page.ids == [gone, kept]
    markup = page.markup
    assert "It was otherwise." not in markup
    assert "Later" not in markup
    assert "Entry 1" not in markup
