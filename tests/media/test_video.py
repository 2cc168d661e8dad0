"""Films of either kind: what is taken, what is left behind, and what is refused."""

import io
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from app.media.errors import FilmRefused
from app.media.film import Film
from app.media.video import copy_film, is_film
from tests.media.films import SECRET, UPRIGHT, Mp4, WebM, box, element


def _copied(folder: Path, content: bytes) -> tuple[Film, bytes]:
    source, target = folder / "in", folder / "out"
    source.write_bytes(content)
    target.unlink(missing_ok=True)
    try:
        film = copy_film(source, target)
    except FilmRefused:
        assert not target.exists()
        raise
    return film, target.read_bytes()


def _refused(folder: Path, content: bytes) -> str:
    with pytest.raises(FilmRefused) as refusal:
        _copied(folder, content)
    return str(refusal.value)


@pytest.mark.parametrize("index_first", [False, True])
@pytest.mark.parametrize("wide", [False, True])
def test_an_mp4_is_told_by_its_own_structure(tmp_path: Path, index_first: bool, wide: bool) -> None:
    """Size, duration and codecs are the file's, wherever its index stands."""
    film, _ = _copied(tmp_path, Mp4(index_first=index_first, wide=wide).dump())
    assert film == Film("video/mp4", 640, 360, 3.0, ("h264", "aac"))


@pytest.mark.parametrize("live", [False, True])
def test_a_webm_is_told_by_its_own_structure(tmp_path: Path, live: bool) -> None:
    """Also one whose parts never learned how long they are."""
    film, _ = _copied(tmp_path, WebM(live=live).dump())
    assert film == Film("video/webm", 640, 360, 3.0, ("vp9", "opus"))


def test_a_film_without_a_duration_lasts_as_long_as_its_clusters(tmp_path: Path) -> None:
    """Browsers record such files."""
    film, _ = _copied(tmp_path, WebM(duration=None, live=True).dump())
    assert film.duration == 1.5


def test_a_film_that_was_held_upright_is_narrow(tmp_path: Path) -> None:
    """Its place in the page has the shape in which it is shown."""
    film, _ = _copied(tmp_path, Mp4(matrix=UPRIGHT).dump())
    assert (film.width, film.height) == (360, 640)


@pytest.mark.parametrize(
    "film", [Mp4(), Mp4(index_first=True), Mp4(wide=True), WebM(), WebM(live=True)]
)
def test_place_device_and_time_stay_behind(tmp_path: Path, film: Mp4 | WebM) -> None:
    """Not a byte of them is in what is served, in whatever corner they stood."""
    content = film.dump()
    assert content.count(SECRET) > 5
    _, served = _copied(tmp_path, content)
    assert SECRET not in served
    assert SECRET[:12] not in served
    assert (3_900_000_000).to_bytes(4, "big") not in served


def test_the_index_comes_first_and_names_every_frame(tmp_path: Path) -> None:
    """The tables of what is served lead to the same frames and sounds as those of what came."""
    film = Mp4()
    _, served = _copied(tmp_path, film.dump())
    assert served.index(b"moov") < served.index(b"mdat")
    frames, sounds = _samples(served)
    assert frames == film.samples
    assert sounds == film.sounds


def test_what_was_made_of_a_film_is_made_of_it_again(tmp_path: Path) -> None:
    """Nothing is left to take out the second time."""
    for film in (Mp4(), WebM()):
        known, served = _copied(tmp_path, film.dump())
        assert _copied(tmp_path, served) == (known, served)


def test_a_webm_keeps_every_place(tmp_path: Path) -> None:
    """Its index and its frames stand where they stood."""
    content = WebM().dump()
    _, served = _copied(tmp_path, content)
    assert len(served) == len(content)
    for mark in (b"frame3", b"V_VP9", b"sound"):
        assert served.index(mark) == content.index(mark)


_HEVC = {"video": b"hvc1", "setup": box(b"hvcC", bytes(23))}
_TEN_BIT = {"setup": box(b"avcC", b"\1\x6e\0\x1f\xff\xe1\0\0\1\0\0")}
_UNFIT = {
    "hevc": (Mp4(**_HEVC), "HEVC"),
    "ten bits": (Mp4(**_TEN_BIT), "form of H.264"),
    "mpeg-4": (Mp4(video=b"mp4v"), "MPEG-4"),
    "prores": (Mp4(video=b"apch"), "codec"),
    "encrypted picture": (Mp4(video=b"encv"), "encrypted"),
    "encrypted sound": (Mp4(sound=b"enca"), "encrypted"),
    "key system": (Mp4(in_index=box(b"pssh", bytes(20))), "encrypted"),
    "AC-3": (Mp4(sound=b"ac-3"), "sound"),
    "other MPEG sound": (Mp4(kind_of_sound=0xA9), "sound"),
    "no picture": (Mp4(samples=[]), "no moving picture"),
    "fragments": (Mp4(at_end=box(b"moof", b"")), "fragments"),
    "to be in fragments": (Mp4(in_index=box(b"mvex", b"")), "fragments"),
    "two indexes": (Mp4(at_end=box(b"moov", b"")), "two indexes"),
    "QuickTime": (Mp4(brands=b"qt  \0\0\0\0qt  "), "QuickTime"),
    "no setup": (Mp4(setup=b""), "avcC"),
    "no width": (Mp4(size=(0, 360)), "sides"),
    "too large": (Mp4(size=(9000, 360)), "sides"),
    "matroska": (WebM(doc_type=b"matroska"), "Matroska"),
    "H.264 in WebM": (WebM(video=b"V_MPEG4/ISO/AVC"), "VP9"),
    "AAC in WebM": (WebM(sound=b"A_AAC"), "Opus"),
    "subtitles in WebM": (WebM(more_tracks=element(0xAE, element(0x83, b"\x11"))), "neither"),
    "encrypted WebM": (WebM(in_entry=element(0x6D80, b"")), "encrypted"),
    "no frames": (WebM(frames=0), "no frames"),
    "endless": (WebM(duration=float("inf")), "a day"),
    "no such length": (WebM(in_entry=element(0xE0, element(0xB0, bytes(9)))), "longer"),
}


@pytest.mark.parametrize(("film", "word"), _UNFIT.values(), ids=_UNFIT)
def test_what_not_every_browser_plays_is_refused_by_a_sentence(
    tmp_path: Path, film: Mp4 | WebM, word: str
) -> None:
    """It says what is the matter, and nothing is left behind."""
    sentence = _refused(tmp_path, film.dump())
    assert word in sentence
    assert sentence.endswith(".")


def test_a_film_without_sound_is_taken(tmp_path: Path) -> None:
    """Most of what runs on a page is silent."""
    assert _copied(tmp_path, Mp4(sounds=[]).dump())[0].codecs == ("h264",)
    assert _copied(tmp_path, WebM(sound=b"").dump())[0].codecs == ("vp9",)


@pytest.mark.parametrize("film", [Mp4(), Mp4(index_first=True), WebM()])
def test_a_film_cut_off_anywhere_is_refused(tmp_path: Path, film: Mp4 | WebM) -> None:
    """At each of its bytes, but where what is missing says nothing."""
    content = film.dump()
    whole = _copied(tmp_path, content)
    for length in range(len(content)):
        try:
            film_of = _copied(tmp_path, content[:length])
        except FilmRefused:
            continue
        else:
            assert film_of == whole
            assert isinstance(film, Mp4)  # its last box is empty space


def test_a_page_behind_or_inside_a_film_is_not_served(tmp_path: Path) -> None:
    """A file that is two things is served as the one that it was taken for."""
    page = b"<script>alert(1)</script>PK\3\4"
    for film in (
        Mp4(secret=page),
        Mp4(at_end=box(b"free", page)),
        WebM(secret=page),
        WebM(at_end=page),
    ):
        assert page not in _copied(tmp_path, film.dump())[1]


def test_many_chunks_that_are_one_take_its_room_once(tmp_path: Path) -> None:
    """A small file does not become a large one."""
    film = Mp4(samples=[b"x" * 4000], sounds=[], per_chunk=1)
    content = film.dump()
    at = content.index(b"stco") + 12
    place = content[at : at + 4]
    many = 500
    swollen = content.replace(
        box(b"stco", b"\0\0\0\0\0\0\0\1", place),
        box(b"stco", bytes(4), many.to_bytes(4, "big"), place * many),
    ).replace(
        box(b"stsz", bytes(8), b"\0\0\0\1", (4000).to_bytes(4, "big")),
        box(b"stsz", bytes(4), (4000).to_bytes(4, "big"), many.to_bytes(4, "big")),
    )
    longer = len(swollen) - len(content)
    for name in (b"stbl", b"minf", b"mdia", b"trak", b"moov"):
        at = swollen.index(name) - 4
        size = int.from_bytes(swollen[at : at + 4], "big")
        swollen = swollen[:at] + (size + longer).to_bytes(4, "big") + swollen[at + 4 :]
    assert len(_copied(tmp_path, swollen)[1]) < len(swollen)


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_no_changed_byte_is_more_than_a_refusal(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    """Whatever the lengths, counts and names say: a film comes out, or a sentence."""
    film = data.draw(st.sampled_from([Mp4(), Mp4(wide=True), WebM(), WebM(live=True)]))
    content = bytearray(film.dump())
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(content) - 8))
        width = data.draw(st.sampled_from([1, 2, 4, 8]))
        content[at : at + width] = data.draw(st.binary(min_size=width, max_size=width))
    folder = tmp_path_factory.mktemp("changed")
    try:
        _, served = _copied(folder, bytes(content))
    except FilmRefused:
        event("refused")
    else:
        event("taken")
        assert len(served) <= len(content) + 64


@st.composite
def _trees(draw: st.DrawFn) -> bytes:
    """Boxes in boxes, of the names that films have."""
    names = st.sampled_from(
        b"moov trak mdia minf stbl stsd stsz stco co64 stsc stts mvhd tkhd hdlr mdhd mdat".split()
    )
    leaves = st.binary(max_size=40)
    inner = st.recursive(
        leaves,
        lambda deeper: st.lists(st.tuples(names, deeper), max_size=5).map(
            lambda boxes: b"".join(box(name, content) for name, content in boxes)
        ),
        max_leaves=30,
    )
    return box(b"ftyp", b"isom\0\0\0\0isom") + box(b"moov", draw(inner)) + draw(leaves)


@settings(max_examples=200, deadline=None)
@given(_trees())
def test_no_tree_of_boxes_is_more_than_a_refusal(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    """However they are put together."""
    assert _refused(tmp_path_factory.mktemp("tree"), content)


def test_boxes_in_boxes_without_end_are_not_followed(tmp_path: Path) -> None:
    """Nesting is that of films, whatever the file's."""
    deep = b""
    for _ in range(5000):
        deep = box(b"trak", deep)
    assert _refused(tmp_path, Mp4(in_index=deep, samples=[]).dump())
    for name in (0xA0, 0x75A1, 0xBB):
        nested = b""
        for _ in range(3000):
            nested = element(name, nested)
        assert _copied(tmp_path, WebM(at_end=nested, in_entry=nested).dump())


def test_other_files_are_no_films() -> None:
    """Pictures above all, of which one kind is made of boxes too."""
    for head in (b"", b"\xff\xd8\xff\xe0", b"\0\0\0\x1cftypavif", b"<svg", b"GIF89a", b"RIFF"):
        assert not is_film(head)
    assert is_film(Mp4().dump()[:16])
    assert is_film(WebM().dump()[:16])


def test_a_heap_of_parts_is_refused(tmp_path: Path) -> None:
    """Nothing is gone through without end."""
    film = Mp4()
    assert "too many" in _refused(tmp_path, film.dump() + box(b"free") * 5000)
    assert "too many" in _refused(tmp_path, replace(film, in_index=box(b"free") * 5000).dump())
    notes = element(0xEC, b"") * 20_000
    assert "notes" in _refused(tmp_path, WebM(in_entry=notes).dump())


def _samples(content: bytes) -> tuple[list[bytes], list[bytes]]:
    """What the tables of a film lead to, read in a way of its own."""
    found = []
    stream = io.BytesIO(content)
    for part in content.split(b"stbl")[1:]:

        def table(name: bytes, part: bytes = part) -> list[int]:
            at = part.index(name) + 8
            count = int.from_bytes(part[at - 0 : at + 4], "big")
            numbers = part[at + 4 :]
            return [int.from_bytes(numbers[4 * n : 4 * n + 4], "big") for n in range(3 * count)]

        at = part.index(b"stsz") + 12
        count = int.from_bytes(part[at : at + 4], "big")
        sizes = [int.from_bytes(part[at + 4 + 4 * n :][:4], "big") for n in range(count)]
        places = iter(table(b"stco"))
        samples: list[bytes] = []
        for number, size in enumerate(sizes):
            if number % 2 == 0:
                stream.seek(next(places))
            samples.append(stream.read(size))
        found.append(samples)
    return found[0], found[1]
