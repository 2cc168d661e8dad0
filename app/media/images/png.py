"""PNG files, rewritten for the decoder: pixels, colours and the chunks that are used.

A damaged ancillary chunk does no harm in a browser, but Pillow refuses the whole file for it. So
Pillow gets only the chunks that it needs, and those undamaged. An animation is split into separate
pictures.

Source: PNG (third edition), sections 5, 11 and 12.
"""

import struct
import zlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field

from app.media.errors import BrokenFile
from app.media.images.icc import Primaries, profile_of_cicp, profile_of_gamma
from app.media.images.layers import Disposal, Layer

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_PROFILE_AT_MOST = 4 * 1024 * 1024  # bytes
_METADATA_AT_MOST = 256 * 1024  # bytes of EXIF, or of XMP
_XMP = b"XML:com.adobe.xmp\0\0"  # never compressed, as XMP requires
_GREY, _RGB, _PALETTE = 0, 2, 3  # colour types
# Bytes of the chunks that are valid only at this length.
_LENGTHS = {b"IHDR": 13, b"gAMA": 4, b"cHRM": 32, b"sRGB": 1, b"cICP": 4, b"acTL": 8, b"fcTL": 26}
_DISPOSALS = {1: Disposal.CLEAR, 2: Disposal.PREVIOUS}


@dataclass(frozen=True, slots=True)
class Png:
    """The contents of a PNG.

    Args:
        size: in pixels.
        still: a file with the default picture alone.
        profile: its ICC profile, or one equivalent to its other colour chunks.
        frames: the declared number of animation frames; 0 if it is not animated.
        layers: the pictures of the animation.
        plays: the number of repetitions; 0 repeats for ever.
    """

    size: tuple[int, int]
    still: bytes
    profile: bytes | None
    frames: int
    layers: tuple[Layer, ...]
    plays: int


def read_png(data: bytes) -> Png:
    """Split a PNG into its parts; nothing but its profile is decompressed.

    Raises:
        BrokenFile: its header or its palette is damaged.
    """
    chunks, at = _Chunks(), len(_SIGNATURE)
    while at + 8 <= len(data):
        length, name = struct.unpack_from(">I4s", data, at)
        if name == b"IEND":
            break
        end = at + 8 + length
        content = data[at + 8 : end]  # the last chunk may be truncated
        is_intact = data[end : end + 4] == _checksum(name, content)
        chunks.add(name, content, is_intact=is_intact)
        at = end + 4
    if not chunks.head:
        raise BrokenFile("The file is a PNG whose header is damaged.")
    layers = tuple(chunks.layers())
    still = b"" if layers else chunks.file(chunks.head, chunks.pixels, chunks.metadata)
    frames, plays = struct.unpack(">II", chunks.ancillary.get(b"acTL", b"\0" * 8))
    size = struct.unpack_from(">II", chunks.head)
    return Png(size, still, _profile(chunks.ancillary), frames, layers, plays)


@dataclass(slots=True)
class _Frame:
    control: bytes
    pixels: list[bytes] = field(default_factory=list)


@dataclass(slots=True)
class _Chunks:
    """The chunks of a file that are used, collected in file order.

    Args:
        head: IHDR.
        shared: palette and transparency, which every picture of the file needs.
        metadata: EXIF and XMP.
        ancillary: by chunk name, the contents that are read here and not by the decoder.
        pixels: of the default picture.
        frames: of an animation.
    """

    head: bytes = b""
    shared: list[bytes] = field(default_factory=list)
    metadata: list[bytes] = field(default_factory=list)
    ancillary: dict[bytes, bytes] = field(default_factory=dict)
    pixels: list[bytes] = field(default_factory=list)
    frames: list[_Frame] = field(default_factory=list)

    def add(self, name: bytes, content: bytes, *, is_intact: bool) -> None:
        """Use a chunk, or ignore it.

        Args:
            name: its type.
            content: its data, which may be truncated.
            is_intact: its checksum matches. Pixel data are used in any case: the decoder finds out
                whether they are complete.

        Raises:
            BrokenFile: the palette is damaged.
        """
        if name == b"IDAT":
            self.pixels.append(content)
            if len(self.frames) == 1:  # the default picture is the animation's first frame
                self.frames[0].pixels.append(content)
        elif name == b"fdAT":
            if self.frames:
                self.frames[-1].pixels.append(content[4:])
        elif is_intact and len(content) == _LENGTHS.get(name, len(content)):
            self._add_intact(name, content)
        elif name == b"PLTE":
            raise BrokenFile("The file is a PNG whose palette is damaged.")

    def _add_intact(self, name: bytes, content: bytes) -> None:
        is_metadata = name == b"eXIf" or (name == b"iTXt" and content.startswith(_XMP))
        if name == b"IHDR":
            self.head = self.head or content
        elif name == b"fcTL":
            self.frames += [_Frame(content)] if b"acTL" in self.ancillary else []
        elif name == b"PLTE":
            self.shared.append(_chunk(name, content))
        elif name == b"tRNS":
            self.shared += [_chunk(name, seen) for seen in self._transparency(content)]
        elif is_metadata and len(content) <= _METADATA_AT_MOST:
            self.metadata.append(_chunk(name, content))
        elif name in _LENGTHS or name == b"iCCP":
            self.ancillary.setdefault(name, content)

    def layers(self) -> Iterator[Layer]:
        """Yield the pictures of the animation, in order."""
        for number, frame in enumerate(self.frames):
            width, height, *corner, num, den = struct.unpack_from(">IIIIHH", frame.control, 4)
            dispose, blend = frame.control[24:]
            head = struct.pack(">II", width, height) + self.head[8:]
            yield Layer(
                self.file(head, frame.pixels, [] if number else self.metadata),
                (corner[0], corner[1]),
                (width, height),
                1000 * num / (den or 100),
                _DISPOSALS.get(dispose, Disposal.KEEP),
                covers=blend == 0,
            )

    def file(self, head: bytes, pixels: list[bytes], metadata: list[bytes]) -> bytes:
        """Return a PNG file of one picture."""
        before = [_chunk(b"IHDR", head), *self.shared, *metadata]
        return b"".join(
            [_SIGNATURE, *before, _chunk(b"IDAT", b"".join(pixels)), _chunk(b"IEND", b"")]
        )

    def _transparency(self, content: bytes) -> list[bytes]:
        """Return the transparency scaled to the depth at which the decoder gives pixels."""
        depth, colour = self.head[8:10] if self.head else (0, 0)
        if colour == _PALETTE:
            return [content[:256]]
        if len(content) != {_GREY: 2, _RGB: 6}.get(colour):
            return []
        values = struct.unpack(f">{len(content) // 2}H", content)
        if colour == _RGB and depth > 8:  # noqa: PLR2004  bits
            values = tuple(value >> 8 for value in values)
        elif colour == _GREY and 1 < depth < 8:  # noqa: PLR2004
            values = (values[0] * 255 // ((1 << depth) - 1),)
        return [struct.pack(f">{len(values)}H", *(value & 0xFFFF for value in values))]


def _chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + _checksum(name, content)


def _checksum(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", zlib.crc32(content, zlib.crc32(name)))


def _profile(chunks: dict[bytes, bytes]) -> bytes | None:
    """Return the file's colours in browsers' order of precedence: cICP, iCCP, sRGB, gAMA."""
    if b"cICP" in chunks:
        primaries, transfer, _, _ = chunks[b"cICP"]
        return profile_of_cicp(primaries, transfer)
    _, _, packed = chunks.get(b"iCCP", b"").partition(b"\0")
    if packed[:1] == b"\0":  # the only compression method
        inflating = zlib.decompressobj()
        with suppress(zlib.error):
            profile = inflating.decompress(packed[1:], _PROFILE_AT_MOST)
            if profile and not inflating.unconsumed_tail:
                return profile
    if b"sRGB" in chunks or b"gAMA" not in chunks:
        return None
    (gamma,) = struct.unpack(">I", chunks[b"gAMA"])
    corners: Primaries | None = None
    if b"cHRM" in chunks:
        values = [value / 100_000 for value in struct.unpack(">8I", chunks[b"cHRM"])]
        white, red, green, blue = zip(values[::2], values[1::2], strict=True)
        corners = (red, green, blue, white)
    return profile_of_gamma(gamma / 100_000, corners)
