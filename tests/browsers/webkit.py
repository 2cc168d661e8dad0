"""WebKitGTK, which has Safari's engine, driven by its own WebDriver in a virtual display.

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

from tests.browsers.browser import Browser, ScriptError, key_actions
from tests.browsers.process import running
from tests.ports import free_port
from tests.servers import require

_ANSWER_TIMEOUT = 90  # seconds; longer than any script in a page waits
_START_TIMEOUT = 30  # seconds for the driver to start, and for its first answer
_STARTS = 3


class DriverError(Exception):
    """The driver refused a command."""


class WebKit(Browser):
    """A window of WebKit's MiniBrowser.

    Args:
        driver: HTTP client of the WebDriver.
        program: Path of the browser.
    """

    def __init__(self, driver: httpx.Client, program: str) -> None:
        self._driver = driver
        self._session = ""
        options = {"binary": program, "args": ["--automation"]}
        capabilities = {"alwaysMatch": {"webkitgtk:browserOptions": options}}
        self._session = f"/{self.command('', capabilities=capabilities)['sessionId']}"
        self.command("/timeouts", script=_ANSWER_TIMEOUT * 1000)
        self._tab = self._get("/window")

    def open(self, url: str) -> None:
        """Load a page."""
        self.command("/url", url=url)

    @property
    def tab(self) -> str:
        """The handle of the current tab."""
        return self._tab

    def new_tab(self) -> str:
        """Open a tab."""
        self.switch(self.command("/window/new", type="tab")["handle"])
        return self._tab

    def switch(self, tab: str) -> None:
        """Make a tab the current one."""
        if tab != self._tab:
            self.command("/window", handle=tab)
            self._tab = tab

    def close_tab(self) -> None:
        """Close the tab."""
        self._driver.delete(f"/session{self._session}/window")
        self._tab = ""

    def back(self) -> None:
        """Go back."""
        previous = self._get("/url")
        self.command("/back")
        while self._get("/url") == previous:
            time.sleep(0.05)

    def close(self) -> None:
        """Close the window, and with it the browser."""
        self._driver.delete(f"/session{self._session}")

    @property
    def answers(self) -> bool:
        """Whether the browser opens a page and runs a script in it within the start time-out."""
        self._driver.timeout = httpx.Timeout(_START_TIMEOUT)
        try:
            self.open("data:text/html,<p>Are you there?</p>")
            return bool(self.run("document.querySelector('p') !== null"))
        except httpx.ReadTimeout:
            return False
        finally:
            self._driver.timeout = httpx.Timeout(_ANSWER_TIMEOUT)

    def command(self, path: str, **parameters: Any) -> Any:
        """Send a command and wait for its result.

        Raises:
            DriverError: The driver refused it.
            ScriptError: JavaScript threw.
        """
        answer = self._driver.post(f"/session{self._session}{path}", json=parameters)
        value = answer.json()["value"]
        if isinstance(value, dict) and "error" in value:
            kind = ScriptError if value["error"] == "javascript error" else DriverError
            raise kind(f"{value['error']}: {value['message']}")
        return value

    def press(self, keys: str) -> None:
        """Press keys."""
        self.command("/actions", actions=key_actions(keys))

    def _get(self, path: str) -> str:
        return str(self._driver.get(f"/session{self._session}{path}").json()["value"])

    def _call(self, function: str) -> str:
        return str(self.command("/execute/sync", script=f"return ({function})()", args=[]))


@contextmanager
def webkit() -> Iterator[WebKit]:
    """Run WebKit during the block, with a new home directory.

    On a busy machine about one start in some hundred never answers its first script; it is retried.
    """
    for tries_left in range(_STARTS, 0, -1):
        with _webkit() as browser:
            if tries_left > 1 and not browser.answers:
                continue
            yield browser
            return


@contextmanager
def _webkit() -> Iterator[WebKit]:
    driver = require("WebKitWebDriver", shutil.which("WebKitWebDriver"))
    programs = Path("/usr/lib").glob("*/webkit2gtk-4.*/MiniBrowser")
    program = require("WebKit's MiniBrowser", max(map(str, programs), default=None))
    xvfb = require("Xvfb", shutil.which("Xvfb"))
    command = [driver, f"--port={(port := free_port())}"]
    with tempfile.TemporaryDirectory(prefix="dateline-", ignore_cleanup_errors=True) as folder:
        environment = os.environ | {"HOME": folder, "XDG_RUNTIME_DIR": folder}
        # Without a session bus there is no accessibility bridge to connect to.
        environment |= {"NO_AT_BRIDGE": "1", "GDK_BACKEND": "x11"}
        with (
            _display(xvfb) as environment["DISPLAY"],
            running(command, environment) as process,
            httpx.Client(
                base_url=f"http://127.0.0.1:{port}", timeout=_ANSWER_TIMEOUT, trust_env=False
            ) as client,
        ):
            _wait(process, client)
            browser = WebKit(client, program)
            try:
                yield browser
            finally:
                client.timeout = httpx.Timeout(_START_TIMEOUT)
                with suppress(httpx.TransportError):  # its processes are killed in any case
                    browser.close()


def _wait(process: subprocess.Popen[bytes], client: httpx.Client) -> None:
    deadline = time.monotonic() + _START_TIMEOUT
    while time.monotonic() < deadline and process.poll() is None:
        with suppress(httpx.TransportError):
            client.get("/status")
            return
        time.sleep(0.05)
    raise RuntimeError(f"WebKitWebDriver did not come up (exit code {process.poll()})")


@contextmanager
def _display(program: str) -> Iterator[str]:
    """Run a virtual X server; yields its display."""
    options = ["-displayfd", "1", "-screen", "0", "1280x900x24", "-nolisten", "tcp"]
    with running([program, *options], os.environ, subprocess.PIPE) as process:
        assert process.stdout is not None
        yield f":{int(process.stdout.readline())}"
