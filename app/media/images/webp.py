"""WebP files: their size, and those whose last byte was cut off with no picture in it.

Source: RFC 9649, section 2.
"""

import struct

from app.media.errors import BrokenFile

_HEAD, _CHUNK_HEAD = 12, 8  # bytes


def webp_size(data: bytes) -> tuple[int, int]:
    """The size in pixels that the file says it has.

    Raises:
        BrokenFile: it begins with no picture.
    """
    kind, body = data[12:16], data[20:30].ljust(10, b"\0")
    if kind == b"VP8X":
        return int.from_bytes(body[4:7], "little") + 1, int.from_bytes(body[7:10], "little") + 1
    if kind == b"VP8L":
        bits = int.from_bytes(body[1:5], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if kind == b"VP8 ":
        width, height = struct.unpack_from("<HH", body, 6)
        return width & 0x3FFF, height & 0x3FFF
    raise BrokenFile("The file is a WebP without a picture.")


def complete_webp(data: bytes) -> bytes:
    """The same file with the length that it has, where it says more and no chunk is cut.

    Some programs leave out the byte that fills the last chunk up, or count a chunk that they did
    not write. Browsers draw the picture, the decoder would refuse the file.
    """
    (said,) = struct.unpack_from("<I", data, 4)
    at = _HEAD
    while at + _CHUNK_HEAD <= len(data):
        (length,) = struct.unpack_from("<I", data, at + 4)
        at += _CHUNK_HEAD + length + length % 2
    if said + _CHUNK_HEAD <= len(data) or at > len(data) + 1:
        return data
    body = data[8:at].ljust(at - 8, b"\0")
    return b"RIFF" + struct.pack("<I", len(body)) + body
