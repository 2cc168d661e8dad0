"""The reader's page, open in a browser while the newsroom changes what it published."""

import random
import re
import time

from tests.browsers.browser import Browser
from tests.browsers.open_page import OpenPage
from tests.conftest import Newsroom

# What the script adds to the server's HTML, and what tells which entry of a day came first.
_ADDED = re.compile(r' (aria-posinset|aria-setsize|aria-busy|style)="[^"]*"| (arrived|changed)\b')
_DAY_ID = re.compile(r"day-\d+")
_ATTRIBUTE = re.compile(r' [\w-]+(?:="[^"]*")?')
_ATTRIBUTES = re.compile(rf"(?:{_ATTRIBUTE.pattern})+(?=>)")
_AGE = re.compile(r'(<span class="ago"[^>]*>)[^<]*')


def test_changes_reach_an_open_page(browser: Browser, quiet_newsroom: Newsroom) -> None:
    """Corrections and retractions come into the entries shown, marked, while somebody reads."""
    page = OpenPage(browser, quiet_newsroom)
    ids = page.fill(8)
    page.open()
    page.scroll_to(ids[3])
    taken = {}
    for act, note in (("correct", "It was otherwise."), ("retract", "It was not so.")):
        began = time.monotonic()
        getattr(page.timeline, act)(ids[3], note)
        page.shows(note)
        taken[act] = time.monotonic() - began
    print(f"\n{type(browser).__name__}: " + ", ".join(f"{a} {s:.3f} s" for a, s in taken.items()))  # noqa: T201  a figure
    entry = f"document.getElementById('entry-{ids[3]}')"
    assert browser.run(f"[...{entry}.classList].includes('changed')")


def test_a_retraction_takes_the_words_off_an_open_page(
    browser: Browser, quiet_newsroom: Newsroom
) -> None:
    """They were in entry, pin, key events and data; then they are nowhere in the document."""
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
    """What waits behind the button is retracted there, and is a tombstone when it comes in."""
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
    """The reader goes on in the entry that was corrected under their hands."""
    page = OpenPage(browser, quiet_newsroom)
    entry = page.timeline.publish("Corrected", body="Selected words\n\nOther words")
    page.open()
    browser.run("document.querySelector('.days .permalink').focus()")
    browser.run("getSelection().selectAllChildren(document.querySelector('.days .body p'))")
    page.timeline.correct(entry["id"], headline="Now right", body="Selected words\n\nNew words")
    page.shows("Now right")
    assert browser.run("document.activeElement.className") == "permalink"
    assert browser.run("getSelection().toString()") == "Selected words"


def test_a_page_that_was_open_is_what_a_fresh_one_is(
    browser: Browser, quiet_newsroom: Newsroom
) -> None:
    """After a random run of events its timeline, pin, key events and head are the server's."""
    chance = random.Random(4)
    page = OpenPage(browser, quiet_newsroom)
    ids = page.fill(2)
    page.open()
    for number in range(30):
        chosen = chance.choice(ids)
        match chance.choice(["publish", "publish", "amend", "correct", "retract", "pin", "title"]):
            case "publish":
                key = chance.random() < 0.4
                entry = page.timeline.publish(f"Number {number}", body="Words", key_event=key)
                ids.append(entry["id"])
            case "amend":
                page.timeline.amend(chosen, headline=f"Amended {number}", key_event=True)
            case "correct":
                page.timeline.correct(chosen, f"Note {number}", body=f"Corrected {number}")
            case "retract" if len(ids) > 2:
                ids.remove(chosen)
                page.timeline.retract(chosen)
            case "pin":
                page.timeline.pin(chosen)
            case _:
                page.timeline.change(title=f"Title {number}")
    page.timeline.publish("The last one")
    page.shows("The last one")
    folded = _parts(browser)
    page.open(order="newest")  # the same at another address, of which no browser has a copy
    assert folded == _parts(browser)


def _parts(browser: Browser) -> list[str]:
    """The parts of the page that events change, without what the script adds."""
    parts = [".head", ".days", ".pinned", ".key-events ol"]
    told = ", ".join(f"document.querySelector('{part}').outerHTML" for part in parts)
    found = []
    for markup in browser.run(f"[{told}]"):
        bare = _AGE.sub(r"\1", _DAY_ID.sub("day", _ADDED.sub("", markup)))
        told = " ".join(re.sub(r"\s*([<>])\s*", r"\1", bare).split())
        found += [_ATTRIBUTES.sub(_sorted, tag) for tag in told.split("<")]
    return found


def _sorted(attributes: re.Match[str]) -> str:
    return "".join(sorted(_ATTRIBUTE.findall(attributes[0])))


def test_the_way_back_leads_to_the_open_page(browser: Browser, quiet_newsroom: Newsroom) -> None:
    """The browser keeps it as it was, with no rule of its policy broken, and it goes on."""
    page = OpenPage(browser, quiet_newsroom)
    page.fill(3)
    page.open()
    browser.run("""void (
        addEventListener("securitypolicyviolation", () => (globalThis.isBroken = true)),
        addEventListener("pageshow", (event) => (globalThis.kept = event.persisted)))""")
    page.timeline.publish("Before")
    page.shows("Before")
    browser.open(f"{quiet_newsroom.server.url}/?away")
    page.timeline.publish("While away")
    browser.back()
    assert browser.run("globalThis.kept ?? false")
    page.shows("While away")
    page.timeline.publish("Live again")
    page.shows("Live again")
    assert not browser.run("globalThis.isBroken ?? false")
