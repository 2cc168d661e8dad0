"""Chromium, driven by Playwright over Chromium's own protocol."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING

from tests.browsers.browser import Browser, ScriptError
from tests.servers import require

if TYPE_CHECKING:
    from playwright.sync_api import Page


class Chromium(Browser):
    """A headless Chromium; `page` is Playwright's own."""

    def __init__(self, page: "Page") -> None:
        self.page = page

    def open(self, url: str) -> None:
        """Load a page."""
        self.page.goto(url)

    def _call(self, function: str) -> str:
        from playwright.sync_api import Error

        try:
            return str(self.page.evaluate(function))
        except Error as error:
            raise ScriptError(error.message) from None


@contextmanager
def chromium() -> Iterator[Chromium]:
    """Run Chromium for the length of a block."""
    require("playwright", find_spec("playwright"))
    program = require("chromium", shutil.which("chromium") or shutil.which("chromium-browser"))
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        # Its sandbox does not start for root, whom containers run as.
        process = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        try:
            yield Chromium(process.new_page())
        finally:
            process.close()
