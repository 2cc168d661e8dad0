"""Chromium, driven by Playwright over the DevTools protocol."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.browsers.browser import Browser, ScriptError
from tests.browsers.driver import chromium_process

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page


class Chromium(Browser):
    """A headless Chromium; `page` is the Playwright page of the current tab."""

    def __init__(self, context: "BrowserContext") -> None:
        self._context = context
        self._tabs: dict[str, Page] = {}
        self._number = 0
        self.new_tab()

    def open(self, url: str) -> None:
        """Load a page."""
        self.page.goto(url)

    @property
    def page(self) -> "Page":
        """The Playwright page of the current tab."""
        return self._tabs[self.tab]

    @property
    def tab(self) -> str:
        """The name of the current tab."""
        return self._tab

    def new_tab(self) -> str:
        """Open a tab."""
        self._number += 1
        self._tab = f"tab {self._number}"
        self._tabs[self._tab] = self._context.new_page()
        return self._tab

    def switch(self, tab: str) -> None:
        """Make a tab the current one."""
        self._tab = tab

    def close_tab(self) -> None:
        """Close the tab."""
        self._tabs.pop(self._tab).close()

    def back(self) -> None:
        """Go back."""
        # A page from the back/forward cache is not loaded again; Playwright would wait for a load.
        self.page.go_back(wait_until="commit")

    def press(self, keys: str) -> None:
        """Press keys."""
        self.page.keyboard.press(keys)

    def _call(self, function: str) -> str:
        from playwright.sync_api import Error

        try:
            return str(self.page.evaluate(function))
        except Error as error:
            raise ScriptError(error.message) from None


@contextmanager
def chromium(*, whole: bool = False) -> Iterator[Chromium]:
    """Open a browser context during the block; for `whole` see `chromium_process`."""
    with chromium_process(whole=whole) as process:
        yield Chromium(process.new_context())
