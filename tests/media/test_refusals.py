"""The refusal of a picture names the reason; a file that lacks only its end marker is accepted."""

import pytest
from PIL import Image

from app.media.errors import BrokenFile
from app.media.images.animation import shown_durations
from app.media.images.jpeg import complete_jpeg, read_markers
from tests.conftest import Newsroom
from tests.media import hostile
from tests.media.hostile import REFUSED
from tests.media.pictures import animation, encoded, noisy, picture
from tests.media.sending import media_count, send, sent, stored_ids
from tests.media.written import apng, gif

UNSUPPORTED = {
    "JPEG XL": (b"\0\0\0\x0cJXL \r\n\x87\n\0\0\0\x14ftypjxl ", "JPEG XL", "Export"),
    "bare JPEG XL": (b"\xff\x0a" + b"\0" * 20, "JPEG XL", "Export"),
    "JPEG 2000": (encoded(picture(), "JPEG2000"), "JPEG 2000", "Export"),
    "TIFF": (encoded(picture(), "TIFF"), "TIFF", "Export"),
    "TIFF the other way round": (b"MM\0*" + b"\0" * 20, "TIFF", "Export"),
    "CR2": (b"II*\0\x10\0\0\0CR\2\0" + b"\0" * 20, "CR2", "Develop"),
    "CR3": (b"\0\0\0\x18ftypcrx \0\0\0\1crx isom", "CR3", "Develop"),
    "RAF": (b"FUJIFILMCCD-RAW 0201", "Fujifilm", "Develop"),
    "RW2": (b"IIU\0" + b"\0" * 20, "Panasonic", "Develop"),
    "ORF": (b"IIRO" + b"\0" * 20, "Olympus", "Develop"),
    "PSD": (REFUSED["PSD"](), "Photoshop", "Save a copy"),
    "SVG": (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "SVG", "PNG"),
    "SVG behind a long head": (
        b'\xef\xbb\xbf<?xml version="1.0" encoding="UTF-8" standalone="no"?>\n<!-- '
        + b"a drawing " * 30
        + b"-->\n<svg/>",
        "SVG",
        "PNG",
    ),
    "AVI": (b"RIFF\0\0\0\0AVI LIST", "AVI", "MP4"),
    "an MPEG transport stream": (b"G" + b"\0" * 187 + b"G" + b"\0" * 187, "MTS", "MP4"),
    "Ogg": (b"OggS\0\2", "Ogg", "MP4"),
    "Flash video": (b"FLV\1\5", "FLV", "MP4"),
    "Windows video": (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "WMV", "MP4"),
    "PDF": (b"%PDF-1.7\n", "PDF", "PNG"),
    "EPS": (b"%!PS-Adobe-3.0 EPSF-3.0\n", "PostScript", "PNG"),
    "BMP": (encoded(picture(), "BMP"), "BMP", "Export"),
    "ICO": (encoded(picture(64, 64), "ICO"), "ICO", "Export"),
    "a web page": (b"<!doctype html><title>A picture</title>", "web page", "itself"),
    "ZIP": (REFUSED["ZIP"](), "ZIP", "picture in it"),
}


@pytest.mark.parametrize("name", UNSUPPORTED)
def test_what_is_not_taken_is_named_with_what_to_do(media_newsroom: Newsroom, name: str):
    """The refusal names the detected format, and what to do instead."""
    content, format_, advice = UNSUPPORTED[name]
    answer = send(media_newsroom.contributor, content)
    assert (answer.status_code, answer.json()["type"]) == (415, "/problems/unknown-file-type")
    assert format_ in answer.json()["detail"]
    assert advice in answer.json()["detail"]


TOO_LARGE = {
    **{
        name: (REFUSED[name], "too-many-pixels")
        for name in (
            "PNG of 30,000 by 30,000",
            "PNG of two thousand million by one",
            "PNG of negative size",
            "JPEG of 65,500 by 65,500",
            "GIF of 65,535 by 65,535",
            "WebP of 16,000 by 16,000",
            "AVIF of 60,000 by 60,000",
        )
    },
    "a GIF whose second frame is of 65,535 by 65,535": (
        lambda: gif([5, 5]).replace(b",\0\0\0\0\0\1\0\1", b",\0\0\0\0" + b"\xff" * 4),
        "too-many-pixels",
    ),
    "a WebP for which there is too little memory": (
        lambda: hostile._sized_webp(10_000, 9_900),
        "too-many-pixels",
    ),
    "a GIF of a hundred thousand frames": (
        REFUSED["GIF of a hundred thousand frames"],
        "too-many-frames",
    ),
    "a WebP of six hundred frames": (lambda: animation(600, (8, 8), "WEBP"), "too-many-frames"),
    "an AVIF of six hundred frames": (lambda: animation(600, (8, 8), "AVIF"), "too-many-frames"),
    "an APNG of a million frames": (
        REFUSED["PNG that says it has a million frames"],
        "too-many-frames",
    ),
}


@pytest.mark.parametrize("name", TOO_LARGE)
def test_what_is_too_much_is_not_called_damaged(media_newsroom: Newsroom, name: str):
    """Too many pixels or frames have a problem type of their own, and nothing is stored."""
    before = stored_ids(media_newsroom.server.folder / "media"), media_count(media_newsroom.server)
    make, problem = TOO_LARGE[name]
    answer = send(media_newsroom.contributor, make())
    assert (answer.status_code, answer.json()["type"]) == (422, f"/problems/{problem}")
    assert "damaged" not in answer.json()["detail"]
    assert (
        stored_ids(media_newsroom.server.folder / "media"),
        media_count(media_newsroom.server),
    ) == before


def cut(whole: bytes, missing: int) -> bytes:
    """Return a file without its last bytes."""
    return whole[:-missing]


_OPTIONS = {
    "sequential": {},
    "progressive": {"progressive": True},
    "in grey": {},
    "in CMYK": {},
    "with restart markers": {"restart_marker_rows": 1},
    "progressive, with restart markers": {"restart_marker_rows": 1, "progressive": True},
}


def jpeg(name: str) -> bytes:
    """Return a JPEG of that kind with detail in every row."""
    mode = {"in grey": "L", "in CMYK": "CMYK"}.get(name, "RGB")
    grain = Image.effect_noise((320, 240), 80).convert(mode)
    return encoded(grain, "JPEG", quality=90, **_OPTIONS[name])


def completed(content: bytes) -> bytes:
    """Return the file as it is decoded."""
    return complete_jpeg(content, read_markers(content))


@pytest.mark.parametrize("missing", [1, 2])
@pytest.mark.parametrize("name", _OPTIONS)
def test_a_jpeg_that_lacks_only_its_end_is_taken(media_newsroom: Newsroom, name: str, missing: int):
    """A JPEG without its end marker yields the same rendition as the whole file."""
    whole = jpeg(name)
    assert whole.endswith(b"\xff\xd9")
    as_cut, as_whole = (
        sent(media_newsroom.contributor, content)["renditions"][0]["url"].rpartition("-")[2]
        for content in (cut(whole, missing), whole)
    )
    # The name contains the digest of the content.
    assert as_cut == as_whole


@pytest.mark.parametrize("part", [0.3, 0.5, 0.8, 0.95, 0.99])
@pytest.mark.parametrize("name", _OPTIONS)
def test_a_jpeg_that_lacks_pixels_is_refused(name: str, part: float):
    """A JPEG that lacks any pixel data is refused, and not filled with grey."""
    whole = jpeg(name)
    with pytest.raises(BrokenFile, match="Send the complete file"):
        completed(whole[: round(len(whole) * part)])


def test_a_jpeg_of_scans_that_did_not_all_come_is_refused():
    """A progressive JPEG without its last scan is refused, as it would be blurred."""
    whole = jpeg("progressive")
    last = whole.rindex(b"\xff\xda")
    with pytest.raises(BrokenFile, match="Send the complete file"):
        completed(whole[:last])


def test_a_whole_jpeg_is_left_as_it_is():
    """A complete JPEG is not changed, whatever follows its end."""
    for whole in (noisy(640, 480), noisy(64, 48) + b"PK\3\4", jpeg("with restart markers")):
        assert completed(whole) is whole


def test_a_webp_whose_last_byte_was_left_out_is_taken(media_newsroom: Newsroom):
    """A WebP may lack its padding byte, but no more."""
    body = encoded(picture(), "WEBP")[8:] + b"note\3\0\0\0abc\0"
    whole = b"RIFF" + len(body).to_bytes(4, "little") + body
    sent(media_newsroom.contributor, whole[:-1])
    assert send(media_newsroom.contributor, whole[:-2]).status_code == 422


def test_an_animation_that_lacks_a_frame_is_refused(media_newsroom: Newsroom):
    """A truncated animation is refused."""
    whole = apng([(5, 100)] * 4, 0)
    for content in (whole[: whole.rindex(b"fcTL") - 4], gif([5] * 4)[:-40]):
        answer = send(media_newsroom.contributor, content)
        assert (answer.status_code, answer.json()["type"]) == (422, "/problems/broken-file")


def test_times_do_not_drift():
    """Rounded frame durations do not accumulate an error; very short ones become 100 ms."""
    assert sum(shown_durations([1000 / 60] * 60)) == 1000
    assert shown_durations([0, 10, 10.9, 11, 20]) == [100, 100, 100, 11, 20]


def test_a_twelve_bit_jpeg_is_named(media_newsroom: Newsroom):
    """A 12-bit JPEG, which no browser displays, is refused by name."""
    whole = encoded(picture(), "JPEG")
    at = whole.index(b"\xff\xc0") + 4
    answer = send(media_newsroom.contributor, whole[:at] + b"\x0c" + whole[at + 1 :])
    assert (answer.status_code, answer.json()["type"]) == (415, "/problems/unknown-file-type")
    assert "12 bits" in answer.json()["detail"]
