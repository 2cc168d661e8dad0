"""Playwright's driver and its Chromium processes, shared by all test files of a run.

They take seconds to start. Each file has browser contexts of its own, so that nothing of one
file is left for the next.
"""

import asyncio
import atexit
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING

from tests.servers import require

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Playwright

_NO_PAGE_CACHE = "--disable-back-forward-cache"
_WHOLE = ("chromium", "chromium-browser")
# Chromium's engine without its windows, which starts and opens pages in a third of the time. The
# full run has what people have.
_SHELL = "chromium-headless-shell"
WHOLE_BROWSER = "WHOLE_BROWSER"  # in the environment of the full run


def find_chromium(*, whole: bool = False) -> str:
    """Return the path of Chromium; without it the test is skipped, or fails in CI.

    Args:
        whole: Whether it has to be the program that people have, with its profiles.
    """
    names = _WHOLE if whole else (_SHELL, *_WHOLE)
    return require("chromium", next(filter(None, map(shutil.which, names)), None))


class _Driver:
    """The driver, started on demand, and its processes: the whole Chromium and its engine alone."""

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

    def process(self, whole: bool) -> "Browser":
        """Return the process of that kind; start it if there is none."""
        process = self._processes.get(whole)
        if process is None or not process.is_connected():
            process = self._processes[whole] = self._started().chromium.launch(
                executable_path=find_chromium(whole=whole),
                args=["--no-sandbox"],  # the sandbox does not start for root, as containers run it
                ignore_default_args=[_NO_PAGE_CACHE] if whole else None,
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
def chromium_process(*, whole: bool = False) -> Iterator["Browser"]:
    """Lend a Chromium process during the block; contexts opened in it are closed afterwards.

    Args:
        whole: Whether it has to be the program that people have, with its back/forward cache, which
            the engine alone does not have.
    """
    with lent_playwright():
        process = _DRIVER.process(whole or WHOLE_BROWSER in os.environ)
        others = list(process.contexts)
        try:
            yield process
        finally:
            for context in process.contexts:
                if context not in others:
                    context.close()
