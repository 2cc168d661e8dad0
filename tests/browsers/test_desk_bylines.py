"""Bylines at the desk: no name is published unless the newsroom or the writer wants it to be."""

import pytest

from tests.browsers.desk import Desk, until, write
from tests.conftest import Newsroom
from tests.contract.newsrooms import new_slug, new_timeline
from tests.contract.timeline import Timeline


@pytest.mark.parametrize(
    ("choice", "shown", "names"),
    [
        (None, "No byline", []),
        ("desk", "Byline: Harbour desk", ["Harbour desk"]),
        ("writer", "Byline: Ed", ["Ed"]),
    ],
)
def test_what_is_filled_in_is_shown_beside_publish(
    desk: Desk, staffed_newsroom: Newsroom, choice: str | None, shown: str, names: list[str]
) -> None:
    """The coverage decides whose name a new entry has, nobody's by default; its button shows it."""
    chosen = {"entry_bylines": choice} if choice else {}
    timeline = new_timeline(staffed_newsroom, new_slug(), bylines=["Harbour desk"], **chosen)
    page = desk.open(timeline.slug)
    assert page.locator("[data-action=bylines]").inner_text() == shown
    write(page, "The fire is out")
    page.keyboard.press("Control+Enter")
    until(page, "document.querySelector('.message').textContent === 'Published.'")
    (entry,) = timeline.newsroom.reader.get(f"{timeline.path}/entries").json()["entries"]
    assert [byline["name"] for byline in entry["bylines"]] == names


def test_a_name_that_is_added_or_removed_is_shown_beside_publish(
    desk: Desk, staffed_newsroom: Newsroom
) -> None:
    """The button leads to the bylines, and follows what is written there."""
    timeline: Timeline = new_timeline(staffed_newsroom, new_slug(), entry_bylines="writer")
    page = desk.open(timeline.slug)
    note = page.locator("[data-action=bylines]")
    note.click()
    page.keyboard.type("Ani")
    page.keyboard.press("Enter")
    assert note.inner_text() == "Byline: Ed · Ani"
    for _ in range(2):
        page.keyboard.press("Backspace")
    assert note.inner_text() == "No byline"
