"""GIF reader: splits a GIF file into separate pictures.

Refuses a file that ends within a picture. Whatever follows the last complete picture is ignored, as
in browsers.

Source: GIF89a specification; the application extension NETSCAPE2.0.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from app.media.errors import BrokenFile
from app.media.images.layers import Disposal, Layer

_EXTENSION, _PICTURE = 0x21, 0x2C
_CONTROL, _APPLICATION = 0xF9, 0xFF
_LOOPS = (b"NETSCAPE2.0", b"ANIMEXTS1.0")
_HAS_COLOURS = 0x80
_DISPOSALS = {2: Disposal.CLEAR, 3: Disposal.PREVIOUS, 4: Disposal.PREVIOUS}
_HEAD = 13  # bytes


@dataclass(frozen=True, slots=True)
class Gif:
    """The contents of a GIF.

    Args:
        size: of its canvas.
        layers: its pictures.
        plays: the number of repetitions; 0 repeats for ever.
    """

    size: tuple[int, int]
    layers: tuple[Layer, ...]
    plays: int


def read_gif(data: bytes) -> Gif:
    """Split a GIF into its pictures; nothing is decoded.

    Raises:
        BrokenFile: it has no picture, or ends within one.
    """
    reader = _Reader(data)
    layers = tuple(reader.layers())
    if not layers:
        raise BrokenFile("The file is a GIF without a picture.")
    # A first picture larger than the canvas enlarges it; a later one is cropped.
    (left, top), (width, height) = layers[0].corner, layers[0].size
    size = max(reader.size[0], left + width), max(reader.size[1], top + height)
    return Gif(size, layers, reader.plays)


class _Reader:
    """A single pass over a file's blocks."""

    def __init__(self, data: bytes) -> None:
        if len(data) < _HEAD:
            raise BrokenFile("The file is a GIF that ends within its header.")
        self._data = data
        width, height, self._flags = struct.unpack_from("<HHB", data, 6)
        self.size: tuple[int, int] = width, height
        self.plays = 1
        self._at = _HEAD
        self._colours = self._read_colours(self._flags)
        self._control: bytes | None = None

    def layers(self) -> Iterator[Layer]:
        """Yield the pictures, in order."""
        while self._at < len(self._data):
            kind = self._data[self._at]
            self._at += 1
            if kind == _EXTENSION:
                self._read_extension()
            elif kind == _PICTURE:
                yield self._read_picture()
            else:  # the trailer, or data that are no part of a GIF
                return

    def _read_extension(self) -> None:
        label = self._data[self._at : self._at + 1]
        self._at += 1
        blocks = list(self._blocks())
        if not label or not blocks:
            return
        if label[0] == _CONTROL and len(blocks[0]) >= 4:  # noqa: PLR2004  the size of its fields
            self._control = blocks[0]
        elif label[0] == _APPLICATION and blocks[0] in _LOOPS:
            for block in blocks[1:]:
                if block[0] == 1 and len(block) >= 3:  # noqa: PLR2004
                    (again,) = struct.unpack_from("<H", block, 1)
                    # The number of further repetitions; 0 repeats for ever.
                    self.plays = again and again + 1

    def _read_picture(self) -> Layer:
        if self._at + 9 > len(self._data):
            raise BrokenFile("The file ends before its last picture does. Send the complete file.")
        left, top, width, height, flags = struct.unpack_from("<HHHHB", self._data, self._at)
        self._at += 9
        own = self._read_colours(flags)
        start = self._at
        self._at += 1
        for _ in self._blocks():
            pass
        pixels = self._data[start : self._at]
        control, self._control = self._control, None
        disposal, delay, extension = 0, 0, b""
        if control is not None:
            disposal, (delay,) = control[0] >> 2 & 7, struct.unpack_from("<H", control, 1)
            extension = b"!\xf9\x04" + bytes([control[0] & 1, 0, 0, control[3]]) + b"\0"
        screen = struct.pack("<HHBBB", width, height, self._flags, 0, 0)
        descriptor = struct.pack("<HHHHB", 0, 0, width, height, flags)
        head = b"GIF89a" + screen + self._colours + extension
        content = head + b"," + descriptor + own + pixels + b";"
        after = _DISPOSALS.get(disposal, Disposal.KEEP)
        return Layer(content, (left, top), (width, height), delay * 10, after)

    def _read_colours(self, flags: int) -> bytes:
        if not flags & _HAS_COLOURS:
            return b""
        length = 3 << (flags & 7) + 1
        start, self._at = self._at, self._at + length
        return self._data[start : self._at]

    def _blocks(self) -> Iterator[bytes]:
        """Yield the blocks up to the empty one that ends them, or to the end of the file."""
        while self._at < len(self._data) and (length := self._data[self._at]):
            start = self._at + 1
            self._at = start + length
            yield self._data[start : self._at]
        self._at += 1
