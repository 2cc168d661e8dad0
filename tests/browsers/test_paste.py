"""Pasted formatting at the desk, over a slow line: the text is there at once, its marks later."""

from typing import TYPE_CHECKING

import pytest

from tests.browsers.desk import Desk, until, write
from tests.conftest import Newsroom
from tests.contract.newsrooms import new_slug, new_timeline

if TYPE_CHECKING:
    from playwright.sync_api import Page, Route

_PASTE = """
  const clipboardData = new DataTransfer();
  clipboardData.setData("text/plain", "The gates are open.");
  clipboardData.setData("text/html", "<p>The gates are <b>open</b>.</p>");
  const init = { clipboardData, bubbles: true, cancelable: true };
  document.activeElement.dispatchEvent(new ClipboardEvent("paste", init));
"""


def _says(page: "Page", beginning: str) -> None:
    """Wait until the composer's message begins so; empty: until there is none."""
    message = "document.querySelector('.composer .message').textContent"
    until(page, f"{message}.startsWith('{beginning}')" if beginning else f"{message} === ''")


@pytest.mark.parametrize("is_answered", [True, False])
def test_one_writes_on_while_a_slow_line_brings_the_formatting(
    desk: Desk, staffed_newsroom: Newsroom, is_answered: bool
) -> None:
    """What lasts is told, and what is typed meanwhile stays; without an answer, the plain text."""
    page = desk.open(new_timeline(staffed_newsroom, new_slug()).slug)
    held: list[Route] = []

    def hold(route: "Route") -> None:
        held.append(route)

    page.route("**/markdown", hold)
    write(page, "Now: ")
    page.evaluate(f"() => {{{_PASTE}}}")
    _says(page, "Reading the formatting")
    page.keyboard.type(" All of them.")
    if is_answered:
        held[0].continue_()
        _says(page, "")
    else:
        held[0].abort()
        _says(page, "The formatting could not be read")
    gates = "The gates are **open**." if is_answered else "The gates are open."
    until(page, f"document.querySelector('[name=body]').value === 'Now: {gates} All of them.'")
