"""A past vulnerability: the steps of the attack, and their result."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Hole:
    """One row of the table.

    Args:
        item: the number of its group.
        name: the attack, and the figure or property that is reported.
        play: runs the attack on a checkout's server; returns a figure, or yes or no.
    """

    item: int
    name: str
    play: Callable[[Path], str]
