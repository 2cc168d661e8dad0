"""How a page looks to a reader: Chromium with another window, taste or need for each look."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from tests.browsers.driver import chromium_process

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page


class Sight:
    """A Chromium process that looks at one server's pages.

    Args:
        process: the browser.
        url: where the server is.
    """

    def __init__(self, process: "Browser", url: str) -> None:
        self._process = process
        self._url = url

    @contextmanager
    def window(self, **manner: Any) -> Iterator["Page"]:
        """A window without a page for the length of a block.

        Args:
            manner: of the window and the reader, as Playwright names it. Scripts of tests are let
                in, which the page's policy would refuse.
        """
        context = self._process.new_context(bypass_csp=True, base_url=self._url, **manner)
        try:
            yield context.new_page()
        finally:
            context.close()

    @contextmanager
    def of(self, path: str, **manner: Any) -> Iterator["Page"]:
        """A page in a window of its own for the length of a block.

        Args:
            path: the page's; an address where it is another server's.
            manner: as of a window.
        """
        with self.window(**manner) as page:
            page.goto(path)
            yield page


@contextmanager
def looking_at(url: str) -> Iterator[Sight]:
    """Chromium for the length of a block."""
    with chromium_process() as process:
        yield Sight(process, url)
