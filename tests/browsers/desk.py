"""The desk in a browser, as somebody signed in works at it."""

import json
import shutil
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from tests.browsers.process import running
from tests.dateline import DatelineServer
from tests.servers import require
from tests.signed_in import sign_in

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page, Playwright

_PATIENCE = 60.0  # seconds
READY = "form.composer:not([aria-busy])"


class Desk:
    """One person's browser: its tabs share what a browser keeps.

    Args:
        context: where the tabs are.
        server: whose desk it is.
        email: of who is signed in.
        url: where the browser finds the server, if not directly.
    """

    def __init__(
        self, context: "BrowserContext", server: DatelineServer, email: str, url: str = ""
    ) -> None:
        self.context = context
        self.server = server
        self.url = url or server.url
        self.enter(email)

    def enter(self, email: str) -> None:
        """Sign somebody in, instead of whoever was."""
        self.context.clear_cookies()
        with sign_in(self.server, email) as client:
            self.context.add_cookies(
                [
                    {"name": cookie.name, "value": cookie.value or "", "url": self.url}
                    for cookie in client.cookies.jar
                ]
            )

    def open(self, slug: str) -> "Page":
        """A new tab with a coverage's desk, ready to be written in."""
        page = self.context.new_page()
        page.goto(f"{self.url}/desk/coverages/{slug}")
        page.locator(READY).wait_for()
        return page


def write(page: "Page", words: str) -> None:
    """Go to the text by its key, and type."""
    page.keyboard.press("Control+Alt+w")
    page.keyboard.type(words)


def until(page: "Page", condition: str) -> None:
    """Wait until JavaScript says yes, which it may do in time."""
    # Not by Playwright's own means: the page's policy lets no text become a script.
    page.evaluate(
        f"""async () => {{
          while (!(await ({condition}))) await new Promise((done) => setTimeout(done, 20));
        }}"""
    )


def until_kept(page: "Page", words: str) -> None:
    """Wait until the browser itself has stored a text."""
    until(
        page, f"({_SHELF})('texts').then((texts) => texts.some({_SAYS.format(json.dumps(words))}))"
    )


def until_sent(page: "Page") -> None:
    """Wait until nothing that was sent waits in the browser."""
    until(page, f"({_SHELF})('letters').then((letters) => !letters.length)")
    until(page, "document.querySelector('.outbox').hidden")


_SAYS = "(text) => text.values.body === {}"
_SHELF = """async (name) => {
  const asked = indexedDB.open("dateline desk");
  const database = await new Promise((done) => (asked.onsuccess = () => done(asked.result)));
  const all = database.transaction(name).objectStore(name).getAll();
  const found = await new Promise((done) => (all.onsuccess = () => done(all.result)));
  database.close();
  return found;
}"""


class Mortal:
    """A Chromium process of its own, with a profile, that can be killed.

    Args:
        playwright: what drives it.
        profile: the folder in which it keeps what it keeps.
    """

    def __init__(self, playwright: "Playwright", profile: Path) -> None:
        self._playwright = playwright
        self._profile = profile

    @contextmanager
    def run(self) -> Iterator["Browser"]:
        """Run it for the length of a block, which ends with its death and not by leave."""
        program = require("chromium", shutil.which("chromium") or shutil.which("chromium-browser"))
        told = self._profile / "DevToolsActivePort"
        told.unlink(missing_ok=True)
        command = [program, "--headless=new", "--no-sandbox", "--no-first-run"]
        command += [f"--user-data-dir={self._profile}", "--remote-debugging-port=0", "about:blank"]
        with running(command, {"HOME": str(self._profile)}) as process:
            port = _read_port(told)
            yield self._playwright.chromium.connect_over_cdp(f"http://127.0.0.1:{port}")
            process.send_signal(signal.SIGKILL)
            process.wait()


def _read_port(told: Path) -> int:
    end = time.monotonic() + _PATIENCE
    while time.monotonic() < end:
        with suppress(OSError, ValueError, IndexError):
            return int(told.read_text().splitlines()[0])
        time.sleep(0.05)
    raise RuntimeError("Chromium does not say where it listens")
