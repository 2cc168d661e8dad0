"""Where the samples of an MP4 track stand in the file.

A track's samples come in chunks; tables tell each chunk's place, how many samples it has, and how
long each sample is. Refuses tables that contradict each other.

Source: ISO/IEC 14496-12, sections 8.6 and 8.7.
"""

import struct
import sys
from array import array
from collections.abc import Callable, Sequence
from itertools import accumulate

from app.media.boxes import Box, exactly, find_box, write_box
from app.media.errors import FilmRefused
from app.media.film import damaged

MOST = 1_000_000  # samples of one track: six hours of sound
MOST_CHUNKS = 300_000

_TIMES = {b"stts": 8, b"ctts": 8, b"stss": 4}  # bytes of an entry; they know no places


class SampleTable:
    """The tables of one track.

    Args:
        boxes: those of its `stbl`.

    Raises:
        FilmRefused: they contradict each other.
    """

    def __init__(self, boxes: list[Box]) -> None:
        self._boxes = boxes
        self._ends = _ends(find_box(boxes, b"stsz"))
        self._runs = _numbers(_table(find_box(boxes, b"stsc"), 12), "I")
        self._places = _places(boxes)
        self.count = len(self._ends) - 1

    def chunks(self) -> list[tuple[int, int]]:
        """Where each chunk begins and ends in the file, in the order of the track."""
        found: list[tuple[int, int]] = []
        runs, sample = self._runs, 0
        for at in range(0, len(runs), 3):
            first, samples = runs[at], runs[at + 1]
            last = runs[at + 3] - 1 if at + 3 < len(runs) else len(self._places)
            if first != len(found) + 1 or not first <= last <= len(self._places) or not samples:
                raise damaged("its tables contradict each other")
            for place in self._places[first - 1 : last]:
                end = sample + samples
                if end > self.count:
                    raise damaged("its tables contradict each other")
                found.append((place, place + self._ends[end] - self._ends[sample]))
                sample = end
        if sample != self.count:
            raise damaged("its tables contradict each other")
        return found

    def write(self, descriptions: bytes, moved: Callable[[int], int]) -> bytes:
        """The `stbl` anew.

        Args:
            descriptions: its `stsd`.
            moved: where what stood at a place of the old file stands in the new one.
        """
        times = [
            write_box(b.kind, _table(b.content, _TIMES[b.kind], head=True))
            for b in self._boxes
            if b.kind in _TIMES
        ]
        runs = find_box(self._boxes, b"stsc")
        sizes = find_box(self._boxes, b"stsz")
        kept = 12 if len(sizes) >= 12 and any(sizes[4:8]) else 12 + 4 * self.count  # noqa: PLR2004
        places = [moved(place) for place in self._places]
        return write_box(
            b"stbl",
            descriptions,
            *times,
            write_box(b"stsc", _table(runs, 12, head=True)),
            write_box(b"stsz", bytes(4), sizes[4:kept]),
            _write_places(places),
        )


def _write_places(places: Sequence[int]) -> bytes:
    wide = max(places, default=0) >= 1 << 32
    numbers = _swapped(array("Q" if wide else "I", places))
    count = struct.pack(">II", 0, len(places))
    return write_box(b"co64" if wide else b"stco", count, numbers.tobytes())


def _table(content: memoryview, width: int, *, head: bool = False) -> memoryview:
    """The entries of a table; with `head`, also what is before them."""
    (count,) = struct.unpack_from(">I", exactly(content, 8), 4)
    if count > MOST:
        raise FilmRefused("The video has more frames than any that is shown here.")
    if 8 + count * width > len(content):
        raise damaged("a table is longer than its place")
    return content[0 if head else 8 : 8 + count * width]


def _ends(sizes: memoryview) -> Sequence[int]:
    """Where each sample would end if all stood in a row, from 0."""
    each, count = struct.unpack_from(">II", exactly(sizes, 12), 4)
    if count > MOST:
        raise FilmRefused("The video has more frames than any that is shown here.")
    if each:
        return range(0, (count + 1) * each, each)
    if 12 + 4 * count > len(sizes):
        raise damaged("a table is longer than its place")
    return array("Q", accumulate(_numbers(sizes[12 : 12 + 4 * count], "I"), initial=0))


def _places(boxes: list[Box]) -> Sequence[int]:
    wide = any(box.kind == b"co64" for box in boxes)
    table = find_box(boxes, b"co64" if wide else b"stco")
    places = _numbers(_table(table, 8 if wide else 4), "Q" if wide else "I")
    if len(places) > MOST_CHUNKS:
        raise FilmRefused("The video is in more pieces than any that is shown here.")
    return places


def _numbers(content: memoryview, code: str) -> "array[int]":
    return _swapped(array(code, bytes(content)))


def _swapped(numbers: "array[int]") -> "array[int]":
    """From the order of the file to that of the machine, and back."""
    if sys.byteorder == "little":
        numbers.byteswap()
    return numbers
