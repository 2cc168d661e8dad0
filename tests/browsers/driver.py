"""Playwright's driver and its Chromium processes, which all files of a run share.

They take seconds to start. What a file leaves in a browser is gone with its contexts, which are
its own.
"""

import asyncio
import atexit
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING

from tests.servers import require

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Playwright

_KEEPS_NONE = "--disable-back-forward-cache"


class _Driver:
    """The driver, once somebody has asked for it, and the processes, by whether they keep pages."""

    def __init__(self) -> None:
        self._playwright: Playwright | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._processes: dict[bool, Browser] = {}

    @contextmanager
    def lent(self) -> Iterator["Playwright"]:
        """Playwright for the length of a block.

        Its loop stands still between two calls and counts as running all the while, so that tests
        of other rooms could run none of their own. Outside of the block none counts as running.
        """
        before = asyncio._get_running_loop()
        try:
            yield self._wake()
        finally:
            asyncio._set_running_loop(before)

    def _wake(self) -> "Playwright":
        if self._playwright is None:
            require("playwright", find_spec("playwright"))
            from playwright.sync_api import sync_playwright

            self._playwright = sync_playwright().start()
            self._loop = asyncio.get_running_loop()
            atexit.register(self._stop)
        asyncio._set_running_loop(self._loop)
        return self._playwright

    def process(self, keeps_pages: bool) -> "Browser":
        """The one of that kind, which is started where there is none."""
        process = self._processes.get(keeps_pages)
        if process is None or not process.is_connected():
            found = shutil.which("chromium") or shutil.which("chromium-browser")
            process = self._processes[keeps_pages] = self._wake().chromium.launch(
                executable_path=require("chromium", found),
                args=["--no-sandbox"],  # which does not start for root, whom containers run as
                ignore_default_args=[_KEEPS_NONE] if keeps_pages else None,
            )
        return process

    def _stop(self) -> None:
        with self.lent() as playwright:
            for process in self._processes.values():
                process.close()
            playwright.stop()


_DRIVER = _Driver()
playing = _DRIVER.lent


@contextmanager
def chromium_process(*, keeps_pages: bool = False) -> Iterator["Browser"]:
    """A Chromium for the length of a block; its windows are the test's to open and to close.

    Args:
        keeps_pages: for the way back, as people's browsers do and Playwright's do not.
    """
    with playing():
        process = _DRIVER.process(keeps_pages)
        others = list(process.contexts)
        try:
            yield process
        finally:
            for context in process.contexts:
                if context not in others:
                    context.close()
