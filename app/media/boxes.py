"""The boxes that an MP4 file is made of.

Refuses boxes that reach over the end of what holds them, and more of them than any film has. No
length is trusted before it was compared with what is there.

Source: ISO/IEC 14496-12, section 4.2.
"""

import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from app.media.film import damaged

MOST = 4096  # boxes side by side

_SHORT, _LONG = 8, 16  # bytes of a box's head


@dataclass(frozen=True, slots=True)
class Place:
    """Where a box of a file stands: its contents, from `start` to before `end`."""

    kind: bytes
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Box:
    """A box in memory."""

    kind: bytes
    content: memoryview


def read_places(file: BinaryIO) -> Iterator[Place]:
    """The outermost boxes of a file, in order; nothing of their contents is read.

    Raises:
        FilmRefused: one of them is longer than the file, or there are too many.
    """
    length, at = file.seek(0, os.SEEK_END), 0
    for _ in range(MOST):
        if at == length:
            return
        file.seek(at)
        kind, head, size = _read_head(file.read(_LONG), length - at)
        yield Place(kind, at + head, at + size)
        at += size
    raise damaged("it has too many parts")


def read_boxes(content: memoryview) -> list[Box]:
    """The boxes in another's contents, in order.

    Raises:
        FilmRefused: as for `read_places`.
    """
    found, at = [], 0
    # Some programs end a list with four bytes of zero.
    while len(content) - at >= _SHORT:
        kind, head, size = _read_head(bytes(content[at : at + _LONG]), len(content) - at)
        found.append(Box(kind, content[at + head : at + size]))
        at += size
        if len(found) > MOST:
            raise damaged("it has too many parts")
    return found


def find_box(boxes: list[Box], kind: bytes) -> memoryview:
    """The contents of the first box of a kind.

    Raises:
        FilmRefused: there is none.
    """
    for box in boxes:
        if box.kind == kind:
            return box.content
    raise damaged(f"its part “{kind.decode()}” is missing")


def write_box(kind: bytes, *parts: bytes | memoryview) -> bytes:
    """A box of these contents."""
    content = b"".join(parts)
    return struct.pack(">I4s", _SHORT + len(content), kind) + content


def exactly(content: memoryview, length: int) -> bytes:
    """The first bytes of a box's contents.

    Raises:
        FilmRefused: there are fewer.
    """
    if len(content) < length:
        raise damaged("a part is too short")
    return bytes(content[:length])


def _read_head(head: bytes, room: int) -> tuple[bytes, int, int]:
    """A box's kind, the bytes of its head, and all its bytes."""
    if len(head) < _SHORT:
        raise damaged("it ends in the middle")
    size, kind = struct.unpack_from(">I4s", head)
    used = _SHORT
    if size == 0:  # it goes on to the end
        size = room
    elif size == 1:
        if len(head) < _LONG:
            raise damaged("it ends in the middle")
        (size,), used = struct.unpack_from(">Q", head, _SHORT), _LONG
    if size > room:
        raise damaged("it ends in the middle")
    if size < used:
        raise damaged("a part is shorter than its own head")
    return kind, used, size
