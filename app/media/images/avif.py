"""Metadata of an AVIF file that its decoder does not expose: size, colours and repetitions.

Refuses nothing: the decoder finds out whether the file is complete.

Source: AV1 Image File Format; ISO/IEC 14496-12, sections 4.2, 8.6.6 and 12.1.5; ISO/IEC 23008-12.
"""

import struct
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass

from app.media.images.icc import profile_of_cicp

_REPEATS = 1  # a flag of an edit list
_ENDLESS = frozenset({0xFFFFFFFF, 0xFFFFFFFFFFFFFFFF})
_HEAD, _LONG_HEAD = 8, 16  # bytes of a box's header
_BOXES = 4096  # the most sibling boxes that are read

Box = tuple[bytes, memoryview]  # the box type and its contents


@dataclass(frozen=True, slots=True)
class Avif:
    """The metadata of one file.

    Args:
        size: of its largest picture in pixels; empty if the file does not state one.
        profile: an ICC profile equivalent to its code points; None if it has none.
        plays: the number of repetitions of an animation; 0 (the default) repeats for ever.
    """

    size: tuple[int, int] = (0, 0)
    profile: bytes | None = None
    plays: int = 0


def read_avif(data: bytes) -> Avif:
    """Read the metadata; nothing is decoded."""
    boxes = list(_boxes(memoryview(data)))
    properties = list(_boxes(_within(_within(_within(boxes, b"meta", 4), b"iprp"), b"ipco")))
    sizes = [
        struct.unpack_from(">II", content, 4)
        for kind, content in properties
        if kind == b"ispe" and len(content) >= 12  # noqa: PLR2004
    ]
    colours = [bytes(content) for kind, content in properties if kind == b"colr"]
    points = [box for box in colours if box.startswith(b"nclx") and len(box) >= 11]  # noqa: PLR2004
    profile = None
    if points:
        profile = profile_of_cicp(*struct.unpack_from(">HH", points[0], 4), is_video=True)
    size = max(sizes, key=lambda size: size[0] * size[1], default=(0, 0))
    plays = 0
    with suppress(struct.error, IndexError):
        track = _within(_within(boxes, b"moov"), b"trak")
        header, list_ = _within(track, b"tkhd"), _within(_within(track, b"edts"), b"elst")
        if list_[3] & _REPEATS:
            (length,) = struct.unpack_from(">Q" if list_[0] else ">I", list_, 8)
            field = (">Q", header, 28) if header[0] else (">I", header, 20)
            (whole,) = struct.unpack_from(*field)
            plays = 0 if whole in _ENDLESS or not length else -(-whole // length)
        else:
            plays = 1
    return Avif((size[0], size[1]), profile, plays)


def _boxes(content: memoryview) -> Iterator[Box]:
    """Yield the boxes in a box's contents, up to the first that extends past the end."""
    at = 0
    for _ in range(_BOXES):
        if len(content) - at < _HEAD:
            return
        size, kind = struct.unpack_from(">I4s", content, at)
        head = _HEAD
        if size == 0:  # the box extends to the end
            size = len(content) - at
        elif size == 1 and len(content) - at >= _LONG_HEAD:
            (size,), head = struct.unpack_from(">Q", content, at + _HEAD), _LONG_HEAD
        if not head <= size <= len(content) - at:
            return
        yield kind, content[at + head : at + size]
        at += size


def _within(boxes: Iterable[Box] | memoryview, kind: bytes, skipped: int = 0) -> memoryview:
    """Return the contents of the first box of a kind, less its first bytes; empty without one."""
    siblings = _boxes(boxes) if isinstance(boxes, memoryview) else boxes
    return next((content[skipped:] for name, content in siblings if name == kind), memoryview(b""))
