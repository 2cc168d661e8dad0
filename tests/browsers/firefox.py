"""Firefox, driven by WebDriver BiDi: JSON over a WebSocket, supported by every Firefox.

Playwright drives only its own build of Firefox, and Debian has no geckodriver.

Source: W3C, WebDriver BiDi.
"""

import json
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from websockets.sync.client import ClientConnection, connect

from tests.browsers.browser import Browser, ScriptError, key_actions
from tests.browsers.process import running
from tests.servers import require

_ANSWER_TIMEOUT = 90  # seconds; longer than any script in a page waits
_START_TIMEOUT = 60  # seconds


class BidiError(Exception):
    """Firefox refused a command."""


class Firefox(Browser):
    """A headless Firefox with a session of its own.

    Args:
        connection: The WebSocket to its remote agent.
    """

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection
        self._number = 0
        self.command("session.new", capabilities={})
        (first,) = self.command("browsingContext.getTree")["contexts"]
        # The tab of a new window has no focus until another one had it, so that no link shows it.
        self.context: str = first["context"]
        self.new_tab()
        self.command("browsingContext.close", context=first["context"])

    def open(self, url: str) -> None:
        """Load a page."""
        self.command("browsingContext.navigate", context=self.context, url=url, wait="complete")

    @property
    def tab(self) -> str:
        """The name of the current tab."""
        return self.context

    def new_tab(self) -> str:
        """Open a tab."""
        self.context = self.command("browsingContext.create", type="tab")["context"]
        return self.context

    def switch(self, tab: str) -> None:
        """Make a tab the current one."""
        self.context = tab

    def close_tab(self) -> None:
        """Close the tab."""
        self.command("browsingContext.close", context=self.context)

    def back(self) -> None:
        """Go back."""
        self.command("browsingContext.traverseHistory", context=self.context, delta=-1)

    def command(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Send a command and wait for its result.

        Raises:
            BidiError: Firefox refused it.
            TimeoutError: There was no answer in time.
        """
        self._number += 1
        self._connection.send(
            json.dumps({"id": self._number, "method": method, "params": parameters})
        )
        while (answer := json.loads(self._connection.recv(_ANSWER_TIMEOUT))).get(
            "id"
        ) != self._number:
            pass  # events have no id, and nothing here subscribes to any
        if answer["type"] == "error":
            raise BidiError(f"{method}: {answer['error']}: {answer['message']}")
        return dict(answer["result"])

    def press(self, keys: str) -> None:
        """Press keys."""
        # A window in the background has no focus, and so ignores keys.
        self.command("browsingContext.activate", context=self.context)
        self.command("input.performActions", context=self.context, actions=key_actions(keys))

    def _call(self, function: str) -> str:
        answer = self.command(
            "script.callFunction",
            functionDeclaration=function,
            awaitPromise=True,
            target={"context": self.context},
        )
        if answer["type"] == "exception":
            raise ScriptError(answer["exceptionDetails"]["text"])
        return str(answer["result"]["value"])


@contextmanager
def firefox() -> Iterator[Firefox]:
    """Run Firefox during the block, with a new profile."""
    program = require("firefox", shutil.which("firefox-esr") or shutil.which("firefox"))
    with tempfile.TemporaryDirectory(prefix="dateline-", ignore_cleanup_errors=True) as folder:
        arguments = [program, "--headless", "--profile", folder, "--remote-debugging-port", "0"]
        with running(arguments, os.environ | {"HOME": folder}) as process:
            address = _address(process, Path(folder) / "WebDriverBiDiServer.json")
            with connect(f"{address}/session", max_size=None, proxy=None) as connection:
                yield Firefox(connection)


def _address(process: subprocess.Popen[bytes], address_file: Path) -> str:
    deadline = time.monotonic() + _START_TIMEOUT
    while time.monotonic() < deadline and process.poll() is None:
        # The file may be read while Firefox is still writing it.
        with suppress(FileNotFoundError, json.JSONDecodeError):
            endpoint = json.loads(address_file.read_text())
            return f"ws://{endpoint['ws_host']}:{endpoint['ws_port']}"
        time.sleep(0.05)
    raise RuntimeError(f"Firefox did not come up (exit code {process.poll()})")
