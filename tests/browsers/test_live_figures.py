"""Claims and figures on an open page: the section follows, and doubts are announced."""

from typing import Any

from tests.browsers.browser import Browser
from tests.browsers.open_page import OpenPage
from tests.conftest import Newsroom

_SECTION = "document.querySelector('section.figures')"
_VALUES = f"[...{_SECTION}.querySelectorAll('strong')].map((each) => each.textContent)"
_MODULES = "performance.getEntriesByType('resource').map(({ name }) => name.split('/').at(-1))"


def _killed(number: int, **fields: Any) -> dict[str, Any]:
    figure = {"metric": "killed", "group": "soldiers", "low": number, "high": number}
    return {"figures": [{**figure, "source": "Ministry", **fields}]}


def test_the_section_of_an_open_page_follows(browser: Browser, quiet_newsroom: Newsroom) -> None:
    """It comes with the first figure, moves no reader, and loses at once what is retracted."""
    page = OpenPage(browser, quiet_newsroom)
    entry_id = page.fill(12)[4]
    page.open()
    assert browser.run(f"{_SECTION}.hidden")
    assert "figures.js" not in browser.run(_MODULES)
    page.scroll_to(entry_id)
    before = page.top(entry_id)
    first = page.timeline.publish("First count", **_killed(104))
    page.until(f"!{_SECTION}.hidden")
    page.frames()
    assert abs(page.top(entry_id) - before) < 1
    assert browser.run(_VALUES) == ["104"]
    last = page.timeline.publish("Second count", **_killed(107))
    page.until(f"{_SECTION}.textContent.includes('107')")
    assert browser.run(f"{_SECTION}.querySelector('.earlier').textContent.includes('104')")
    page.timeline.retract(last["id"])
    page.until(f"!{_SECTION}.textContent.includes('107')")
    page.until(f"{_VALUES}.join() === '104'")
    page.timeline.retract(first["id"])
    page.until(f"{_SECTION}.hidden")


def test_a_doubt_is_announced_and_marked(browser: Browser, quiet_newsroom: Newsroom) -> None:
    """A claim that is disputed changes at once and is announced; what the reader opened stays open.

    That a claim was confirmed changes it, and is not announced.
    """
    page = OpenPage(browser, quiet_newsroom)
    entry = page.timeline.publish("The village", claims=[{"source": "Ministry"}])
    page.open()
    assessment = {"claim": entry["claims"][0]["id"], "note": "The other side denies it."}
    page.timeline.act(entry["id"], "assessment", {**assessment, "status": "confirmed"})
    page.shows("Confirmed by us")
    browser.run("void (document.querySelector('.claims details').open = true)")
    page.timeline.act(entry["id"], "assessment", {**assessment, "status": "disputed"})
    page.until("document.querySelector('.entry.changed .claims')?.textContent.includes('Disputed')")
    page.until("document.querySelector('[role=status]').textContent !== ''")
    status = browser.run("document.querySelector('[role=status]').textContent")
    assert status == "1 statement called into question"
    assert browser.run("document.querySelector('.claims details').open")
