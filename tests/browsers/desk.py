"""The desk in Chromium with a person signed in."""

import json
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from tests.browsers.driver import find_chromium
from tests.browsers.process import running
from tests.contract.timeline import Timeline
from tests.dateline import DatelineServer
from tests.signed_in import sign_in

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page, Playwright

Json = dict[str, Any]

# Two editors and a contributor of `staffed_newsroom`, and its zone, which is unlikely to be the
# test machine's.
ED, JO, CO = "ed@example.org", "jo@example.org", "co@example.org"
ZONE = ZoneInfo("Asia/Yerevan")
_START_TIMEOUT = 60.0  # seconds
READY = "form.composer:not([aria-busy])"


class Desk:
    """One person's browser context, whose tabs share cookies and storage.

    Args:
        context: The browser context.
        server: The desk's server.
        email: The address of the person.
        url: The URL by which the browser reaches the server; empty: the server's own.
    """

    def __init__(
        self, context: "BrowserContext", server: DatelineServer, email: str, url: str = ""
    ) -> None:
        self.context = context
        self.server = server
        self.url = url or server.url
        self.enter(email)

    def enter(self, email: str) -> None:
        """Sign a person in, in place of the one before."""
        self.context.clear_cookies()
        with sign_in(self.server, email) as client:
            self.context.add_cookies(
                [
                    {"name": cookie.name, "value": cookie.value or "", "url": self.url}
                    for cookie in client.cookies.jar
                ]
            )

    def open(self, slug: str) -> "Page":
        """Open a coverage's desk in a new tab, and wait until its composer is ready."""
        page = self.context.new_page()
        page.goto(f"{self.url}/desk/coverages/{slug}")
        page.locator(READY).wait_for()
        return page


def write(page: "Page", text: str) -> None:
    """Focus the text by its shortcut, and type."""
    page.keyboard.press("Control+Alt+w")
    page.keyboard.type(text)


def published_bodies(timeline: Timeline) -> list[str]:
    """Return the Markdown of a coverage's public entries, oldest first."""
    entries = timeline.newsroom.reader.get(f"{timeline.path}/entries?limit=100").json()["entries"]
    return [entry["body"]["markdown"] for entry in reversed(entries)]


def drafts(timeline: Timeline) -> list[Json]:
    """Return a coverage's drafts and scheduled entries."""
    answer = timeline.newsroom.editor.get(f"{timeline.path}/drafts").raise_for_status()
    documents: list[Json] = answer.json()["drafts"]
    return documents


def until(page: "Page", condition: str) -> None:
    """Wait until a JavaScript expression, or its promise, is true."""
    # `wait_for_function` would need `eval`, which the page's policy forbids.
    page.evaluate(
        f"""async () => {{
          while (!(await ({condition}))) await new Promise((done) => setTimeout(done, 20));
        }}"""
    )


def until_kept(page: "Page", text: str) -> None:
    """Wait until the browser's IndexedDB has a text."""
    until(
        page,
        f"({_READ_STORE})('texts').then((all) => all.some({_HAS_TEXT.format(json.dumps(text))}))",
    )


def until_sent(page: "Page") -> None:
    """Wait until the browser's outbox is empty."""
    until(page, f"({_READ_STORE})('letters').then((letters) => !letters.length)")
    until(page, "document.querySelector('.outbox').hidden")


def publish_text(page: "Page") -> None:
    """Publish what is written, and wait until the desk says so.

    An empty outbox does not say so: the text reaches it after its fields have been emptied.
    """
    page.keyboard.press("Control+Enter")
    until(page, "document.querySelector('.composer .message').textContent === 'Published.'")


_HAS_TEXT = "(text) => text.values.body === {}"
_READ_STORE = """async (name) => {
  const asked = indexedDB.open("dateline desk");
  const database = await new Promise((done) => (asked.onsuccess = () => done(asked.result)));
  const all = database.transaction(name).objectStore(name).getAll();
  const found = await new Promise((done) => (all.onsuccess = () => done(all.result)));
  database.close();
  return found;
}"""


class KillableChromium:
    """A Chromium process with a profile of its own, which is killed.

    Args:
        playwright: Playwright, which drives it.
        profile: The folder of its profile.
    """

    def __init__(self, playwright: "Playwright", profile: Path) -> None:
        self._playwright = playwright
        self._profile = profile

    @contextmanager
    def run(self) -> Iterator["Browser"]:
        """Run the process during the block, and kill it by SIGKILL at its end."""
        program = find_chromium(whole=True)
        port_file = self._profile / "DevToolsActivePort"
        port_file.unlink(missing_ok=True)
        command = [program, "--headless=new", "--no-sandbox", "--no-first-run"]
        command += [f"--user-data-dir={self._profile}", "--remote-debugging-port=0", "about:blank"]
        with running(command, {"HOME": str(self._profile)}) as process:
            port = _read_port(port_file)
            yield self._playwright.chromium.connect_over_cdp(f"http://127.0.0.1:{port}")
            process.send_signal(signal.SIGKILL)
            process.wait()


def _read_port(port_file: Path) -> int:
    deadline = time.monotonic() + _START_TIMEOUT
    while time.monotonic() < deadline:
        with suppress(OSError, ValueError, IndexError):
            return int(port_file.read_text().splitlines()[0])
        time.sleep(0.05)
    raise RuntimeError("Chromium does not say where it listens")
