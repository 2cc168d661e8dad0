"""The menu of an entry at the desk: what is done less often, by mouse, touch and keys."""

from collections.abc import Iterator

import pytest

from tests.browsers.desk_page import (
    Newsdesks,
    announced,
    check_by_axe,
    entry_of,
    fits,
    newsdesks,
    shows,
)
from tests.browsers.driver import chromium_process


@pytest.fixture(scope="module")
def desks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Newsdesks]:
    """A server with a chief and an editor."""
    with (
        chromium_process() as process,
        newsdesks(tmp_path_factory.mktemp("menu"), ["Ani", "Ed"], process) as desks,
    ):
        yield desks
        desks.close()


def test_the_menu_works_by_keys_alone(desks: Newsdesks) -> None:
    """Arrow Down opens it and moves in it, Enter acts, and Escape gives the focus back."""
    slug = desks.new_coverage()
    desks.write("Ani", slug, headline="The first")
    page = desks.desk("Ed", slug)
    more = entry_of(page, "The first").get_by_role("button", name="More", exact=True)
    more.focus()
    for name in ("Pin", "Summary", "Key event", "History", "Retract…", "Pin"):
        page.keyboard.press("ArrowDown")
        shows(page.locator(".menu:popover-open :focus")).to_have_text(name)
    page.keyboard.press("End")
    shows(page.locator(".menu:popover-open :focus")).to_have_text("Retract…")
    page.keyboard.press("Escape")
    shows(more).to_be_focused()
    shows(more).to_have_attribute("aria-expanded", "false")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    announced(page, "Pinned.")


@pytest.mark.parametrize(("width", "height"), [(360, 740), (1024, 500)])
def test_the_menu_is_within_the_window(desks: Newsdesks, width: int, height: int) -> None:
    """Two actions and the menu's button stand below an entry; the open menu is in view."""
    slug = desks.new_coverage()
    for number in range(4):
        desks.write("Ani", slug, headline=f"Number {number}", body="Words.")
    page = desks.desk("Ed", slug, viewport={"width": width, "height": height})
    entry = entry_of(page, "Number 0")
    assert entry.locator(".actions > button:visible").all_inner_texts() == [
        "Amend",
        "Correct",
        "More",
    ]
    entry.get_by_role("button", name="More", exact=True).click()
    shows(page.locator(".menu:popover-open")).to_be_in_viewport(ratio=1)
    check_by_axe(page)
    assert fits(page)


@pytest.mark.parametrize("width", [736, 1024, 1215])
def test_the_timeline_stands_beside_the_composer(desks: Newsdesks, width: int) -> None:
    """From 736 pixels on, the composer and the timeline begin at the same height, side by side."""
    slug = desks.new_coverage()
    desks.write("Ani", slug, headline="The first")
    page = desks.desk("Ed", slug, viewport={"width": width, "height": 800})
    write, updates = (page.locator(each).bounding_box() for each in ("#write", "#updates"))
    assert write
    assert updates
    assert abs(write["y"] - updates["y"]) < 2
    assert write["x"] + write["width"] < updates["x"]
    assert write["y"] < 200
