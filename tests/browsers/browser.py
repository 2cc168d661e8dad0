"""A real browser with pages in tabs, as little of it as the tests ask for.

Refuses to know how a browser is driven: each has a file of its own.
"""

import json
from abc import ABC, abstractmethod
from typing import Any

# As WebDriver and BiDi write the keys that the tests press; any other stands for itself.
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
    """JavaScript threw; the message is the page's."""


class Browser(ABC):
    """One browser process and its tabs, which share what a browser's tabs share.

    Whatever is asked of it is asked of one tab, which need not be the one that is looked at.
    """

    @abstractmethod
    def open(self, url: str) -> None:
        """Go there and wait until the page is loaded; what the last page held open ends."""

    @property
    @abstractmethod
    def tab(self) -> str:
        """The tab that is asked."""

    @abstractmethod
    def new_tab(self) -> str:
        """Open a tab, with nothing in it, which is asked from now on; gives its name."""

    @abstractmethod
    def switch(self, tab: str) -> None:
        """Ask that tab from now on."""

    @abstractmethod
    def close_tab(self) -> None:
        """Close the tab that is asked; another must be switched to."""

    @abstractmethod
    def back(self) -> None:
        """Go back to the page before, and wait until it is there."""

    @abstractmethod
    def press(self, keys: str) -> None:
        """Press a key of `KEYS` in the page, or several at once: `Control+End`."""

    def run(self, expression: str) -> Any:
        """Evaluate JavaScript in the page, and wait for it where it is a promise.

        Args:
            expression: what it evaluates to comes back as JSON does.

        Raises:
            ScriptError: it threw, or the promise was rejected.
        """
        function = f"async () => JSON.stringify((await ({expression})) ?? null)"
        return json.loads(self._call(function))

    @abstractmethod
    def _call(self, function: str) -> str:
        """Call a JavaScript function that promises a string."""


def strokes(keys: str) -> list[dict[str, object]]:
    """What WebDriver and BiDi are told to do to press those keys."""
    values = [KEYS[key] for key in keys.split("+")]
    down = [{"type": "keyDown", "value": value} for value in values]
    up = [{"type": "keyUp", "value": value} for value in reversed(values)]
    return [{"type": "key", "id": "keyboard", "actions": [*down, *up]}]
