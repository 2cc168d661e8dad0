"""Firefox, driven by WebDriver BiDi: JSON over a WebSocket, which every Firefox speaks by itself.

Playwright drives a Firefox of its own make only, and Debian has no geckodriver.

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

from tests.browsers.browser import Browser, ScriptError, strokes
from tests.browsers.process import running
from tests.servers import require

_PATIENCE = 90  # seconds for an answer: more than a script in the page waits for anything
_START = 60  # seconds for the browser to come up


class BidiError(Exception):
    """Firefox refused a command."""


class Firefox(Browser):
    """A headless Firefox with a session of its own.

    Args:
        line: to its remote agent.
    """

    def __init__(self, line: ClientConnection) -> None:
        self._line = line
        self._number = 0
        self.ask("session.new", capabilities={})
        (tab,) = self.ask("browsingContext.getTree")["contexts"]
        self.context: str = tab["context"]

    def open(self, url: str) -> None:
        """Load a page."""
        self.ask("browsingContext.navigate", context=self.context, url=url, wait="complete")

    @property
    def tab(self) -> str:
        """The tab that is asked."""
        return self.context

    def new_tab(self) -> str:
        """Open a tab."""
        self.context = self.ask("browsingContext.create", type="tab")["context"]
        return self.context

    def switch(self, tab: str) -> None:
        """Ask another tab."""
        self.context = tab

    def close_tab(self) -> None:
        """Close the tab."""
        self.ask("browsingContext.close", context=self.context)

    def back(self) -> None:
        """Go back."""
        self.ask("browsingContext.traverseHistory", context=self.context, delta=-1)

    def ask(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Give a command, and wait for its result.

        Raises:
            BidiError: it was refused.
            TimeoutError: there was no answer.
        """
        self._number += 1
        self._line.send(json.dumps({"id": self._number, "method": method, "params": parameters}))
        while (answer := json.loads(self._line.recv(_PATIENCE))).get("id") != self._number:
            pass  # events, which nobody subscribed to, have no number
        if answer["type"] == "error":
            raise BidiError(f"{method}: {answer['error']}: {answer['message']}")
        return dict(answer["result"])

    def press(self, keys: str) -> None:
        """Press keys."""
        # A window that is not in front has no focus to press them in.
        self.ask("browsingContext.activate", context=self.context)
        self.ask("input.performActions", context=self.context, actions=strokes(keys))

    def _call(self, function: str) -> str:
        answer = self.ask(
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
    """Run Firefox for the length of a block, with a profile that nobody used before."""
    program = require("firefox", shutil.which("firefox-esr") or shutil.which("firefox"))
    with tempfile.TemporaryDirectory(prefix="dateline-", ignore_cleanup_errors=True) as folder:
        command = [program, "--headless", "--profile", folder, "--remote-debugging-port", "0"]
        with running(command, os.environ | {"HOME": folder}) as process:
            address = _address(process, Path(folder) / "WebDriverBiDiServer.json")
            with connect(f"{address}/session", max_size=None, proxy=None) as line:
                yield Firefox(line)


def _address(process: subprocess.Popen[bytes], note: Path) -> str:
    deadline = time.monotonic() + _START
    while time.monotonic() < deadline and process.poll() is None:
        # The note may be half written when it is first seen.
        with suppress(FileNotFoundError, json.JSONDecodeError):
            place = json.loads(note.read_text())
            return f"ws://{place['ws_host']}:{place['ws_port']}"
        time.sleep(0.05)
    raise RuntimeError(f"Firefox did not come up (exit code {process.poll()})")
