"""Malicious and damaged videos, made from real ones by changing bytes.

Each of `REFUSED` must get a 4xx. `HARMLESS` are either refused, or converted to new videos without
the hidden content.
"""

import io
import random
import struct
import zipfile
import zlib
from collections.abc import Callable

import av

from tests.media.pictures import encoded, picture
from tests.media.videos import Recipe, made

Make = Callable[[], bytes]
SCRIPT = b"<script>alert(document.domain)</script>"
PLAYLIST = b"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n"
CONCAT = b"ffconcat version 1.0\nfile '/etc/passwd'\nfile 'http://127.0.0.1:9/x.mp4'\n"

_FAST_START = Recipe(muxing={"movflags": "+faststart"})
_LONGER = {"frames": 72, "size": (160, 90)}


_files: dict[str, bytes] = {}


def _file(recipe: Recipe) -> bytes:
    """Return the encoded file of a recipe; cached."""
    name = repr(recipe)
    if name not in _files:
        _files[name] = recipe.make()
    return _files[name]


def _mp4() -> bytes:
    return made("MP4")


def _webm() -> bytes:
    return made("WebM")


def box(kind: bytes, *parts: bytes) -> bytes:
    """Return an MP4 box."""
    content = b"".join(parts)
    return struct.pack(">I4s", 8 + len(content), kind) + content


_FTYP = box(b"ftyp", b"isom\0\0\2\0isomiso2avc1mp41")


def _at(content: bytes, kind: bytes) -> int:
    """Return the offset of a box's type."""
    return content.index(kind)


def _with(kind: bytes, offset: int, new: bytes, content: bytes | None = None) -> bytes:
    """Return the file with bytes replaced at an offset from a box's type."""
    whole = _mp4() if content is None else content
    at = _at(whole, kind) + offset
    return whole[:at] + new + whole[at + len(new) :]


def _replaced(old: bytes, new: bytes, content: bytes | None = None) -> bytes:
    whole = _mp4() if content is None else content
    assert old in whole
    return whole.replace(old, new)


def _in_moov(extra: bytes) -> bytes:
    """Return the MP4 with bytes appended to its `moov` box, which is its last."""
    whole = _mp4()
    at = _at(whole, b"moov") - 4
    (size,) = struct.unpack_from(">I", whole, at)
    return whole[:at] + struct.pack(">I", size + len(extra)) + whole[at + 4 : at + size] + extra


def _many_tracks(count: int) -> bytes:
    whole = _mp4()
    at = _at(whole, b"trak") - 4
    (size,) = struct.unpack_from(">I", whole, at)
    return _in_moov(whole[at : at + size] * count)


def _edits(entries: list[tuple[int, int]]) -> bytes:
    """Return the MP4 with an edit list (duration, media time) in its first track."""
    body = struct.pack(">II", 0, len(entries))
    body += b"".join(struct.pack(">IiI", length, begin, 0x10000) for length, begin in entries)
    whole = _mp4()
    at = _at(whole, b"edts") - 4
    (size,) = struct.unpack_from(">I", whole, at)
    edits = box(b"edts", box(b"elst", body))
    changed = whole[:at] + edits + whole[at + size :]
    for name in (b"trak", b"moov"):
        offset = _at(changed, name) - 4
        (old,) = struct.unpack_from(">I", changed, offset)
        changed = (
            changed[:offset] + struct.pack(">I", old + len(edits) - size) + changed[offset + 4 :]
        )
    return changed


def _swarm(count: int) -> bytes:
    """Return an MP4 with that many one-byte frames within a second."""
    setup = box(b"avcC", b"\1\x64\0\x1f\xff\xe1\0\0\1\0\0")
    entry = box(
        b"avc1",
        bytes(6) + b"\0\1" + bytes(16) + struct.pack(">HH", 320, 180) + bytes(50),
        setup,
    )
    tables = box(
        b"stbl",
        box(b"stsd", struct.pack(">II", 0, 1), entry),
        box(b"stts", struct.pack(">IIII", 0, 1, count, 1)),
        box(b"stsc", struct.pack(">IIIII", 0, 1, 1, count, 1)),
        box(b"stsz", struct.pack(">III", 0, 1, count)),
        box(b"stco", struct.pack(">III", 0, 1, len(_FTYP) + 8)),
    )
    reference = box(b"dinf", box(b"dref", struct.pack(">II", 0, 1), box(b"url ", b"\0\0\0\1")))
    media = box(
        b"mdia",
        box(b"mdhd", struct.pack(">6I", 0, 0, 0, count, count, 0)),
        box(b"hdlr", bytes(8), b"vide", bytes(13)),
        box(b"minf", box(b"vmhd", bytes(12)), reference, tables),
    )
    track = box(
        b"trak", box(b"tkhd", struct.pack(">IIIIII", 7, 0, 0, 1, 0, count), bytes(60)), media
    )
    head = box(b"mvhd", struct.pack(">5I", 0, 0, 0, count, count), bytes(80))
    return _FTYP + box(b"mdat", bytes(count)) + box(b"moov", head, track)


def _zip_of_index() -> bytes:
    """Return an MP4 with a compressed index that declares 2 GB."""
    packed = zlib.compress(b"\0" * 100_000_000, 9)
    content = box(b"cmvd", struct.pack(">I", 0x7FFFFFFF), packed)
    return _FTYP + box(b"moov", box(b"cmov", box(b"dcom", b"zlib"), content))


def _nested(depth: int) -> bytes:
    deep = b""
    for _ in range(depth):
        deep = box(b"trak", deep)
    return _FTYP + box(b"moov", deep) + box(b"mdat", bytes(100))


def _reference_movie() -> bytes:
    """Return a QuickTime file that only refers to another file."""
    address = b"file:///etc/passwd\0"
    target = box(b"rdrf", bytes(4), b"url ", struct.pack(">I", len(address)), address)
    return box(b"ftyp", b"qt  \0\0\0\0qt  ") + box(b"moov", box(b"rmra", box(b"rmda", target)))


def alias(path: bytes) -> bytes:
    """Return a QuickTime alias of another file."""
    head = bytes(10) + b"\x05" + b"Media".ljust(27, b"\0") + bytes(12)
    name = path.rpartition(b"/")[2]
    head += bytes([len(name)]) + name.ljust(63, b"\0") + bytes(16) + bytes(4) + bytes(16)
    return head + struct.pack(">HH", 2, len(path)) + path + bytes(len(path) % 2) + b"\xff\xff\0\0"


def elsewhere(kind: bytes, address: bytes) -> bytes:
    """Return a video whose data reference names another file."""
    whole = _mp4()
    reference = box(kind, b"\0\0\0\0" + address)
    old = box(b"url ", b"\0\0\0\1")
    changed = whole.replace(old, reference)
    longer = len(reference) - len(old)
    for name in (b"dref", b"dinf", b"minf", b"mdia", b"trak"):
        at = -1
        while (at := changed.find(name, at + 1)) >= 0:
            (size,) = struct.unpack_from(">I", changed, at - 4)
            changed = changed[: at - 4] + struct.pack(">I", size + longer) + changed[at:]
    at = _at(changed, b"moov") - 4
    (size,) = struct.unpack_from(">I", changed, at)
    return changed[:at] + struct.pack(">I", len(changed) - at) + changed[at + 4 :]


def _giant_jpegs() -> bytes:
    """Return a motion JPEG video whose frames declare 65,500 by 65,500 pixels."""
    whole = bytearray(_file(Recipe(video="mjpeg", container="mov", audio=None, pixels="yuvj420p")))
    at = -1
    while (at := whole.find(b"\xff\xc0\0\x11\x08", at + 1)) >= 0:
        whole[at + 5 : at + 9] = struct.pack(">HH", 65_500, 65_500)
    return bytes(whole)


def _giant_vp8() -> bytes:
    """Return a video whose key frame declares 16,383 by 16,383 pixels."""
    whole = made("VP8")
    return whole.replace(
        b"\x9d\x01\x2a" + struct.pack("<HH", 320, 180),
        b"\x9d\x01\x2a" + struct.pack("<HH", 16_383, 16_383),
    )


def element(name: int, content: bytes) -> bytes:
    """Return a Matroska element with an eight-byte length."""
    head = name.to_bytes((name.bit_length() + 7) // 8, "big")
    return head + b"\x01" + len(content).to_bytes(7, "big") + content


_EBML = element(0x1A45DFA3, element(0x4286, b"\1") + element(0x4282, b"webm"))


def _webm_of_tracks(count: int) -> bytes:
    shape = element(0xE0, element(0xB0, b"\1\x40") + element(0xBA, b"\0\xb4"))
    entries = b"".join(
        element(
            0xAE,
            element(0xD7, number.to_bytes(2, "big"))
            + element(0x83, b"\1")
            + element(0x86, b"V_VP9")
            + shape,
        )
        for number in range(1, count)
    )
    return _EBML + element(0x18538067, element(0x1654AE6B, entries))


def _webm_duration(value: float) -> bytes:
    whole = _webm()
    at = whole.index(b"\x44\x89\x88") + 3
    return whole[:at] + struct.pack(">d", value) + whole[at + 8 :]


def _late_cluster() -> bytes:
    """Return a WebM whose only cluster starts after ten days."""
    whole = _webm()
    at = whole.index(b"\x1f\x43\xb6\x75")
    into = whole.index(b"\xe7", at)
    length = whole[into + 1] & 0x7F
    new = b"\xe7" + bytes([0x80 | 4]) + (864_000_000).to_bytes(4, "big")
    pad = length + 2 - len(new)
    if pad >= 0:
        return whole[:into] + new + bytes(pad) + whole[into + length + 2 :]
    return whole[:into] + new + whole[into + length + 2 :]


def _zip() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("evil.html", SCRIPT)
    return buffer.getvalue()


def _sound_alone(container: str, codec: str) -> bytes:
    buffer = io.BytesIO()
    with av.open(buffer, "w", format=container) as output:
        audio = output.add_stream(codec, rate=48_000)
        audio.layout = "stereo"
        for start in range(10):
            frame = av.AudioFrame(format="s16", layout="stereo", samples=1024)
            frame.sample_rate, frame.pts = 48_000, start * 1024
            frame.planes[0].update(bytes(4096))
            output.mux(audio.encode(frame))
        output.mux(audio.encode(None))
    return buffer.getvalue()


def _garbled(whole: bytes, seed: int) -> bytes:
    rng, body = random.Random(seed), bytearray(whole)
    for _ in range(40):
        body[rng.randrange(32, len(body))] = rng.randrange(256)
    return bytes(body)


def _garbled_index(seed: int) -> bytes:
    """Return the MP4 with random bytes in its index, which has all lengths and counts."""
    whole, rng = bytearray(_mp4()), random.Random(seed)
    start = _at(bytes(whole), b"moov")
    for _ in range(12):
        whole[rng.randrange(start + 8, len(whole))] = rng.randrange(256)
    return bytes(whole)


def _cut(recipe: Recipe, part: int) -> bytes:
    whole = _file(recipe)
    return whole[: len(whole) * part // 100]


def _zeroed(rng: random.Random | None = None) -> bytes:
    whole = _mp4()
    at = _at(whole, b"mdat") + 4
    (size,) = struct.unpack_from(">I", whole, at - 8)
    count = size - 8
    return whole[:at] + (rng.randbytes(count) if rng else bytes(count)) + whole[at + count :]


def _noise(head: bytes) -> bytes:
    return head + random.Random(3).randbytes(50_000)


_COUNT = b"\x7f\xff\xff\xff"
_TRUNCATED: dict[str, Make] = {
    **{
        f"{name} that ends after {part} %": lambda recipe=recipe, part=part: _cut(recipe, part)
        for name, recipe in {
            "MP4": Recipe(),
            "MP4 with its index first": _FAST_START,
            "QuickTime": Recipe(container="mov", audio="pcm_s16le"),
            "MP4 of one fragment": Recipe(muxing={"movflags": "frag_keyframe+empty_moov"}),
        }.items()
        for part in (2, 50, 90)
    },
    **{
        f"{name} that ends after {part} %": lambda recipe=recipe, part=part: _cut(recipe, part)
        for name, recipe in {
            "WebM": Recipe(video="libvpx-vp9", container="webm", audio="libopus", **_LONGER),
            "Matroska": Recipe(container="matroska", **_LONGER),
        }.items()
        for part in (1, 20, 60)
    },
}
_FOREIGN: dict[str, Make] = {
    "a playlist": lambda: PLAYLIST,
    "a list of files": lambda: CONCAT,
    "a playlist that begins as an MP4": lambda: _FTYP + PLAYLIST,
    "a list of files that begins as an MP4": lambda: _FTYP + CONCAT,
    "a playlist that begins as a WebM": lambda: _EBML + PLAYLIST,
    "a playlist in the only box": lambda: _FTYP + box(b"mdat", PLAYLIST),
    "a DASH manifest": lambda: b'<?xml version="1.0"?><MPD><BaseURL>file:///etc/</BaseURL></MPD>',
    "an SDP file": lambda: b"v=0\no=- 0 0 IN IP4 127.0.0.1\nm=video 9 RTP/AVP 96\n",
    "a film whose frames are in another file": lambda: elsewhere(b"alis", alias(b"/etc/passwd")),
    "a QuickTime film that names another": _reference_movie,
    "AVI": lambda: _file(Recipe(container="avi", video="mpeg4", audio="libmp3lame")),
    "MPEG transport stream": lambda: _file(Recipe(container="mpegts")),
    "Flash video": lambda: _file(Recipe(container="flv", video="flv", audio=None)),
    "Windows video": lambda: _file(Recipe(container="asf", video="wmv2", audio=None)),
    "Ogg": lambda: _sound_alone("ogg", "libopus"),
    "an MP4 that calls itself HEIC": lambda: _with(b"ftyp", 4, b"heic"),
    "an MP4 that calls itself AVIF": lambda: _with(b"ftyp", 4, b"avif"),
    "an MP4 that calls itself a picture": lambda: _with(b"ftyp", 4, b"mif1"),
    "an MP4 behind a WebM's head": lambda: _EBML + _mp4(),
    "a WebM behind an MP4's head": lambda: _FTYP + _webm(),
}
_TRACKS: dict[str, Make] = {
    "sound alone": lambda: _sound_alone("mp4", "aac"),
    "sound alone in Matroska": lambda: _sound_alone("matroska", "libopus"),
    "an encrypted picture": lambda: _replaced(b"avc1\0\0\0\0\0\0\0\1", b"encv\0\0\0\0\0\0\0\1"),
    "encrypted sound": lambda: _replaced(b"mp4a\0\0\0\0\0\0\0\1", b"enca\0\0\0\0\0\0\0\1"),
    "a picture of an unknown codec": lambda: _replaced(
        b"avc1\0\0\0\0\0\0\0\1", b"zzzz\0\0\0\0\0\0\0\1"
    ),
    "FFV1": lambda: _file(Recipe(video="ffv1", container="matroska", audio=None)),
    "QuickTime Animation": lambda: _file(
        Recipe(video="qtrle", container="mov", pixels="rgb24", audio=None, frames=4)
    ),
    "PNG as a film": lambda: _file(
        Recipe(video="png", container="mov", pixels="rgb24", audio=None, frames=4)
    ),
    "pixels as they are": lambda: _file(
        Recipe(video="rawvideo", container="mov", pixels="yuv420p", audio=None, frames=4)
    ),
    "sound of another codec": lambda: _file(Recipe(container="matroska", audio="mp2")),
    "two thousand tracks": lambda: _many_tracks(2000),
    "a thousand tracks in a WebM": lambda: _webm_of_tracks(1000),
    "tracks without a frame": lambda: _webm_of_tracks(3),
}
_BOMBS: dict[str, Make] = {
    "JPEGs of 65,500 by 65,500": _giant_jpegs,
    "VP8 of 16,383 by 16,383": _giant_vp8,
    "a side of 8,208 pixels": lambda: _file(
        Recipe(size=(8208, 64), frames=2, audio=None, coding={"preset": "ultrafast"})
    ),
    "pictures of a byte, three hundred thousand in a second": lambda: _swarm(300_000),
    "twelve thousand pictures in a second": lambda: _file(
        Recipe(size=(2, 2), frames=12_000, rate=50_000, audio=None, coding={"preset": "ultrafast"})
    ),
    "pictures that are shown for days": lambda: _with(
        b"stts", 16, _COUNT, _replaced(b"edts", b"free")
    ),
    "a WebM that says it has no end": lambda: _webm_duration(1e12),
    "an index that says it has two gigabytes": _zip_of_index,
    "boxes in boxes, five thousand deep": lambda: _nested(5000),
    "ten thousand edits": lambda: _edits([(1000, 0)] * 10_000),
    "an edit that shows nothing": lambda: _edits([(1000, 0x7FFFFFF0)]),
}
_DAMAGED: dict[str, Make] = {
    "an MP4's head alone": lambda: _FTYP,
    "an MP4 of an empty index": lambda: _FTYP + box(b"moov"),
    "an MP4 without an index": lambda: _FTYP + box(b"mdat", bytes(5000)),
    "noise behind an MP4's head": lambda: _noise(_FTYP),
    "noise behind a WebM's head": lambda: _noise(_EBML),
    "a WebM's head alone": lambda: _EBML,
    "zeros as an index": lambda: _FTYP + box(b"moov", bytes(5000)),
    "no setup of the decoder": lambda: _with(b"avcC", 4, bytes(20)),
    "an index of another name": lambda: _replaced(b"moov", b"moof"),
    "an index of no length": lambda: _with(b"moov", -4, b"\0\0\0\1"),
    "no tables": lambda: _replaced(b"stbl", b"xxxx"),
    "no places": lambda: _replaced(b"stco", b"xxxx"),
    "no sizes": lambda: _replaced(b"stsz", b"xxxx"),
    "places beyond the file": lambda: _with(b"stco", 12, b"\x7f\xff\xff\xff"),
    "sizes of 2 GB": lambda: _with(b"stsz", 8, _COUNT),
    "zeros as frames": _zeroed,
    "noise as frames": lambda: _zeroed(random.Random(4)),
}


REFUSED: dict[str, Make] = {**_TRUNCATED, **_FOREIGN, **_TRACKS, **_BOMBS, **_DAMAGED}

_COUNTS = {
    f"two thousand million entries in {table.decode()}": (
        lambda table=table, at=at: _with(table, at, _COUNT)
    )
    for table, at in {
        b"stsd": 8,
        b"stts": 8,
        b"stsc": 8,
        b"stsz": 12,
        b"stco": 8,
        b"elst": 8,
        b"dref": 8,
    }.items()
}
_BOXES = {
    f"{what} in {kind.decode()}": lambda kind=kind, new=new: _with(kind, -4, new)
    for what, new in {"a length of 2 GB": _COUNT, "no length": b"\0\0\0\3"}.items()
    for kind in (
        *(b"mvhd", b"trak", b"tkhd", b"mdia", b"mdhd", b"hdlr", b"minf", b"stbl"),
        *(b"stsd", b"avc1", b"avcC", b"stts", b"stsc", b"stsz", b"stco", b"udta"),
    )
}
HARMLESS: dict[str, Make] = {
    **_COUNTS,
    **_BOXES,
    **{f"an index garbled {seed}": lambda seed=seed: _garbled_index(seed) for seed in range(12)},
    **{
        f"{name}, garbled {seed}": lambda name=name, seed=seed: _garbled(made(name), seed)
        for name in ("MP4", "WebM", "HEVC", "ProRes", "HEVC in fragments", "Matroska")
        for seed in (1, 2)
    },
    "a page behind an MP4": lambda: _mp4() + SCRIPT,
    "an archive behind an MP4": lambda: _mp4() + _zip(),
    "a page in a box": lambda: _mp4() + box(b"free", SCRIPT),
    "a page in the index": lambda: _in_moov(box(b"udta", box(b"\xa9cmt", SCRIPT))),
    "a page behind a WebM": lambda: _webm() + SCRIPT,
    "a page attached to a film": lambda: _file(Recipe(container="matroska", attachment=SCRIPT)),
    "a page as a title": lambda: _file(Recipe(metadata={"title": SCRIPT.decode()})),
    "a PDF that is an MP4": lambda: box(b"skip", b"%PDF-1.7\n" + SCRIPT) + _mp4(),
    "a key system's box": lambda: _in_moov(box(b"pssh", bytes(20))),
    "an edit before the beginning": lambda: _edits([(1000, -1), (1000, 0)]),
    "edits one in the other": lambda: _edits([(500, 4000), (500, 0), (500, 4000)]),
    "negative times": lambda: _with(b"elst", 16, b"\x80\0\0\0"),
    "a duration of no number": lambda: _webm_duration(float("nan")),
    "a negative duration": lambda: _webm_duration(-1000.0),
    "an infinite duration": lambda: _webm_duration(float("inf")),
    "a duration of no length": lambda: _webm_duration(0.0),
    "a head that says years": lambda: _with(b"mvhd", 20, b"\xff\xff\xff\xff"),
    "a track that says years": lambda: _with(b"mdhd", 20, b"\xff\xff\xff\xff"),
    "a clock of no ticks": lambda: _with(b"mdhd", 16, b"\0\0\0\0"),
    "a matrix of zeros": lambda: _with(b"tkhd", 44, bytes(36)),
    "a matrix of the largest numbers": lambda: _with(b"tkhd", 44, _COUNT * 9),
    "an index of 4 GB": lambda: _with(b"moov", -4, b"\xff\xff\xff\xff"),
    "a WebM that begins after ten days": _late_cluster,
    "a film whose frames have an address": lambda: elsewhere(b"url ", b"file:///etc/passwd\0"),
    "two indexes": lambda: _mp4() + _mp4()[_at(_mp4(), b"moov") - 4 :],
    "a film of one picture": lambda: _file(Recipe(frames=1, audio=None)),
    "a film of two pixels": lambda: _file(Recipe(size=(2, 2), audio=None)),
    "a JPEG with a film behind it": lambda: encoded(picture()) + _mp4(),
}
