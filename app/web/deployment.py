"""Warnings of misconfiguration: what the operator would want to know, each said once.

A warning is a sentence that names the setting. It goes into the log when it is found, and stays
for the desk, where a chief sees it. What is found by looking at requests can be provoked by
whoever sends them, so there is one sentence of a kind and never a second.
"""

import logging
from collections.abc import Iterable, Iterator

_log = logging.getLogger(__name__)


class DeploymentWarnings:
    """What this process has found.

    Args:
        at_start: what was found, and logged, before the process served.
    """

    def __init__(self, at_start: Iterable[str] = ()) -> None:
        self._sentences: dict[str, str] = {sentence: sentence for sentence in at_start}

    def __iter__(self) -> Iterator[str]:
        """The sentences, oldest first."""
        return iter(self._sentences.values())

    def __contains__(self, kind: str) -> bool:
        """Whether a warning of that kind has been given."""
        return kind in self._sentences

    def add(self, kind: str, sentence: str) -> None:
        """Give a warning, unless one of its kind was given before."""
        if kind not in self._sentences:
            self._sentences[kind] = sentence
            _log.warning(sentence)
