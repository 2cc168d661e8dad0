"""WebP files: their size, and the repair of those with harmless errors of length at the end.

Source: RFC 9649, section 2.
"""

import struct

from app.media.errors import BrokenFile

_HEAD, _CHUNK_HEAD = 12, 8  # bytes


def webp_size(data: bytes) -> tuple[int, int]:
    """Return the size in pixels that the header states.

    Raises:
        BrokenFile: the file does not begin with a picture.
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
    """Correct the stated length if it exceeds the file's and no chunk is truncated.

    Some programs omit the padding byte of the last chunk, or count a chunk that they did not
    write. Browsers draw such a picture, but the decoder would refuse the file.
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
