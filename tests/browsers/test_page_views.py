"""Open pages of other views: filtered, oldest first, of one entry, as of a past time."""

import pytest

from tests.browsers.browser import Browser
from tests.browsers.open_page import OpenPage
from tests.conftest import Newsroom


@pytest.mark.full("further filters", but=["query0"])
@pytest.mark.parametrize("query", [{"tag": "sea"}, {"key_events": "true"}, {"lang": "ru"}])
def test_a_filtered_page_waits_for_what_fits(
    browser: Browser, quiet_newsroom: Newsroom, query: dict[str, str]
) -> None:
    """Only entries that match the filter are counted; the button loads a page that shows them."""
    page = OpenPage(browser, quiet_newsroom, languages=["en", "ru"])
    page.open(**query)
    page.timeline.publish("Does not fit")
    matching_fields = {"tags": ["sea"], "key_event": True, "language": "ru"}
    entry = page.timeline.publish("Fits", **matching_fields)
    page.until("document.title.startsWith('(1) ')")
    browser.run("void document.querySelector('.waiting button').click()")
    page.arrive(f'id="entry-{entry["id"]}"')
    assert page.ids == [entry["id"]]


@pytest.mark.parametrize("where", ["oldest", "entry"])
def test_from_elsewhere_the_button_leads_to_the_latest(
    browser: Browser, quiet_newsroom: Newsroom, where: str
) -> None:
    """Where new entries are not inserted, the button counts them and leads to the newest ones."""
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
    """A page as of a past time shows later retractions, but no later corrections or entries."""
    page = OpenPage(browser, quiet_newsroom)
    unretracted, retracted = page.fill(2)
    entry = page.timeline.amend(retracted, key_event=True)
    page.open(at=entry["updated_at"])
    page.timeline.correct(unretracted, "It was otherwise.")
    page.timeline.publish("Later")
    page.timeline.retract(retracted)
    page.shows("It was not so.")
    assert page.ids == [retracted, unretracted]
    markup = page.markup
    assert "It was otherwise." not in markup
    assert "Later" not in markup
    assert "Entry 1" not in markup
