"""MP4 files: checked, and written anew with their pictures and sound and nothing else.

A film from a telephone tells where it was made, when and with which device, in many places of which
each maker adds some. So nothing is taken out: what a player needs is carried over, and the rest
stays behind, a second film, subtitles and what no table points to among it. The index comes first,
so that a browser can begin before it has the whole. Refuses files in fragments, encrypted ones,
and all that not every browser plays.

Source: ISO/IEC 14496-12.
"""

import struct
from bisect import bisect_right
from collections.abc import Callable
from functools import partial
from typing import BinaryIO

from app.media import foreign
from app.media.boxes import Box, Place, find_box, read_boxes, read_places, write_box
from app.media.errors import FilmRefused
from app.media.film import Film, damaged
from app.media.mp4_track import Track, read_duration, read_track, timeless

MEDIA_TYPE = "video/mp4"

_LARGEST_INDEX = 16 * 1024 * 1024  # bytes
_PIECE = 1024 * 1024  # bytes that are copied at a time
_PICTURES = frozenset({b"avif", b"avis", *foreign.BRANDS})
_BRANDS = frozenset(
    b"isom iso2 iso3 iso4 iso5 iso6 iso7 iso8 iso9 mp41 mp42 avc1 av01 MSNV".split()
)
_TYPE = write_box(b"ftyp", b"isom", struct.pack(">I", 0x200), b"isomiso2mp41")

Span = tuple[int, int]


def is_mp4(head: bytes) -> bool:
    """Whether a file that begins like this is meant to be a film of this kind."""
    return head[4:8] == b"ftyp" and head[8:12] not in _PICTURES


def copy_mp4(source: BinaryIO, target: BinaryIO) -> Film:
    """Write a film anew; takes about as long as copying it, and blocks.

    Args:
        source: the file that came in.
        target: an empty file; holds nothing of use after a refusal.

    Raises:
        FilmRefused: it is not such a film, or cannot be shown.
    """
    index, stores = _read_outline(source)
    boxes = read_boxes(memoryview(index))
    tracks = _choose(boxes)
    spans = _merged([span for track in tracks for span in track.table.chunks()])
    _check_stored(spans, stores)
    _write(source, target, partial(_index, boxes, tracks), spans)
    picture = tracks[0]
    head = timeless(find_box(boxes, b"mvhd"), 100, 112)
    duration = read_duration(head) or picture.duration
    codecs = tuple(track.codec for track in tracks)
    return Film(MEDIA_TYPE, *picture.shown_size, duration, codecs)


def _read_outline(source: BinaryIO) -> tuple[bytes, list[Span]]:
    """The index, and where the samples may be."""
    index: bytes | None = None
    stores: list[Span] = []
    for number, place in enumerate(read_places(source)):
        if number == 0:
            _check_type(source, place)
        elif place.kind == b"moov":
            if index is not None:
                raise damaged("it has two indexes")
            index = _read(source, place, _LARGEST_INDEX)
        elif place.kind == b"mdat":
            stores.append((place.start, place.end))
        elif place.kind in {b"moof", b"styp"}:
            raise _fragmented()
    if index is None:
        raise damaged("its index is missing")
    return index, stores


def _fragmented() -> FilmRefused:
    return FilmRefused(
        "The video is in fragments, as for streaming. Please export it as a whole MP4 file."
    )


def _check_type(source: BinaryIO, place: Place) -> None:
    brands = _read(source, place, 4096) if place.kind == b"ftyp" else b""
    named = {brands[:4], *(brands[at : at + 4] for at in range(8, len(brands), 4))}
    if brands[:4] in _PICTURES:
        raise FilmRefused("The file is a picture and no video.")
    if not named & _BRANDS:
        raise FilmRefused(
            "The file is no MP4 that browsers play; a QuickTime file, say, has to be exported as"
            " MP4 with H.264 and AAC."
        )


def _read(source: BinaryIO, place: Place, limit: int) -> bytes:
    length = place.end - place.start
    if length > limit:
        raise FilmRefused("The video's index is larger than that of any film that is shown here.")
    source.seek(place.start)
    content = source.read(length)
    if len(content) < length:
        raise damaged("it ends in the middle")
    return content


def _choose(boxes: list[Box]) -> list[Track]:
    """The first track of pictures, then the first one of sound."""
    if any(box.kind == b"mvex" for box in boxes):
        raise _fragmented()
    if any(box.kind == b"pssh" for box in boxes):
        raise FilmRefused("The video is encrypted, so nobody could play it here.")
    chosen: dict[bytes, Track] = {}
    refusal: FilmRefused | None = None
    for box in boxes:
        if box.kind != b"trak":
            continue
        try:
            track = read_track(box.content)
        except FilmRefused as error:
            refusal = refusal or error
            continue
        if track:
            chosen.setdefault(track.handler, track)
    if b"vide" not in chosen or (refusal and b"soun" not in chosen):
        raise refusal or FilmRefused("The file has no moving picture in it.")
    return [chosen[handler] for handler in (b"vide", b"soun") if handler in chosen]


def _merged(spans: list[Span]) -> list[Span]:
    """The same places without overlaps, in the order of the file."""
    merged: list[Span] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            if end > merged[-1][1]:
                merged[-1] = (merged[-1][0], end)
        else:
            merged.append((start, end))
    return merged


def _check_stored(spans: list[Span], stores: list[Span]) -> None:
    """That each place is inside of what holds samples."""
    # Side by side, two of these may hold what looks like one place.
    for start, end in spans:
        at = bisect_right(stores, (start, 1 << 64)) - 1
        if at < 0 or end > stores[at][1]:
            raise damaged("some of its pictures or sound are not in it")


def _index(boxes: list[Box], tracks: list[Track], moved: Callable[[int], int]) -> bytes:
    head = write_box(b"mvhd", timeless(find_box(boxes, b"mvhd"), 100, 112))
    return write_box(b"moov", head, *(track.write(moved) for track in tracks))


def _write(
    source: BinaryIO,
    target: BinaryIO,
    write_index: Callable[[Callable[[int], int]], bytes],
    spans: list[Span],
) -> None:
    starts = [start for start, _ in spans]
    total, before = 0, []
    for start, end in spans:
        before.append(total)
        total += end - start
    # The index is as long as it is wherever it points, unless numbers of 64 bits are needed.
    first = 0
    for _ in range(3):
        moved = partial(_moved, starts, before, first)
        index = write_index(moved)
        settled, first = first, len(_TYPE) + len(index) + 16
        if settled == first:
            break
    target.write(_TYPE + index + struct.pack(">I4sQ", 1, b"mdat", 16 + total))
    for start, end in spans:
        _copy(source, target, start, end)


def _moved(starts: list[int], before: list[int], first: int, place: int) -> int:
    at = bisect_right(starts, place) - 1
    return first + before[at] + place - starts[at]


def _copy(source: BinaryIO, target: BinaryIO, start: int, end: int) -> None:
    source.seek(start)
    while start < end:
        piece = source.read(min(_PIECE, end - start))
        if not piece:
            raise damaged("it ends in the middle")
        target.write(piece)
        start += len(piece)
