"""A real browser with one page open, as little of it as the tests ask for.

Refuses to know how a browser is driven: each has a file of its own.
"""

import json
from abc import ABC, abstractmethod
from typing import Any


class ScriptError(Exception):
    """JavaScript threw; the message is the page's."""


class Browser(ABC):
    """One browser process, and its page."""

    @abstractmethod
    def open(self, url: str) -> None:
        """Go there and wait until the page is loaded; what the last page held open ends."""

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
