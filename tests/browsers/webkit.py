"""WebKitGTK, the engine that Safari has too, driven by its own WebDriver on a screen in memory.

Source: W3C, WebDriver.
"""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx

from tests.browsers.browser import Browser, ScriptError, strokes
from tests.browsers.process import running
from tests.ports import free_port
from tests.servers import require

_PATIENCE = 90  # seconds for an answer: more than a script in the page waits for anything
_START = 30  # seconds for the driver to come up, and for a first answer
_TRIES = 3


class DriverError(Exception):
    """The driver refused a command."""


class WebKit(Browser):
    """A window of WebKit's MiniBrowser.

    Args:
        driver: a client of the driver.
        program: the browser.
    """

    def __init__(self, driver: httpx.Client, program: str) -> None:
        self._driver = driver
        self._session = ""
        options = {"binary": program, "args": ["--automation"]}
        wanted = {"alwaysMatch": {"webkitgtk:browserOptions": options}}
        self._session = f"/{self.ask('', capabilities=wanted)['sessionId']}"
        self.ask("/timeouts", script=_PATIENCE * 1000)
        self._tab = self._get("/window")

    def open(self, url: str) -> None:
        """Load a page."""
        self.ask("/url", url=url)

    @property
    def tab(self) -> str:
        """The tab that is asked."""
        return self._tab

    def new_tab(self) -> str:
        """Open a tab."""
        self.switch(self.ask("/window/new", type="tab")["handle"])
        return self._tab

    def switch(self, tab: str) -> None:
        """Ask another tab."""
        if tab != self._tab:
            self.ask("/window", handle=tab)
            self._tab = tab

    def close_tab(self) -> None:
        """Close the tab."""
        self._driver.delete(f"/session{self._session}/window")
        self._tab = ""

    def back(self) -> None:
        """Go back."""
        left = self._get("/url")
        self.ask("/back")
        while self._get("/url") == left:
            time.sleep(0.05)

    def close(self) -> None:
        """Close the window, and with it the browser."""
        self._driver.delete(f"/session{self._session}")

    @property
    def answers(self) -> bool:
        """Whether it opens a page and runs a script there, as it should at once."""
        self._driver.timeout = httpx.Timeout(_START)
        try:
            self.open("data:text/html,<p>Are you there?</p>")
            return bool(self.run("document.querySelector('p') !== null"))
        except httpx.ReadTimeout:
            return False
        finally:
            self._driver.timeout = httpx.Timeout(_PATIENCE)

    def ask(self, command: str, **parameters: Any) -> Any:
        """Give a command, and wait for its result.

        Raises:
            DriverError: it was refused.
            ScriptError: JavaScript threw.
        """
        answer = self._driver.post(f"/session{self._session}{command}", json=parameters)
        value = answer.json()["value"]
        if isinstance(value, dict) and "error" in value:
            kind = ScriptError if value["error"] == "javascript error" else DriverError
            raise kind(f"{value['error']}: {value['message']}")
        return value

    def press(self, keys: str) -> None:
        """Press keys."""
        self.ask("/actions", actions=strokes(keys))

    def _get(self, what: str) -> str:
        return str(self._driver.get(f"/session{self._session}{what}").json()["value"])

    def _call(self, function: str) -> str:
        return str(self.ask("/execute/sync", script=f"return ({function})()", args=[]))


@contextmanager
def webkit() -> Iterator[WebKit]:
    """Run WebKit for the length of a block, with a home that nobody used before.

    On a busy machine one in some hundred never answers its first script: then another is run.
    """
    for patience in range(_TRIES, 0, -1):
        with _webkit() as browser:
            if patience > 1 and not browser.answers:
                continue
            yield browser
            return


@contextmanager
def _webkit() -> Iterator[WebKit]:
    driver = require("WebKitWebDriver", shutil.which("WebKitWebDriver"))
    homes = Path("/usr/lib").glob("*/webkit2gtk-4.*/MiniBrowser")
    program = require("WebKit's MiniBrowser", max(map(str, homes), default=None))
    screen = require("Xvfb", shutil.which("Xvfb"))
    command = [driver, f"--port={(port := free_port())}"]
    with tempfile.TemporaryDirectory(prefix="dateline-", ignore_cleanup_errors=True) as folder:
        environment = os.environ | {"HOME": folder, "XDG_RUNTIME_DIR": folder}
        # Without a bus of the machine's there is nobody to tell about accessibility.
        environment |= {"NO_AT_BRIDGE": "1", "GDK_BACKEND": "x11"}
        with (
            _display(screen) as environment["DISPLAY"],
            running(command, environment) as process,
            httpx.Client(
                base_url=f"http://127.0.0.1:{port}", timeout=_PATIENCE, trust_env=False
            ) as client,
        ):
            _wait(process, client)
            browser = WebKit(client, program)
            try:
                yield browser
            finally:
                client.timeout = httpx.Timeout(_START)
                with suppress(httpx.TransportError):  # its processes end in any case
                    browser.close()


def _wait(process: subprocess.Popen[bytes], client: httpx.Client) -> None:
    deadline = time.monotonic() + _START
    while time.monotonic() < deadline and process.poll() is None:
        with suppress(httpx.TransportError):
            client.get("/status")
            return
        time.sleep(0.05)
    raise RuntimeError(f"WebKitWebDriver did not come up (exit code {process.poll()})")


@contextmanager
def _display(program: str) -> Iterator[str]:
    """Run an X server without a screen; gives the number that it found free."""
    number = ["-displayfd", "1", "-screen", "0", "1280x900x24", "-nolisten", "tcp"]
    with running([program, *number], os.environ, subprocess.PIPE) as process:
        assert process.stdout is not None
        yield f":{int(process.stdout.readline())}"
