"""Deployment warnings: misconfiguration that this process has detected, each reported once.

A warning is a sentence that names the setting. It is logged when it is detected, and kept for the
desk, where chiefs see it. Clients can provoke the warnings that are detected from requests, so each
kind of warning is given only once.
"""

import logging
from collections.abc import Iterable, Iterator

_log = logging.getLogger(__name__)


class DeploymentWarnings:
    """The warnings of this process.

    Args:
        at_start: warnings that were found, and logged, before the process began to serve.
    """

    def __init__(self, at_start: Iterable[str] = ()) -> None:
        self._sentences: dict[str, str] = {sentence: sentence for sentence in at_start}

    def __iter__(self) -> Iterator[str]:
        """Iterate over the sentences, oldest first."""
        return iter(self._sentences.values())

    def __contains__(self, kind: str) -> bool:
        """Return whether a warning of that kind has been given."""
        return kind in self._sentences

    def add(self, kind: str, sentence: str) -> None:
        """Log and keep a warning, unless one of its kind was given before."""
        if kind not in self._sentences:
            self._sentences[kind] = sentence
            _log.warning(sentence)
