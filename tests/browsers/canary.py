"""A Chromium that notices whatever runs, leaves or asks for what it was not to ask for.

It takes no notice of content security policies: what is stopped here is stopped by the words being
harmless, not by the policy behind them. Refuses to judge: it tells what it found.
"""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.browsers.injections import CANARY

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Dialog, Request

_STRUCTURE = Path(__file__).with_name("canary.js").read_text().rstrip("; \n")
# Errors of pictures, focus and toggling are told by then.
_SETTLED = "() => new Promise((done) => requestAnimationFrame(() => setTimeout(done)))"
_TRIES = 5
_NUMBER = re.compile(rf"{re.escape(CANARY)}/(\d+)/")


class Canary:
    """One page in a browser context of its own.

    `ran` are the numbers of the vectors that ran or asked the foreign host; they only grow.
    """

    def __init__(self, browser: "Browser") -> None:
        self._context = browser.new_context(bypass_csp=True)
        self._context.set_default_timeout(60_000)
        self._context.expose_binding("ran", lambda _, number=-1: self._notice(number, "ran"))
        # Which has no address: routes would keep the browser from caching what pages share.
        self._context.on("request", self._watch)
        self.page = self._context.new_page()
        self._context.on("page", lambda page: self._notice(-1, f"opened {page.url}"))
        self.page.on("dialog", self._answer)
        self.ran: set[int] = set()
        self._noticed: list[str] = []

    def close(self) -> None:
        """Close the page."""
        self._context.close()

    def show(self, markup: str) -> list[str]:
        """Put a page of no server's into it; gives what was found there."""
        self._leave()
        self.page.set_content(markup, wait_until="commit")
        self.page.wait_for_load_state()
        return self.look("about:blank")

    def _leave(self) -> None:
        """Go to an empty page; a vector that is on its way elsewhere may come in between."""
        from playwright.sync_api import Error

        for patience in range(_TRIES, 0, -1):
            try:
                self.page.goto("about:blank")
            except Error:
                if patience == 1:
                    raise
                self.page.wait_for_timeout(100)
            else:
                return

    def visit(self, address: str) -> list[str]:
        """Open a page; gives what was found there, nothing if all is well."""
        from playwright.sync_api import Error

        try:
            self.page.goto(address)
        except Error as error:
            self._noticed.append(error.message)
        return self.look(address)

    def look(self, address: str) -> list[str]:
        """What was found since the last look at the open page.

        Args:
            address: at which it still has to be.
        """
        found = self._examine()
        if self.page.url != address:
            found.append(f"went to {self.page.url}")
        if len(self.page.frames) > 1:
            found.append(f"{len(self.page.frames) - 1} frames")
        found += self._noticed
        self._noticed.clear()
        return found

    def _examine(self) -> list[str]:
        from playwright.sync_api import Error

        try:
            self.page.evaluate(_SETTLED)
            found: list[str] = self.page.evaluate(_STRUCTURE)
        except Error as error:  # it is on its way to another page
            self.page.wait_for_load_state()
            found = [error.message]
        return found

    def texts(self, selector: str) -> list[str]:
        """The words of those elements, as they stand in the document."""
        words = "(found) => found.map((element) => element.textContent.trim())"
        texts: list[str] = self.page.locator(selector).evaluate_all(words)
        return texts

    def _notice(self, number: Any, what: str) -> None:
        self.ran.add(int(number))
        self._noticed.append(f"number {number}: {what}")

    def _watch(self, request: "Request") -> None:
        if CANARY in request.url.split("?")[0]:
            number = _NUMBER.search(request.url)
            self._notice(number[1] if number else -1, f"asked for {request.url}")

    def _answer(self, dialog: "Dialog") -> None:
        self._notice(-1, f"said {dialog.message}")
        dialog.dismiss()
