"""Interface to a real browser with pages in tabs, reduced to what the tests need."""

import json
from abc import ABC, abstractmethod
from typing import Any

# The key codes of WebDriver and BiDi, by key name.
KEYS = {
    "Enter": "\ue006",
    "Escape": "\ue00c",
    "PageUp": "\ue00e",
    "PageDown": "\ue00f",
    "End": "\ue010",
    "Home": "\ue011",
    "ArrowLeft": "\ue012",
    "ArrowRight": "\ue014",
    "Control": "\ue009",
    "Tab": "\ue004",
}


class ScriptError(Exception):
    """JavaScript in the page threw; the message is that of its error."""


class Browser(ABC):
    """One browser process, whose tabs share one profile.

    Every call is about the current tab, which need not be the visible one.
    """

    @abstractmethod
    def open(self, url: str) -> None:
        """Load a page and wait for it; the connections of the page before end."""

    @property
    @abstractmethod
    def tab(self) -> str:
        """The name of the current tab."""

    @abstractmethod
    def new_tab(self) -> str:
        """Open an empty tab and make it the current one; returns its name."""

    @abstractmethod
    def switch(self, tab: str) -> None:
        """Make a tab the current one."""

    @abstractmethod
    def close_tab(self) -> None:
        """Close the current tab; the caller must switch to another one."""

    @abstractmethod
    def back(self) -> None:
        """Go back to the page before, and wait for it."""

    @abstractmethod
    def press(self, keys: str) -> None:
        """Press a key of `KEYS` or a letter in the page, or several together: `Control+End`."""

    def run(self, expression: str) -> Any:
        """Evaluate JavaScript in the page; a promise is awaited.

        Args:
            expression: Its value is returned by way of JSON; `undefined` becomes None.

        Raises:
            ScriptError: The script threw, or its promise was rejected.
        """
        function = f"async () => JSON.stringify((await ({expression})) ?? null)"
        return json.loads(self._call(function))

    @abstractmethod
    def _call(self, function: str) -> str:
        """Call a JavaScript function that returns a promise of a string."""


def key_actions(keys: str) -> list[dict[str, object]]:
    """Return the actions by which WebDriver and BiDi press those keys together."""
    values = [KEYS.get(key, key) for key in keys.split("+")]
    down = [{"type": "keyDown", "value": value} for value in values]
    up = [{"type": "keyUp", "value": value} for value in reversed(values)]
    return [{"type": "key", "id": "keyboard", "actions": [*down, *up]}]
