"""The summary of changes shown to a reader who comes back."""

import pytest

from tests.browsers.browser import Browser
from tests.browsers.open_page import OpenPage
from tests.conftest import Newsroom
from tests.contract.newsrooms import new_slug, new_timeline

_LONG_AGO = """(() => {
  for (const key of Object.keys(localStorage)) {
    const left = JSON.parse(localStorage.getItem(key));
    localStorage.setItem(key, JSON.stringify({ ...left, at: left.at - 120_000 }));
  }
})()"""


def _leave(page: OpenPage) -> None:
    """Leave the page for the index, and set the time of leaving back by two minutes."""
    page.browser.open(f"{page.newsroom.server.url}/")
    page.browser.run(f"void {_LONG_AGO}")


def test_who_comes_back_is_told_what_changed(browser: Browser, quiet_newsroom: Newsroom) -> None:
    """The summary lists retractions, corrections, then new entries by key event; it can be closed.

    An entry retracted later disappears from it.
    """
    page = OpenPage(browser, quiet_newsroom)
    corrected, retracted, _ = page.fill(3)
    page.open()
    _leave(page)
    page.timeline.correct(corrected, "It was otherwise.")
    page.timeline.retract(retracted)
    key_event = page.timeline.publish("The turn", key_event=True)
    page.fill(6)
    short = page.timeline.publish("Unsayable")
    page.open()
    page.until("!document.querySelector('.since').hidden")
    items = browser.run("[...document.querySelectorAll('.since > ul > li')].map(l => l.innerText)")
    heads = [item.split("\n")[0] for item in items]
    assert heads == ["1 retraction", "1 correction", "8 new updates"]
    assert "It was not so." in items[0]
    assert "It was otherwise." in items[1]
    assert items[2].split("\n")[1].strip() == "The turn"
    assert items[2].rstrip().endswith("and 3 more")
    links = "[...document.querySelectorAll('.since a')].map((a) => a.getAttribute('href'))"
    # An anchor on the page, or the entry's page if the browser restored the page from its cache.
    assert {f"#entry-{key_event['id']}", f"{page.path}/entries/{key_event['id']}"} & set(
        browser.run(links)
    )
    assert browser.run("document.activeElement.closest('.since')") is None
    page.timeline.retract(short["id"], "Nor was this.")
    page.shows("Nor was this.")
    assert "Unsayable" not in page.markup
    browser.run("document.querySelector('.since button').click()")
    assert browser.run("document.querySelector('.since').hidden")


def test_after_any_absence_every_error_is_told(browser: Browser, quiet_newsroom: Newsroom) -> None:
    """Errors of old entries are told after more events than a page of the journal has, all of them.

    A link leads to the page that shows the difference.
    """
    page = OpenPage(browser, quiet_newsroom)
    other = new_timeline(quiet_newsroom, new_slug())
    page.timeline.change(edition_of=other.slug)
    original = other.publish("The original")
    of = {"coverage": other.slug, "entry_id": original["id"]}
    page.timeline.publish("The translation", translation_of=of)
    corrected, retracted = page.fill(2)
    ministry = {"source": "Ministry", "text": "The bridge stands"}
    contested = page.timeline.publish("A claim", claims=[ministry])
    others = page.fill(24)
    page.open()
    left = page.timeline.head
    _leave(page)
    for number in range(110):
        for word in ("One", "Another", "A third"):
            page.timeline.amend(others[number % 24], headline=f"{word} {number}")
    for each in others:
        page.timeline.correct(each, f"A note on {each}.")
    page.timeline.correct(corrected, "It was otherwise.")
    page.timeline.retract(retracted)
    claim = contested["claims"][0]["id"]
    verdict = {"claim": claim, "status": "false", "note": "It lies in the river."}
    page.timeline.act(contested["id"], "assessment", verdict)
    other.correct(original["id"], "That was otherwise.", headline="Corrected")
    page.open()
    page.until("!document.querySelector('.since').hidden")
    items = browser.run("[...document.querySelectorAll('.since > ul > li')].map(l => l.innerText)")
    heads = [item.split("\n")[0] for item in items]
    assert heads == [
        *("1 retraction", "25 corrections", "1 statement called into question"),
        "1 outdated translation",
    ]
    assert all(f"A note on {each}." in items[1] for each in others)
    assert "It was otherwise." in items[1]
    assert "It lies in the river." in items[2]
    assert "The translation" in items[3]
    link = browser.run("document.querySelector('.since .difference').getAttribute('href')")
    assert link.startswith(f"{page.path}?from={left}&to=")
    difference = quiet_newsroom.reader.get(link).text
    assert "It lies in the river." in difference
    assert "That was otherwise." in difference


@pytest.mark.full("its times are waited for")
def test_where_nothing_happened_nothing_is_told(browser: Browser, quiet_newsroom: Newsroom) -> None:
    """No summary is shown without changes, nor for a cursor of another journal."""
    page = OpenPage(browser, quiet_newsroom)
    page.fill(1)
    page.open()
    _leave(page)
    page.open()
    assert browser.run("document.querySelector('.since').hidden")
    _leave(page)
    key = f"dateline {page.timeline.slug}"
    browser.run(f'localStorage.setItem(\'{key}\', \'{{"cursor": "other-1", "at": 0}}\')')
    page.open()
    page.timeline.publish("And on")
    page.shows("And on")
    assert browser.run("document.querySelector('.since').hidden")
