"""The reader's page, open in a browser while the newsroom works."""

from tests.browsers.browser import Browser
from tests.browsers.listener import Listener
from tests.conftest import Newsroom


def test_a_retraction_takes_the_words_off_an_open_page(browser: Browser, quiet: Newsroom) -> None:
    """What is published appears by itself; once retracted it is nowhere in the document."""
    listener = Listener(browser, quiet)
    listener.open(f"/coverages/{listener.timeline.slug}")
    entry = listener.timeline.publish("Unsayable", body="*Unsayable* too")
    browser.run("audience.shows((text) => text.includes('Unsayable too'))")
    listener.timeline.retract(entry["id"], "It was not so.")
    browser.run("audience.shows((text) => text.includes('It was not so.'))")
    assert "Unsayable" not in browser.run("document.documentElement.outerHTML")
