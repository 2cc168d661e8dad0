"""Films made by hand: what a telephone would send, with its place and its name in many corners."""

import struct
from dataclasses import dataclass, field

SECRET = b"+59.9139+010.7522/iPhone of Ida"
_MATRIX = struct.pack(">9i", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
UPRIGHT = struct.pack(">9i", 0, 0x10000, 0, -0x10000, 0, 0, 0, 0, 0x40000000)
_BORN = 3_900_000_000  # when it was filmed, in seconds


def box(kind: bytes, *parts: bytes, wide: bool = False) -> bytes:
    """A box; a wide one tells its length in 64 bits."""
    content = b"".join(parts)
    if wide:
        return struct.pack(">I4sQ", 1, kind, 16 + len(content)) + content
    return struct.pack(">I4s", 8 + len(content), kind) + content


@dataclass
class Mp4:
    """An MP4 film that can be made wrong in every way; `samples` are the bytes of each frame."""

    samples: list[bytes] = field(default_factory=lambda: [b"\x65frame%d" % n for n in range(9)])
    sounds: list[bytes] = field(default_factory=lambda: [b"sound%d" % n for n in range(6)])
    per_chunk: int = 2
    brands: bytes = b"isom\0\0\2\0isomiso2avc1mp41"
    video: bytes = b"avc1"
    setup: bytes = field(default_factory=lambda: box(b"avcC", b"\1\x64\0\x1f\xff\xe1\0\0\1\0\0"))
    sound: bytes = b"mp4a"
    kind_of_sound: int = 0x40
    matrix: bytes = _MATRIX
    size: tuple[int, int] = (640, 360)
    index_first: bool = False
    wide: bool = False
    secret: bytes = SECRET
    in_index: bytes = b""
    at_end: bytes = b""

    def dump(self) -> bytes:
        """The file."""
        head = box(b"ftyp", self.brands) + box(b"uuid", self.secret)
        gap = self.secret  # of a track of places that telephones write
        store = gap + b"".join(self.samples) + gap + b"".join(self.sounds) + gap
        data = box(b"mdat", store, wide=self.wide)
        into = 16 if self.wide else 8
        for _ in range(2):
            first = len(head) + into + len(gap)
            if self.index_first:
                first += len(index) if _ else 0  # noqa: F821  of the round before
            index = self._index(first, first + len(b"".join(self.samples)) + len(gap))
        rest = index + data if self.index_first else data + index
        return head + rest + box(b"free", self.secret) + self.at_end

    def _index(self, video_at: int, sound_at: int) -> bytes:
        head = struct.pack(">4xIIII", _BORN, _BORN, 1000, 3000) + bytes(80)
        tracks = [self._track(b"vide", self.samples, video_at)]
        if self.sounds:
            tracks.append(self._track(b"soun", self.sounds, sound_at))
        tracks.append(self._track(b"meta", [self.secret], video_at - len(self.secret)))
        place = box(b"udta", box(b"\xa9xyz", self.secret), box(b"meta", self.secret))
        keys = box(b"meta", bytes(4), box(b"keys", self.secret), box(b"ilst", self.secret))
        return box(b"moov", box(b"mvhd", head), *tracks, place, keys, self.in_index)

    def _track(self, handler: bytes, samples: list[bytes], at: int) -> bytes:
        sides = struct.pack(">II", self.size[0] << 16, self.size[1] << 16)
        head = struct.pack(">4xIIIII", _BORN, _BORN, 1, 0, 3000)
        shown = head + bytes(16) + self.matrix + sides
        media_head = struct.pack(">4xIIIII", _BORN, _BORN, 1000, 3000, 0x55C40000)
        kind = {b"vide": box(b"vmhd", bytes(12)), b"soun": box(b"smhd", bytes(8))}
        information = box(
            b"minf",
            kind.get(handler, box(b"nmhd", bytes(4))),
            box(b"dinf", box(b"dref", struct.pack(">II", 0, 1), box(b"url ", b"\0\0\0\1"))),
            self._tables(handler, samples, at),
        )
        name = box(b"hdlr", bytes(8), handler, bytes(12), self.secret, b"\0")
        edits = box(b"edts", box(b"elst", struct.pack(">IIIiI", 0, 1, 3000, 0, 0x10000)))
        media = box(b"mdia", box(b"mdhd", media_head), name, information)
        note = box(b"udta", box(b"name", self.secret))
        return box(b"trak", box(b"tkhd", shown), edits, box(b"meta", self.secret), media, note)

    def _tables(self, handler: bytes, samples: list[bytes], at: int) -> bytes:
        described = {b"vide": self._video_entry, b"soun": self._sound_entry}
        entry = described.get(handler, lambda: box(b"mebx", bytes(8), self.secret))()
        full, rest = divmod(len(samples), self.per_chunk)
        runs = [(1, self.per_chunk, 1)] * bool(full) + [(full + 1, rest, 1)] * bool(rest)
        sizes = [len(sample) for sample in samples]
        places = [at + sum(sizes[:n]) for n in range(0, len(sizes), self.per_chunk)]
        number = ">Q" if self.wide else ">I"
        return box(
            b"stbl",
            box(b"stsd", struct.pack(">II", 0, 1), entry),
            box(b"stts", struct.pack(">IIII", 0, 1, len(samples), 100)),
            box(
                b"stsc", struct.pack(">II", 0, len(runs)), *(struct.pack(">III", *r) for r in runs)
            ),
            box(
                b"stsz",
                struct.pack(">III", 0, 0, len(sizes)),
                *(struct.pack(">I", size) for size in sizes),
            ),
            box(
                b"co64" if self.wide else b"stco",
                struct.pack(">II", 0, len(places)),
                *(struct.pack(number, place) for place in places),
            ),
            box(b"udta", self.secret),
        )

    def _video_entry(self) -> bytes:
        name = self.secret[:31].ljust(31, b"\0")
        head = bytes(6) + b"\0\1" + bytes(16) + struct.pack(">HH", *self.size)
        head += bytes(12) + b"\0\1" + bytes([len(name)]) + name + b"\0\x18\xff\xff"
        return box(self.video, head, self.setup, box(b"colr", b"prof", self.secret))

    def _sound_entry(self) -> bytes:
        head = (
            bytes(6)
            + b"\0\1"
            + bytes(8)
            + b"\0\2\0\x10"
            + bytes(4)
            + struct.pack(">I", 48000 << 16)
        )
        inner = b"\4\x11" + bytes([self.kind_of_sound]) + bytes(12) + b"\5\2\x11\x90"
        setup = {
            b"mp4a": box(b"esds", bytes(4), b"\3\x80\x80\x16", bytes(3), inner),
            b"Opus": box(b"dOps", b"\0\2" + bytes(9)),
        }
        return box(self.sound, head, setup.get(self.sound, b""), box(b"chan", self.secret))


def element(name: int, *parts: bytes, open_ended: bool = False) -> bytes:
    """An element; its length takes eight bytes."""
    content = b"".join(parts)
    head = name.to_bytes((name.bit_length() + 7) // 8, "big")
    size = b"\x01" + (b"\xff" * 7 if open_ended else len(content).to_bytes(7, "big"))
    return head + size + content


@dataclass
class WebM:
    """A WebM film that can be made wrong in every way."""

    doc_type: bytes = b"webm"
    video: bytes = b"V_VP9"
    sound: bytes = b"A_OPUS"
    duration: float | None = 3000.0
    size: tuple[int, int] = (640, 360)
    live: bool = False  # as a browser records it: it never learns how long it is
    secret: bytes = SECRET
    in_entry: bytes = b""
    more_tracks: bytes = b""
    frames: int = 4
    at_end: bytes = b""

    def dump(self) -> bytes:
        """The file."""
        head = element(0x1A45DFA3, element(0x4286, b"\1"), element(0x4282, self.doc_type))
        clusters = [self._cluster(n) for n in range(2)] if self.frames else []
        tags = element(0x1254C367, element(0x7373, element(0x67C8, element(0x4487, self.secret))))
        attached = element(0x1941A469, element(0x61A7, element(0x465C, self.secret)))
        empty = element(0xEC, self.secret)
        parts = [self._info(), empty, self._tracks(), *clusters, tags, attached]
        return head + element(0x18538067, *parts, open_ended=self.live) + self.at_end

    def _info(self) -> bytes:
        parts = [element(0x2AD7B1, (1_000_000).to_bytes(3, "big"))]
        if self.duration is not None:
            parts.append(element(0x4489, struct.pack(">d", self.duration)))
        parts += [element(name, self.secret) for name in (0x4461, 0x7BA9, 0x4D80, 0x5741, 0x73A4)]
        return element(0x1549A966, *parts)

    def _tracks(self) -> bytes:
        width, height = (side.to_bytes(2, "big") for side in self.size)
        name = element(0x536E, self.secret)
        shape = element(
            0xE0, element(0xB0, width), element(0xBA, height), element(0xEC, self.secret)
        )
        video = [element(0xD7, b"\1"), element(0x83, b"\1"), element(0x86, self.video), name, shape]
        sound = [element(0xD7, b"\2"), element(0x83, b"\2"), element(0x86, self.sound), name]
        entries = [element(0xAE, *video, self.in_entry)]
        if self.sound:
            entries.append(element(0xAE, *sound))
        return element(0x1654AE6B, *entries, self.more_tracks)

    def _cluster(self, number: int) -> bytes:
        blocks = [element(0xA3, b"\x81\0\0\x80frame%d" % n) for n in range(self.frames)]
        more = element(0x75A1, element(0xA6, self.secret))
        group = element(0xA0, element(0xA1, b"\x82\0\0\0sound"), more)
        time = element(0xE7, (number * 1500).to_bytes(2, "big"))
        return element(0x1F43B675, time, *blocks, group, open_ended=self.live)
