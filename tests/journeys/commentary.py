"""The public affairs officer's commentary of Apollo 11, as rows to be posted.

The transcript is not part of the repository. Without it, the same number of rows of the same
sizes is generated, so that the load is the same.
"""

import os
import random
from dataclasses import dataclass
from pathlib import Path

_TRANSCRIPT = "apollo11/utterances.csv"
_CHANNEL = "P"
ROWS = 984

# Quantiles of the lengths of the transcript's rows, in characters, in steps of a twentieth.
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
    """A line of commentary and its mission time in hours, minutes and seconds."""

    time: str
    text: str


def read_rows() -> list[Row]:
    """Return the transcript's rows, or generated rows of the same sizes."""
    folder = os.environ.get("DATELINE_TEST_DATA")
    here = Path(folder) if folder else Path(__file__).parents[2].parent / "shared" / "data"
    path = here / _TRANSCRIPT
    return _read(path) if path.exists() else _generate()


def _read(path: Path) -> list[Row]:
    lines = (line.split("|", 3) for line in path.read_text(encoding="utf-8").splitlines())
    return [Row(line[0], line[3]) for line in lines if line[1] == _CHANNEL]


def _generate() -> list[Row]:
    rng = random.Random(11)
    return [
        Row(f"{102 + n // 60:03}:{n % 60:02}:00", _sentence(rng, _length(rng))) for n in range(ROWS)
    ]


def _length(rng: random.Random) -> int:
    step, share = divmod(rng.random() * (len(_LENGTHS) - 1), 1)
    shorter, longer = _LENGTHS[int(step)], _LENGTHS[int(step) + 1]
    return round(shorter + (longer - shorter) * share)


def _sentence(rng: random.Random, length: int) -> str:
    vocabulary = _WORDS.split()
    words = ""
    while len(words) < length:
        words += rng.choice(vocabulary) + " "
    return words[: length - 1].strip() + "."
