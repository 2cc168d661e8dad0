"""A track of an MP4 file, written anew from what a player needs and from nothing else.

When it was made, the handler's name and all that programs and cameras add is left behind.

Source: ISO/IEC 14496-12, sections 8.2 to 8.7.
"""

import struct
from collections.abc import Callable
from dataclasses import dataclass

from app.media.boxes import Box, exactly, find_box, read_boxes, write_box
from app.media.film import damaged
from app.media.mp4_codec import write_descriptions
from app.media.sample_table import SampleTable

_HANDLERS = {b"vide": (b"vmhd", 12), b"soun": (b"smhd", 8)}
# That the samples are in the file itself.
_HERE = write_box(b"dref", struct.pack(">II", 0, 1), write_box(b"url ", b"\0\0\0\1"))
_UNKNOWN = (0xFFFFFFFF, 0xFFFFFFFFFFFFFFFF)


@dataclass(frozen=True, slots=True)
class Track:
    """A track that is kept."""

    boxes: list[Box]
    media: list[Box]
    information: list[Box]
    handler: bytes
    table: SampleTable
    descriptions: bytes
    codec: str
    size: tuple[int, int]

    def write(self, moved: Callable[[int], int]) -> bytes:
        """The `trak` anew.

        Args:
            moved: where what stood at a place of the old file stands in the new one.
        """
        name, length = _HANDLERS[self.handler]
        head = exactly(find_box(self.information, name), length)
        information = write_box(
            b"minf",
            write_box(name, head),
            write_box(b"dinf", _HERE),
            self.table.write(self.descriptions, moved),
        )
        media = write_box(
            b"mdia",
            write_box(b"mdhd", timeless(find_box(self.media, b"mdhd"), 24, 36)),
            write_box(b"hdlr", bytes(8), self.handler, bytes(13)),
            information,
        )
        shown = write_box(b"tkhd", timeless(find_box(self.boxes, b"tkhd"), 84, 96))
        return write_box(b"trak", shown, *_edits(self.boxes), media)

    @property
    def duration(self) -> float | None:
        """Seconds."""
        head = find_box(self.media, b"mdhd")
        return read_duration(timeless(head, 24, 36))

    @property
    def shown_size(self) -> tuple[int, int]:
        """Width and height as they are shown: a quarter turn changes one for the other."""
        head = timeless(find_box(self.boxes, b"tkhd"), 84, 96)
        a, b, _, c, d, *_ = struct.unpack_from(">9i", head, len(head) - 44)
        width, height = (side >> 16 for side in struct.unpack_from(">II", head, len(head) - 8))
        if not (width and height):
            width, height = self.size
        return (height, width) if not (a or d) and b and c else (width, height)


def read_track(content: memoryview) -> Track | None:
    """A track of pictures or sound; None for any other, and for one without samples.

    Raises:
        FilmRefused: it is damaged, or not every browser plays it.
    """
    boxes = read_boxes(content)
    media = read_boxes(find_box(boxes, b"mdia"))
    handler = exactly(find_box(media, b"hdlr"), 12)[8:]
    if handler not in _HANDLERS:
        return None
    information = read_boxes(find_box(media, b"minf"))
    tables = read_boxes(find_box(information, b"stbl"))
    table = SampleTable(tables)
    if not table.count:
        return None
    described = write_descriptions(find_box(tables, b"stsd"), handler)
    return Track(boxes, media, information, handler, table, *described)


def timeless(content: memoryview, short: int, long: int) -> bytes:
    """A head (`mvhd`, `tkhd`, `mdhd`) without the times at which it was made and changed.

    Args:
        content: the box's contents.
        short: its bytes with times of 32 bits.
        long: its bytes with times of 64 bits.
    """
    version = exactly(content, 1)[0]
    if version > 1:
        raise damaged("a part is of an unknown version")
    head = bytearray(exactly(content, long if version else short))
    head[4 : 20 if version else 12] = bytes(16 if version else 8)
    return bytes(head)


def read_duration(head: bytes) -> float | None:
    """The seconds that an `mvhd` or `mdhd` tells; None where it does not."""
    scale, length = (
        struct.unpack_from(">IQ", head, 20) if head[0] else struct.unpack_from(">II", head, 12)
    )
    return length / scale if scale and length and length not in _UNKNOWN else None


def _edits(boxes: list[Box]) -> list[bytes]:
    """Which part of the track is shown, and when."""
    for box in boxes:
        if box.kind == b"edts":
            content = find_box(read_boxes(box.content), b"elst")
            version, count = struct.unpack_from(">B3xI", exactly(content, 8))
            length = 8 + count * (20 if version == 1 else 12)
            return [write_box(b"edts", write_box(b"elst", exactly(content, length)))]
    return []
