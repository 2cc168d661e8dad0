"""Playwright's driver and its Chromium processes, shared by all test files of a run.

They take seconds to start. Each file has browser contexts of its own, so that nothing of one
file is left for the next.
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

_NO_PAGE_CACHE = "--disable-back-forward-cache"


class _Driver:
    """The driver, started on demand, and its processes, with a back/forward cache and without."""

    def __init__(self) -> None:
        self._playwright: Playwright | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._processes: dict[bool, Browser] = {}

    @contextmanager
    def lend(self) -> Iterator["Playwright"]:
        """Lend Playwright during the block.

        Its event loop counts as running also between two calls, so that other tests could not run a
        loop of their own. Outside of the block no loop counts as running.
        """
        before = asyncio._get_running_loop()
        try:
            yield self._started()
        finally:
            asyncio._set_running_loop(before)

    def _started(self) -> "Playwright":
        if self._playwright is None:
            require("playwright", find_spec("playwright"))
            from playwright.sync_api import sync_playwright

            self._playwright = sync_playwright().start()
            self._loop = asyncio.get_running_loop()
            atexit.register(self._stop)
        asyncio._set_running_loop(self._loop)
        return self._playwright

    def process(self, keeps_pages: bool) -> "Browser":
        """Return the process of that kind; start it if there is none."""
        process = self._processes.get(keeps_pages)
        if process is None or not process.is_connected():
            program = shutil.which("chromium") or shutil.which("chromium-browser")
            process = self._processes[keeps_pages] = self._started().chromium.launch(
                executable_path=require("chromium", program),
                args=["--no-sandbox"],  # the sandbox does not start for root, as containers run it
                ignore_default_args=[_NO_PAGE_CACHE] if keeps_pages else None,
            )
        return process

    def _stop(self) -> None:
        with self.lend() as playwright:
            for process in self._processes.values():
                process.close()
            playwright.stop()


_DRIVER = _Driver()
lent_playwright = _DRIVER.lend


@contextmanager
def chromium_process(*, keeps_pages: bool = False) -> Iterator["Browser"]:
    """Lend a Chromium process during the block; contexts opened in it are closed afterwards.

    Args:
        keeps_pages: Whether it has the back/forward cache that Playwright switches off by default.
    """
    with lent_playwright():
        process = _DRIVER.process(keeps_pages)
        others = list(process.contexts)
        try:
            yield process
        finally:
            for context in process.contexts:
                if context not in others:
                    context.close()
