"""Detects a file's type by its first bytes; its name and its declared type are ignored.

Refuses nothing itself; the caller refuses a file whose type is unknown.

Source: WHATWG, MIME Sniffing, section 6; ISO/IEC 14496-12, section 4.3 (brands); QuickTime File
Format (files without brands); RFC 8794 (EBML).
"""

from typing import Literal

Picture = Literal["JPEG", "PNG", "WEBP", "AVIF", "GIF", "HEIF"]
Video = Literal["MP4", "MATROSKA"]  # QuickTime included; WebM included

HEAD = 64  # bytes of a file that are enough for detection

_MAGIC: tuple[tuple[bytes, Picture], ...] = (
    (b"\xff\xd8\xff", "JPEG"),
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"GIF87a", "GIF"),
    (b"GIF89a", "GIF"),
)
_AVIF = (b"avif", b"avis")
_HEIC = frozenset((b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"))
_HEIF = _HEIC | {b"mif1", b"msf1", b"mif2"}
_OTHER_PICTURES = frozenset((b"crx ", b"jxl ", b"jp2 ", b"jpx ", b"jpm "))
# The types of the first atom in QuickTime files without brands.
_ATOMS = frozenset((b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"))
_EBML = b"\x1a\x45\xdf\xa3"

# The type with which a file of the library is served, by the extension of its name.
TYPES = {
    "jpg": "image/jpeg",
    "webp": "image/webp",
    "avif": "image/avif",
    "mp4": "video/mp4",
    "webm": "video/webm",
}


def picture_kind(head: bytes) -> Picture | None:
    """Return the picture type of a file; None if it is no accepted one.

    Args:
        head: the file's first `HEAD` bytes, or all there are.
    """
    for magic, kind in _MAGIC:
        if head.startswith(magic):
            return kind
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "WEBP"
    named = brands(head)
    if any(brand in _AVIF for brand in named):
        return "AVIF"
    return "HEIF" if _HEIF.intersection(named) else None


def video_kind(head: bytes) -> Video | None:
    """Return the container of a video; None if it is no accepted one.

    Args:
        head: the file's first `HEAD` bytes, or all there are.
    """
    if head.startswith(_EBML):
        return "MATROSKA"
    if head[4:8] in _ATOMS:
        return "MP4"
    is_picture = picture_kind(head) is not None or _OTHER_PICTURES.intersection(brands(head))
    return "MP4" if head[4:8] == b"ftyp" and not is_picture else None


def brands(head: bytes) -> list[bytes]:
    """Return the brands of an ISO media file, the major one first; empty for any other file."""
    if head[4:8] != b"ftyp":
        return []
    stop = min(int.from_bytes(head[:4], "big"), len(head))
    return [head[8:12], *(head[at : at + 4] for at in range(16, stop - 3, 4))]
