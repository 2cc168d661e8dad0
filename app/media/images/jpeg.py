"""JPEG files without their end: accepted if no pixel is missing.

A decoder fills missing data with grey, or with whatever follows. A truncated file is therefore
complete if it decodes to the same pixels whatever bytes are appended.

Source: ITU-T T.81, annex B.
"""

import hashlib
import io
import random
import re
import struct
from dataclasses import dataclass, field

from PIL import Image

from app.media.errors import BrokenFile, UnknownType

_END = b"\xff\xd9"
_SCAN, _RESTARTS = 0xDA, 0xDD
_ALONE = frozenset({0x01, *range(0xD0, 0xD9)})  # markers without a segment
_FRAMES = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})
# Within a scan these bytes are data; every other byte after 0xFF makes a marker.
_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
_RESTART = re.compile(rb"\xff[\xd0-\xd7]")
_COEFFICIENTS = frozenset(range(64))
_BITS = 8
_ROWS = 16  # pixel rows that are compared at a time


@dataclass(slots=True)
class JpegMarkers:
    """The markers of a file.

    Args:
        size: in pixels; empty if no frame header states it.
        has_end: whether the end marker is present.
        missing: by channel number, the coefficients that no scan has completed to the last bit.
        restart: the number of the next restart marker; None if the file uses none.
    """

    size: tuple[int, int] = (0, 0)
    has_end: bool = False
    missing: dict[int, frozenset[int]] = field(default_factory=dict)
    restart: int | None = None


def complete_jpeg(data: bytes, markers: JpegMarkers) -> bytes:
    """Return the file with an end marker, if only that is missing.

    Args:
        data: the file.
        markers: what `read_markers` returned for it.

    Raises:
        BrokenFile: pixels are missing.
    """
    if markers.has_end or not markers.missing:
        return data
    if any(markers.missing.values()):
        raise BrokenFile("The file ends before the end of the picture. Send the complete file.")
    # Half of the end marker may be present.
    data = data[:-1] if data.endswith(b"\xff") else data
    strips = _decode(data + _END)
    # Random data that cannot pass for padding, with the restart markers in sequence.
    generator = random.Random(0)  # noqa: S311  not a secret
    noise = [generator.randbytes(64).replace(b"\xff", b"\xaa") for _ in range(64)]
    if markers.restart is not None:
        restarts = [bytes([0xFF, 0xD0 + (markers.restart + number) % 8]) for number in range(64)]
        noise = [piece + restart for piece, restart in zip(noise, restarts, strict=True)]
    same = zip(strips, _decode(data + b"".join(noise) + _END), strict=True)
    whole = sum(1 for strip, other in same if strip == other)
    if whole < len(strips):
        share = max(1, round(100 * (1 - whole / len(strips))))
        raise BrokenFile(
            f"The file ends too early: about {share} % of the picture is missing."
            " Send the complete file."
        )
    return data + _END


def _decode(data: bytes) -> list[bytes]:
    """Return a digest for every few rows; keeping two decoded pictures would double the memory."""
    with Image.open(io.BytesIO(data), formats=["JPEG", "MPO"]) as picture:
        picture.load()
        width, height = picture.size
        return [
            hashlib.blake2b(picture.crop((0, top, width, top + _ROWS)).tobytes()).digest()
            for top in range(0, height, _ROWS)
        ]


def read_markers(data: bytes) -> JpegMarkers:
    """Read a file's markers up to its end.

    Raises:
        UnknownType: it is a JPEG of a kind that browsers do not draw.
    """
    markers, has_restarts, at = JpegMarkers(), False, 2
    while (match := _MARKER.search(data, at)) is not None:
        marker, start = match[0][1], match.end()
        if marker == _END[1]:
            markers.has_end = True
            break
        length = 0 if marker in _ALONE else int.from_bytes(data[start : start + 2])
        content, at = data[start + 2 : start + length], start + length
        if marker in _FRAMES and len(content) > 5 and not markers.missing:  # noqa: PLR2004
            if (depth := content[0]) != _BITS:
                raise UnknownType(
                    f"The file is a JPEG of {depth} bits a channel, which browsers do not draw."
                    " Save it as an ordinary JPEG."
                )
            height, width = struct.unpack_from(">HH", content, 1)
            markers.size = width, height
            markers.missing = dict.fromkeys(content[6::3], _COEFFICIENTS)
        elif marker == _RESTARTS:
            has_restarts = any(content)
        elif marker == _SCAN and content:
            channels = content[1 : 1 + 2 * content[0] : 2]
            first, last, bits = content[-3:].ljust(3, b"\0")
            if bits & 0x0F == 0:
                whole = frozenset(range(first, last + 1))
                markers.missing |= {
                    channel: markers.missing.get(channel, frozenset()) - whole
                    for channel in channels
                }
            last_restart = next(iter(_RESTART.findall(data, at)[-1:]), b"\xff\xcf")
            markers.restart = (last_restart[1] - 0xCF) % 8 if has_restarts else None
    return markers
