"""What the tracks of an MP4 file are written in, and which of that every browser plays.

Each description is written anew from what a player needs: programs put the names of cameras and
of themselves there. Refuses what is encrypted and what some browsers do not play: HEVC above all,
which telephones film in.

Source: ISO/IEC 14496-12 section 8.5.2, 14496-15 section 5.3, 14496-1 section 7.2.6.
"""

import struct
from collections.abc import Callable

from app.media.boxes import Box, exactly, find_box, read_boxes, write_box
from app.media.errors import FilmRefused
from app.media.film import damaged

_MOST = 16  # descriptions of one track
_VIDEO, _SOUND = 78, 28  # bytes before the boxes of a description
_H264 = {66: "Baseline", 77: "Main", 100: "High"}
_AAC, _MP3 = frozenset({0x40, 0x66, 0x67, 0x68}), frozenset({0x69, 0x6B})
_COLOURS = (b"nclx", b"nclc")  # and no profile, which has words in it
_ADVICE = "Please export it as MP4 with H.264 and AAC."
_NAMES = {b"hvc1": "HEVC", b"hev1": "HEVC", b"dvh1": "HEVC", b"dvhe": "HEVC", b"mp4v": "MPEG-4"}


def write_descriptions(table: memoryview, handler: bytes) -> tuple[bytes, str, tuple[int, int]]:
    """A track's descriptions (`stsd`) anew.

    Args:
        table: the contents of the old ones.
        handler: `vide` or `soun`.

    Returns:
        The box, the codec's name, and the picture's width and height in pixels (of sound, 0).

    Raises:
        FilmRefused: not every browser plays it.
    """
    entries = read_boxes(table[8:])
    (count,) = struct.unpack_from(">I", exactly(table, 8), 4)
    if not 0 < count <= _MOST or len(entries) < count:
        raise damaged("nothing says what its tracks are written in")
    write = _video if handler == b"vide" else _sound
    written = [write(entry) for entry in entries[:count]]
    _, codec, size = written[0]
    if any(other != codec for _, other, _ in written):
        raise FilmRefused(f"The video changes its codec on the way. {_ADVICE}")
    described = b"".join(box for box, _, _ in written)
    return write_box(b"stsd", struct.pack(">II", 0, count), described), codec, size


def _video(entry: Box) -> tuple[bytes, str, tuple[int, int]]:
    known = {b"avc1": b"avcC", b"avc3": b"avcC", b"av01": b"av1C", b"vp09": b"vpcC"}
    _refuse_secret(entry.kind)
    if entry.kind not in known:
        name = _NAMES.get(entry.kind, "a codec other than H.264, VP9 or AV1")
        raise FilmRefused(f"The video is in {name}, which not every browser plays. {_ADVICE}")
    head = bytearray(exactly(entry.content, _VIDEO))
    inside = read_boxes(entry.content[_VIDEO:])
    setup = find_box(inside, known[entry.kind])
    if entry.kind.startswith(b"avc") and exactly(setup, 4)[1] not in _H264:
        raise FilmRefused(f"The video is in a form of H.264 that browsers do not play. {_ADVICE}")
    kept = [write_box(known[entry.kind], setup)]
    kept += [write_box(b.kind, b.content) for b in inside if _is_plain(b)]
    width, height = struct.unpack_from(">HH", head, 24)
    head[:8] = bytes(7) + b"\1"
    head[42:74] = bytes(32)  # the name of what made it
    codec = {b"avcC": "h264", b"av1C": "av1", b"vpcC": "vp9"}[known[entry.kind]]
    return write_box(entry.kind, bytes(head), *kept), codec, (width, height)


def _is_plain(box: Box) -> bool:
    return box.kind in {b"pasp", b"clap"} or (
        box.kind == b"colr" and bytes(box.content[:4]) in _COLOURS
    )


def _sound(entry: Box) -> tuple[bytes, str, tuple[int, int]]:
    known: dict[bytes, tuple[bytes, Callable[[memoryview], str]]] = {
        b"mp4a": (b"esds", _sound_of),
        b"Opus": (b"dOps", lambda _: "opus"),
        b"fLaC": (b"dfLa", lambda _: "flac"),
    }
    _refuse_secret(entry.kind)
    if entry.kind not in known:
        raise FilmRefused(f"The video's sound is in none of AAC, MP3, Opus and FLAC. {_ADVICE}")
    head = bytearray(exactly(entry.content, _SOUND))
    if any(head[8:10]):
        raise FilmRefused(f"The video's sound is described as in a QuickTime file. {_ADVICE}")
    kind, name = known[entry.kind]
    setup = find_box(read_boxes(entry.content[_SOUND:]), kind)
    head[:16] = bytes(7) + b"\1" + bytes(8)
    return write_box(entry.kind, bytes(head), write_box(kind, setup)), name(setup), (0, 0)


def _refuse_secret(kind: bytes) -> None:
    if kind in {b"encv", b"enca", b"drmi", b"drms"}:
        raise FilmRefused("The video is encrypted, so nobody could play it here.")


def _sound_of(setup: memoryview) -> str:
    """What an MPEG-4 stream's description (`esds`) says that it holds."""
    stream = _descriptor(bytes(setup[4:]), 3)
    flags = stream[2] if len(stream) > 2 else 0  # noqa: PLR2004  where they stand
    if flags & 0xE0:  # it depends on another, is elsewhere, or has another's clock
        raise damaged("its sound is not in it")
    kind = _descriptor(stream[3:], 4)[:1]
    if kind and kind[0] in _AAC | _MP3:
        return "aac" if kind[0] in _AAC else "mp3"
    raise FilmRefused(f"The video's sound is in none of AAC, MP3, Opus and FLAC. {_ADVICE}")


def _descriptor(data: bytes, tag: int) -> bytes:
    """The contents of a descriptor, whose length has seven bits in each of up to four bytes."""
    if not data or data[0] != tag:
        raise damaged("its sound is not described")
    length = 0
    for place, byte in enumerate(data[1:5], 2):
        length = length << 7 | byte & 0x7F
        if byte < 0x80:  # noqa: PLR2004  the last one
            return data[place : place + length]
    raise damaged("its sound is not described")
