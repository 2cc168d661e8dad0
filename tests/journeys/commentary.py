"""The public affairs officer's commentary of Apollo 11, as rows to be posted.

The transcript is no part of the repository. Where it is not there, as many rows of the same sizes
are made up, so that the load is the same.
"""

import os
import random
from dataclasses import dataclass
from pathlib import Path

_TRANSCRIPT = "apollo11/utterances.csv"
_CHANNEL = "P"
ROWS = 984

# The lengths of the transcript's rows, in characters, at every twentieth of them.
_LENGTHS = (
    *(8, 28, 38, 48, 59, 68, 78, 95, 115, 138, 162),
    *(197, 248, 287, 368, 455, 531, 653, 839, 1149, 3988),
)
_WORDS = """
altitude velocity miles feet per second burn nominal Houston Eagle Columbia Tranquility orbit crew
minutes reports cabin pressure steady tracking station acquisition signal loss of descent engine
throttle go for landing the and at now we are on in this is Apollo Control
"""


@dataclass(frozen=True, slots=True)
class Row:
    """What was said, and when: hours, minutes and seconds of mission time."""

    time: str
    text: str


def read_rows() -> list[Row]:
    """The transcript's rows, or made-up ones of the same sizes."""
    folder = os.environ.get("DATELINE_TEST_DATA")
    here = Path(folder) if folder else Path(__file__).parents[2].parent / "shared" / "data"
    path = here / _TRANSCRIPT
    return _read(path) if path.exists() else _make_up()


def _read(path: Path) -> list[Row]:
    lines = (line.split("|", 3) for line in path.read_text(encoding="utf-8").splitlines())
    return [Row(line[0], line[3]) for line in lines if line[1] == _CHANNEL]


def _make_up() -> list[Row]:
    chance = random.Random(11)
    return [
        Row(f"{102 + n // 60:03}:{n % 60:02}:00", _sentence(chance, _length(chance)))
        for n in range(ROWS)
    ]


def _length(chance: random.Random) -> int:
    step, share = divmod(chance.random() * (len(_LENGTHS) - 1), 1)
    shorter, longer = _LENGTHS[int(step)], _LENGTHS[int(step) + 1]
    return round(shorter + (longer - shorter) * share)


def _sentence(chance: random.Random, length: int) -> str:
    vocabulary = _WORDS.split()
    words = ""
    while len(words) < length:
        words += chance.choice(vocabulary) + " "
    return words[: length - 1].strip() + "."
