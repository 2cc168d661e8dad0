"""A Chromium page that records scripts that run, navigations, dialogs and foreign requests.

Content security policies are not enforced: a vector must be made harmless by escaping and
sanitising alone. The findings are returned, not judged.
"""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.browsers.injections import CANARY

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Dialog, Request, ViewportSize

_STRUCTURE = Path(__file__).with_name("canary.js").read_text().rstrip("; \n")
# After that, the events of images, focus and toggling have been dispatched.
_SETTLED = "() => new Promise((done) => requestAnimationFrame(() => setTimeout(done)))"
_TRIES = 5
_NUMBER = re.compile(rf"{re.escape(CANARY)}/(\d+)/")


class Canary:
    """One page in a browser context of its own.

    `ran` has the numbers of all vectors that ran or sent a request to the foreign host so far.
    """

    def __init__(self, browser: "Browser") -> None:
        # So high that entries come in below a head that is full of long vectors: out of view they
        # would wait.
        viewport: ViewportSize = {"width": 1280, "height": 2000}
        self._context = browser.new_context(bypass_csp=True, viewport=viewport)
        self._context.set_default_timeout(60_000)
        self._context.expose_binding("ran", lambda _, number=-1: self._notice(number, "ran"))
        # An event, not a route: routes switch off the browser's HTTP cache.
        self._context.on("request", self._watch)
        self.page = self._context.new_page()
        self._context.on("page", lambda page: self._notice(-1, f"opened {page.url}"))
        self.page.on("dialog", self._answer)
        self.ran: set[int] = set()
        self._observed: list[str] = []

    def close(self) -> None:
        """Close the page."""
        self._context.close()

    def show(self, markup: str) -> list[str]:
        """Show markup without a server; returns the findings."""
        self._leave()
        self.page.set_content(markup, wait_until="commit")
        self.page.wait_for_load_state()
        return self.findings("about:blank")

    def _leave(self) -> None:
        """Go to an empty page; retried, as a navigation started by a vector may interfere."""
        from playwright.sync_api import Error

        for tries_left in range(_TRIES, 0, -1):
            try:
                self.page.goto("about:blank")
            except Error:
                if tries_left == 1:
                    raise
                self.page.wait_for_timeout(100)
            else:
                return

    def visit(self, address: str) -> list[str]:
        """Open a page; returns the findings, an empty list if there are none."""
        from playwright.sync_api import Error

        try:
            self.page.goto(address)
        except Error as error:
            self._observed.append(error.message)
        return self.findings(address)

    def findings(self, address: str) -> list[str]:
        """Return the findings on the open page since the last call.

        Args:
            address: The URL that the page must still have.
        """
        results = self._examine()
        if self.page.url != address:
            results.append(f"went to {self.page.url}")
        if len(self.page.frames) > 1:
            results.append(f"{len(self.page.frames) - 1} frames")
        results += self._observed
        self._observed.clear()
        return results

    def _examine(self) -> list[str]:
        from playwright.sync_api import Error

        try:
            self.page.evaluate(_SETTLED)
            results: list[str] = self.page.evaluate(_STRUCTURE)
        except Error as error:  # the page is navigating to another one
            self.page.wait_for_load_state()
            results = [error.message]
        return results

    def texts(self, selector: str) -> list[str]:
        """Return the texts of the elements, in document order."""
        script = "(found) => found.map((element) => element.textContent.trim())"
        texts: list[str] = self.page.locator(selector).evaluate_all(script)
        return texts

    def _notice(self, number: Any, what: str) -> None:
        self.ran.add(int(number))
        self._observed.append(f"number {number}: {what}")

    def _watch(self, request: "Request") -> None:
        if CANARY in request.url.split("?")[0]:
            number = _NUMBER.search(request.url)
            self._notice(number[1] if number else -1, f"asked for {request.url}")

    def _answer(self, dialog: "Dialog") -> None:
        self._notice(-1, f"said {dialog.message}")
        dialog.dismiss()
