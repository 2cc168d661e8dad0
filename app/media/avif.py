"""What an AVIF file says of itself that its decoder does not tell: size, colours and repetitions.

Refuses nothing: whether it is whole the decoder finds out.

Source: AV1 Image File Format; ISO/IEC 14496-12, sections 8.6.6 and 12.1.5; ISO/IEC 23008-12.
"""

import struct
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

from app.media.boxes import Box, find_box, read_boxes
from app.media.errors import FilmRefused
from app.media.icc import profile_of_cicp

_REPEATS = 1  # a flag of an edit list
_ENDLESS = frozenset({0xFFFFFFFF, 0xFFFFFFFFFFFFFFFF})


@dataclass(frozen=True, slots=True)
class Avif:
    """What it says.

    Args:
        size: of its largest picture in pixels; nothing where that is not to be found.
        profile: an ICC profile that says the same as its code points; None without any.
        plays: how often an animation is shown; 0 for without an end, as where nothing is said.
    """

    size: tuple[int, int] = (0, 0)
    profile: bytes | None = None
    plays: int = 0


def read_avif(data: bytes) -> Avif:
    """Read it; nothing is decoded."""
    boxes: list[Box] = []
    with suppress(FilmRefused):
        boxes = read_boxes(memoryview(data))
    properties = list(_properties(boxes))
    sizes = [struct.unpack_from(">II", p.content, 4) for p in properties if _is(p, b"ispe", 12)]
    colours = [bytes(p.content) for p in properties if _is(p, b"colr", 11)]
    points = [told for told in colours if told.startswith(b"nclx")]
    profile = None
    if points:
        profile = profile_of_cicp(*struct.unpack_from(">HH", points[0], 4), is_video=True)
    size = max(sizes, key=lambda size: size[0] * size[1], default=(0, 0))
    return Avif((size[0], size[1]), profile, _plays(boxes))


def _is(box: Box, kind: bytes, length: int) -> bool:
    return box.kind == kind and len(box.content) >= length


def _properties(boxes: list[Box]) -> Iterator[Box]:
    with suppress(FilmRefused):
        meta = read_boxes(find_box(boxes, b"meta")[4:])
        yield from read_boxes(find_box(read_boxes(find_box(meta, b"iprp")), b"ipco"))


def _plays(boxes: list[Box]) -> int:
    with suppress(FilmRefused, struct.error):
        track = read_boxes(find_box(read_boxes(find_box(boxes, b"moov")), b"trak"))
        header, edits = find_box(track, b"tkhd"), find_box(track, b"edts")
        list_ = find_box(read_boxes(edits), b"elst")
        if not list_[3] & _REPEATS:
            return 1
        (length,) = struct.unpack_from(">Q" if list_[0] else ">I", list_, 8)
        (whole,) = struct.unpack_from(*((">Q", header, 28) if header[0] else (">I", header, 20)))
        return 0 if whole in _ENDLESS or not length else -(-whole // length)
    return 0
