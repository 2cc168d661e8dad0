"""A hole: what an outsider does, and what it comes to."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Hole:
    """One row of the table.

    Args:
        item: the number of its kind.
        name: what is done, and what is looked at.
        play: does it to a checkout's server; gives a figure, or yes or no.
    """

    item: int
    name: str
    play: Callable[[Path], str]
