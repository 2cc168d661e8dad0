"""The reader's page in a browser while the newsroom changes published entries."""

import random
import re
import time

from tests.browsers.browser import Browser
from tests.browsers.later_version import as_later_version
from tests.browsers.open_page import OpenPage
from tests.browsers.proxy import Proxy
from tests.conftest import Newsroom

# Differences to ignore: what the script adds to the server's HTML, and ids made from entry order.
_ADDED = re.compile(r' (aria-posinset|aria-setsize|aria-busy|style)="[^"]*"| (arrived|changed)\b')
_DAY_ID = re.compile(r"day-\d+")
_ATTRIBUTE = re.compile(r' [\w-]+(?:="[^"]*")?')
_ATTRIBUTES = re.compile(rf"(?:{_ATTRIBUTE.pattern})+(?=>)")
_AGE = re.compile(r'(<span class="ago"[^>]*>)[^<]*')


def test_changes_reach_an_open_page(browser: Browser, quiet_newsroom: Newsroom) -> None:
    """A correction and a retraction appear in an entry that is shown, and mark it as changed."""
    page = OpenPage(browser, quiet_newsroom)
    ids = page.fill(8)
    page.open()
    page.scroll_to(ids[3])
    seconds_by_action = {}
    for action, note in (("correct", "It was otherwise."), ("retract", "It was not so.")):
        started = time.monotonic()
        getattr(page.timeline, action)(ids[3], note)
        page.shows(note)
        seconds_by_action[action] = time.monotonic() - started
    figures = ", ".join(f"{name} {s:.3f} s" for name, s in seconds_by_action.items())
    print(f"\n{type(browser).__name__}: {figures}")  # noqa: T201  a figure
    entry = f"document.getElementById('entry-{ids[3]}')"
    assert browser.run(f"[...{entry}.classList].includes('changed')")


def test_a_retraction_takes_the_words_off_an_open_page(
    browser: Browser, quiet_newsroom: Newsroom
) -> None:
    """A retracted text disappears from the entry, the pin, the key events and the page's data."""
    page = OpenPage(browser, quiet_newsroom)
    entry = page.timeline.publish("Unsayable", body="*Unsayable* too", key_event=True)
    page.timeline.pin(entry["id"])
    page.open()
    assert page.markup.count("Unsayable") > 5
    page.timeline.retract(entry["id"])
    page.shows("It was not so.")
    assert "Unsayable" not in page.markup


def test_a_retraction_takes_the_words_out_of_what_waits(
    browser: Browser, quiet_newsroom: Newsroom
) -> None:
    """An entry retracted while it waits behind the button is inserted as a tombstone."""
    page = OpenPage(browser, quiet_newsroom)
    page.fill(8)
    page.open()
    browser.run("scrollTo({ top: document.body.scrollHeight, behavior: 'instant' })")
    page.frames()
    entry = page.timeline.publish("Unsayable", key_event=True)
    page.until("document.querySelector('.turn')")
    page.timeline.retract(entry["id"])
    page.until("document.querySelector('.key-events').hidden")
    browser.run("document.querySelector('.waiting button').click()")
    page.shows("It was not so.")
    assert "Unsayable" not in page.markup


def test_focus_and_selection_outlive_a_correction(
    browser: Browser, quiet_newsroom: Newsroom
) -> None:
    """A correction of an entry keeps the focus and the selection inside it."""
    page = OpenPage(browser, quiet_newsroom)
    entry = page.timeline.publish("Corrected", body="Selected words\n\nOther words")
    page.open()
    browser.run("document.querySelector('.days .permalink').focus()")
    browser.run("getSelection().selectAllChildren(document.querySelector('.days .body p'))")
    page.timeline.correct(entry["id"], headline="Now right", body="Selected words\n\nNew words")
    page.shows("Now right")
    assert browser.run("document.activeElement.className") == "permalink"
    assert browser.run("getSelection().toString()") == "Selected words"


def test_a_new_key_event_takes_the_place_of_the_oldest(
    browser: Browser, quiet_newsroom: Newsroom
) -> None:
    """A full list beside an open page stays as long as it is, and then has the link to all."""
    page = OpenPage(browser, quiet_newsroom)
    for number in range(30):
        page.timeline.publish(f"Turn {number}", key_event=True)
    page.open()
    titles = "[...document.querySelectorAll('.key-events li .turn')].map((t) => t.textContent)"
    assert browser.run("document.querySelector('.key-events .all').hidden")
    page.timeline.publish("Turn 30", key_event=True)
    page.until("!document.querySelector('.key-events .all').hidden")
    assert browser.run(titles) == [f"Turn {number}" for number in range(30, 0, -1)]


def test_a_page_that_was_open_is_what_a_fresh_one_is(
    browser: Browser, quiet_newsroom: Newsroom
) -> None:
    """After random events the open page's timeline, pin, key events and head are a fresh page's."""
    rng = random.Random(4)
    page = OpenPage(browser, quiet_newsroom)
    ids = page.fill(2)
    page.open()
    for number in range(30):
        entry_id = rng.choice(ids)
        match rng.choice(["publish", "publish", "amend", "correct", "retract", "pin", "title"]):
            case "publish":
                key = rng.random() < 0.4
                entry = page.timeline.publish(f"Number {number}", body="Words", key_event=key)
                ids.append(entry["id"])
            case "amend":
                page.timeline.amend(entry_id, headline=f"Amended {number}", key_event=True)
            case "correct":
                page.timeline.correct(entry_id, f"Note {number}", body=f"Corrected {number}")
            case "retract" if len(ids) > 2:
                ids.remove(entry_id)
                page.timeline.retract(entry_id)
            case "pin":
                page.timeline.pin(entry_id)
            case _:
                page.timeline.change(title=f"Title {number}")
    page.timeline.publish("The last one")
    page.shows("The last one")
    folded = _parts(browser)
    page.open(order="newest")  # the same view at another URL, which is in no cache
    assert folded == _parts(browser)


def _parts(browser: Browser) -> list[str]:
    """Return the parts of the page that events change, without what the script adds."""
    parts = [".head", ".days", ".pinned", ".key-events ol"]
    fragments = ", ".join(f"document.querySelector('{part}').outerHTML" for part in parts)
    tags = []
    for markup in browser.run(f"[{fragments}]"):
        cleaned = _AGE.sub(r"\1", _DAY_ID.sub("day", _ADDED.sub("", markup)))
        normalised = " ".join(re.sub(r"\s*([<>])\s*", r"\1", cleaned).split())
        tags += [_ATTRIBUTES.sub(_sorted, tag) for tag in normalised.split("<")]
    return tags


def _sorted(attributes: re.Match[str]) -> str:
    return "".join(sorted(_ATTRIBUTE.findall(attributes[0])))


def test_events_of_a_later_version_are_shown_by_what_they_carry(
    browser: Browser, quiet_newsroom: Newsroom, proxy: Proxy
) -> None:
    """Under unknown types, a changed entry is replaced and marked, and a new one is inserted.

    A change of an entry that is not on the page adds none; only a coverage's event replaces the
    head; all others are ignored.
    """
    page = OpenPage(browser, quiet_newsroom, proxy.url, title="Floods")
    older, *_, newest = page.fill(21)
    proxy.edit = as_later_version
    page.open()
    page.timeline.correct(older, "It was elsewhere.")
    page.timeline.correct(newest, "It was otherwise.")
    shown = f"document.getElementById('entry-{newest}')"
    page.until(f"{shown}.textContent.includes('It was otherwise.') && {shown}.matches('.changed')")
    page.timeline.change(title="No head of this page")
    inserted = page.timeline.publish("And on")["id"]
    page.shows("And on")
    assert page.ids[:2] == [inserted, newest]
    assert older not in page.ids
    assert "Floods" in browser.run("document.querySelector('.head').textContent")
    assert page.title == "Floods"
    page.timeline.change(title="Floods are over", status="closed")
    page.until("document.querySelector('.head').dataset.status === 'closed'")
    page.until("{state} === 'closed'")
    assert page.title == "Floods are over"
    assert proxy.streams == 1


def test_the_way_back_leads_to_the_open_page(
    caching_browser: Browser, quiet_newsroom: Newsroom
) -> None:
    """The page is restored from the back/forward cache, catches up, and breaks no policy."""
    page = OpenPage(caching_browser, quiet_newsroom)
    page.fill(3)
    page.open()
    caching_browser.run("""void (
        addEventListener("securitypolicyviolation", () => (globalThis.isBroken = true)),
        addEventListener("pageshow", (event) => (globalThis.kept = event.persisted)))""")
    page.timeline.publish("Before")
    page.shows("Before")
    caching_browser.open(f"{quiet_newsroom.server.url}/?away")
    page.timeline.publish("While away")
    caching_browser.back()
    assert caching_browser.run("globalThis.kept ?? false")
    page.shows("While away")
    page.timeline.publish("Live again")
    page.shows("Live again")
    assert not caching_browser.run("globalThis.isBroken ?? false")
