"""The button that passes on the address of an update, by the device's dialog or by copying it."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests.browsers.desk import until
from tests.conftest import Newsroom
from tests.contract.newsrooms import new_slug, new_timeline

if TYPE_CHECKING:
    from playwright.sync_api import Browser as ChromiumBrowser
    from playwright.sync_api import Page

# The parts of the browser that the button uses, which a test cannot answer otherwise.
_DIALOG = "navigator.share = async (shared) => void (globalThis.shared = shared)"
_CANCELLED = "navigator.share = async () => { throw new DOMException('', 'AbortError') }"
_NO_DIALOG = "delete Navigator.prototype.share"
_NO_CLIPBOARD = "Object.defineProperty(navigator, 'clipboard', { value: undefined })"


@pytest.fixture
def page(chromium: "ChromiumBrowser", quiet_newsroom: Newsroom) -> "Iterator[Page]":
    """A page of a browser that may use the clipboard."""
    context = chromium.new_context(base_url=quiet_newsroom.server.url)
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    yield context.new_page()
    context.close()


def _open(page: "Page", newsroom: Newsroom, *scripts: str) -> str:
    """Open a page with an update, in a browser changed by scripts; returns the address to share."""
    timeline = new_timeline(newsroom, new_slug())
    entry = timeline.publish("Gates open")
    page.add_init_script(";".join(scripts))
    page.goto(f"/coverages/{timeline.slug}")
    return f"{newsroom.server.url}/coverages/{timeline.slug}/entries/{entry['id']}"


def test_the_dialog_of_the_device_gets_title_and_address(
    page: "Page", quiet_newsroom: Newsroom
) -> None:
    """Where the device has a dialog for sharing, it gets the update's title and address."""
    address = _open(page, quiet_newsroom, _DIALOG)
    page.locator(".share").click()
    until(page, "globalThis.shared")
    assert page.evaluate("globalThis.shared") == {"title": "Gates open", "url": address}


def test_who_closes_the_dialog_stays_on_the_page(page: "Page", quiet_newsroom: Newsroom) -> None:
    """A dialog that is closed without a choice changes nothing, and can be opened again."""
    _open(page, quiet_newsroom, _CANCELLED)
    before, words = page.url, page.locator(".share").inner_text()
    page.locator(".share").click()
    page.evaluate(_DIALOG)
    page.locator(".share").click()
    until(page, "globalThis.shared")
    assert (page.url, page.locator(".share").inner_text()) == (before, words)


def test_without_a_dialog_the_address_is_copied(page: "Page", quiet_newsroom: Newsroom) -> None:
    """The address is in the clipboard; the button and the status say so, and then no more."""
    address = _open(page, quiet_newsroom, _NO_DIALOG)
    button = page.locator(".share")
    words, copied = button.inner_text(), button.get_attribute("data-copied") or ""
    page.clock.install()
    button.click()
    page.get_by_role("status").filter(has_text=copied).wait_for(state="attached")
    assert button.inner_text() == copied != words
    assert page.evaluate("navigator.clipboard.readText()") == address
    page.clock.run_for(10_000)
    assert button.inner_text() == words


def test_without_dialog_and_clipboard_the_address_is_opened(
    page: "Page", quiet_newsroom: Newsroom
) -> None:
    """Where nothing can be copied, the update's own page opens: its address is the one to copy."""
    address = _open(page, quiet_newsroom, _NO_DIALOG, _NO_CLIPBOARD)
    page.locator(".share").click()
    page.wait_for_url(address)
