"""WebM files: checked, and copied without all that says who filmed it, when and with what.

What a player needs is known by its number; everything else (tags, attached files, titles, dates,
chapters, elements that nobody knows) becomes an empty element of the same length, so that every
place that the index names stays where it is. Refuses Matroska files that are no WebM, encrypted
ones, and tracks of anything but picture and sound.

Source: RFC 9559 (Matroska), section 5.
"""

import os
import struct
from collections.abc import Iterator
from typing import BinaryIO

from app.media import webm_parts as parts
from app.media.elements import (
    Element,
    read_content,
    read_element,
    read_elements,
    read_unsigned,
    void,
)
from app.media.errors import FilmRefused
from app.media.film import Film, damaged
from app.media.webm_parts import KEPT

MEDIA_TYPE = "video/webm"

_MOST = 4_000_000  # elements
_MOST_EMPTIED = 10_000
_LONGEST_HEAD = 4096  # bytes
_LONGEST_SETUP = 1024 * 1024  # bytes of what a codec is told
_PIECE = 1024 * 1024  # bytes that are copied at a time


def is_webm(head: bytes) -> bool:
    """Whether a file that begins like this is meant to be a film of this kind."""
    return head[:4] == parts.HEAD.to_bytes(4, "big")


def copy_webm(source: BinaryIO, target: BinaryIO) -> Film:
    """Copy a film without what is private; takes about as long as copying it, and blocks.

    Args:
        source: the file that came in.
        target: an empty file; holds nothing of use after a refusal.

    Raises:
        FilmRefused: it is not such a film, or cannot be shown.
    """
    walk = _Walk(source)
    film = walk.film()
    at = 0
    for start, end in walk.emptied:
        _copy(source, target, at, start)
        _write_void(target, end - start)
        at = end
    _copy(source, target, at, walk.end)
    return film


class _Walk:
    """One walk through a file, from its beginning to its end.

    `emptied` are the places of what is left behind, in order; `end` is where the film ends.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.emptied: list[tuple[int, int]] = []
        self.end = file.seek(0, os.SEEK_END)
        self._seen = 0
        self._scale = 1_000_000  # nanoseconds
        self._ticks = 0.0
        self._size: tuple[int, int] | None = None
        self._codecs: dict[int, str] = {}
        self._has_frames = False

    def film(self) -> Film:
        """What the file holds."""
        head = read_element(self._file, 0, self.end)
        self._check_type(head)
        segment = read_element(self._file, head.end, self.end)
        if segment.id != parts.SEGMENT:
            raise damaged("nothing follows its head")
        self.end = segment.end
        self._read_segment(segment)
        if self._size is None:
            raise FilmRefused("The file has no moving picture in it.")
        if not self._has_frames:
            raise damaged("it has no frames")
        seconds = self._ticks * self._scale / 1e9
        codecs = tuple(self._codecs[kind] for kind in sorted(self._codecs))
        return Film(MEDIA_TYPE, *self._size, seconds or None, codecs)

    def _check_type(self, head: Element) -> None:
        if head.open_ended or head.length > _LONGEST_HEAD:
            raise damaged("its head cannot be read")
        told = b""
        for element in self._kept(head):
            if element.id == parts.DOC_TYPE:
                told = read_content(self._file, element, 32).rstrip(b"\0")
        if told != b"webm":
            raise FilmRefused("The file is Matroska and no WebM. Please export it as WebM or MP4.")

    def _read_segment(self, segment: Element) -> None:
        at = segment.body
        while at < segment.end:
            part = read_element(self._file, at, segment.end)
            at = part.end
            if part.id == parts.CLUSTER:
                at = self._read_cluster(part)
            elif self._keeps(segment.id, part):
                self._read_part(part)

    def _read_part(self, part: Element) -> None:
        if part.id == parts.INFO:
            self._read_info(part)
        elif part.id == parts.TRACKS:
            for entry in self._kept(part):
                self._read_track(entry)
        else:
            self._filter(part)

    def _read_cluster(self, cluster: Element) -> int:
        """Read it; where it ends, which an open one tells by what follows it."""
        at, time = cluster.body, 0
        while at < cluster.end:
            element = read_element(self._file, at, cluster.end)
            if cluster.open_ended and element.id in parts.OF_A_SEGMENT:
                break
            at = element.end
            if not self._keeps(cluster.id, element):
                continue
            if element.id == parts.TIME:
                time = read_unsigned(self._file, element)
            elif element.id == parts.GROUP:
                self._filter(element)
            self._has_frames |= element.id in {parts.BLOCK, parts.GROUP}
        self._ticks = max(self._ticks, float(time))
        return at

    def _read_info(self, info: Element) -> None:
        for element in self._kept(info):
            if element.id == parts.SCALE:
                self._scale = read_unsigned(self._file, element)
                continue
            form = {4: ">f", 8: ">d"}.get(element.length)
            if form is None:
                raise damaged("its length in time cannot be read")
            (ticks,) = struct.unpack(form, read_content(self._file, element, 8))
            self._ticks = max(self._ticks, ticks)

    def _read_track(self, entry: Element) -> None:
        codec, kind = "", 0
        size = 0, 0
        for element in self._kept(entry):
            if element.length > _LONGEST_SETUP:
                raise damaged("a part is longer than it may be")
            if element.id == parts.CODEC:
                codec = read_content(self._file, element, 64).rstrip(b"\0").decode("latin-1")
            elif element.id == parts.KIND:
                kind = read_unsigned(self._file, element)
            elif element.id == parts.VIDEO:
                size = self._read_size(element)
            elif element.id == parts.ENCODINGS:
                raise FilmRefused("The video is encrypted or packed, so browsers do not play it.")
            elif element.id in KEPT:
                self._filter(element)
        self._take(kind, codec, size)

    def _take(self, kind: int, codec: str, size: tuple[int, int]) -> None:
        if kind not in {parts.PICTURE, parts.SOUND}:
            raise FilmRefused("The video has a track of neither picture nor sound in it.")
        if codec not in parts.CODECS or codec.startswith("V_") != (kind == parts.PICTURE):
            raise FilmRefused(
                "The video is in none of VP8, VP9 and AV1, or its sound in none of Opus and Vorbis,"
                " which is all that WebM has."
            )
        self._codecs.setdefault(kind, parts.CODECS[codec])
        if kind == parts.PICTURE:
            self._size = self._size or size

    def _read_size(self, video: Element) -> tuple[int, int]:
        told: dict[int, int] = {}
        for element in self._kept(video):
            if element.id in KEPT:
                self._filter(element)
            else:
                told[element.id] = read_unsigned(self._file, element)
        width, height = told.get(parts.SHOWN_WIDTH, 0), told.get(parts.SHOWN_HEIGHT, 0)
        if width and height and not told.get(parts.UNIT):
            return width, height
        return told.get(parts.WIDTH, 0), told.get(parts.HEIGHT, 0)

    def _filter(self, parent: Element) -> None:
        for element in self._kept(parent):
            if element.id in KEPT:
                self._filter(element)

    def _kept(self, parent: Element) -> Iterator[Element]:
        """What is kept of an element's contents; the rest is noted."""
        for element in read_elements(self._file, parent.body, parent.end):
            if self._keeps(parent.id, element):
                yield element

    def _keeps(self, parent: int, element: Element) -> bool:
        self._seen += 1
        if self._seen > _MOST:
            raise FilmRefused("The video is in more pieces than any that is shown here.")
        if element.open_ended:
            raise damaged("a part does not know its length")
        if element.id in KEPT[parent]:
            return True
        self.emptied.append((element.start, element.end))
        if len(self.emptied) > _MOST_EMPTIED:
            raise FilmRefused("The video has more notes in it than any that is shown here.")
        return False


def _write_void(target: BinaryIO, length: int) -> None:
    head = void(length)
    target.write(head)
    left = length - len(head)
    while left > 0:
        left -= target.write(bytes(min(left, _PIECE)))


def _copy(source: BinaryIO, target: BinaryIO, start: int, end: int) -> None:
    source.seek(start)
    while start < end:
        piece = source.read(min(_PIECE, end - start))
        if not piece:
            raise damaged("it ends in the middle")
        target.write(piece)
        start += len(piece)
