"""Claims and figures as options of the command: their parts, separated by semicolons."""

from typing import Any

from app.cli.refusal import Refused

_CLAIM = ("source", "text", "status", "note")
_FIGURE = ("metric", "group", "value", "source", "as_of")
_LEAST_OF_FIGURE = 4  # parts: all but the time


def parse_claim(option: str) -> dict[str, Any]:
    """Parse `SOURCE; TEXT; STATUS; NOTE`; parts may be empty, and the last ones left out."""
    return _members(option, _CLAIM)


def parse_figure(option: str) -> dict[str, Any]:
    """Parse `METRIC; GROUP; VALUE; SOURCE; AS-OF`; the value stays as typed.

    Raises:
        Refused: fewer than four parts.
    """
    if option.count(";") + 1 < _LEAST_OF_FIGURE:
        raise Refused(
            f"--figure needs a metric, a group, a value and a source, separated by semicolons:"
            f" {option}"
        )
    return _members(option, _FIGURE)


def _members(option: str, names: tuple[str, ...]) -> dict[str, Any]:
    """Return the parts that are not empty; the last one may hold semicolons itself."""
    parts = option.split(";", len(names) - 1)
    values = zip(names, (part.strip() for part in parts), strict=False)
    return {name: value for name, value in values if value}
