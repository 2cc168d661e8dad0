"""Pages in Chromium with chosen windows, colour schemes and other context options."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from tests.browsers.driver import chromium_process

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page


class PageViewer:
    """A Chromium process that opens one server's pages.

    Args:
        process: The browser.
        url: The server's URL.
    """

    def __init__(self, process: "Browser", url: str) -> None:
        self._process = process
        self._url = url

    @contextmanager
    def window(self, **context_options: Any) -> Iterator["Page"]:
        """Open an empty page in a browser context of its own, closed after the block.

        Args:
            context_options: Options of the context, as Playwright names them. The pages' content
                security policy is not enforced, so that tests can run scripts.
        """
        context = self._process.new_context(bypass_csp=True, base_url=self._url, **context_options)
        try:
            yield context.new_page()
        finally:
            context.close()

    @contextmanager
    def open(self, path: str, **context_options: Any) -> Iterator["Page"]:
        """Load a page in a browser context of its own, closed after the block.

        Args:
            path: The page's path; a URL for another server.
            context_options: As for `window`.
        """
        with self.window(**context_options) as page:
            page.goto(path)
            yield page


@contextmanager
def page_viewer(url: str) -> Iterator[PageViewer]:
    """Run Chromium during the block."""
    with chromium_process() as process:
        yield PageViewer(process, url)
