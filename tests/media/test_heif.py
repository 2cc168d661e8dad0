"""Promises of HEIC: pictures of telephones become pictures like any other."""

import io

import pytest
from PIL import Image, ImageCms

from tests.conftest import Newsroom
from tests.media.heif import HARMLESS, REFUSED, heic, plain
from tests.media.pictures import MODEL, picture
from tests.media.sending import kept_in, rows, send, sent
from tests.media.videos import corners

_TURNED = {
    1: ["red", "lime", "blue", "white"],
    3: ["white", "blue", "lime", "red"],
    6: ["blue", "red", "white", "lime"],
    8: ["lime", "white", "red", "blue"],
}


@pytest.mark.parametrize("orientation", _TURNED)
def test_a_heic_lies_as_it_was_held(studio: Newsroom, orientation: int):
    """In every size; and nothing of where and with what it was taken is in one."""
    content = heic(picture(), orientation=orientation)
    assert MODEL.encode() in content
    media = sent(studio.contributor, content)
    for size in media["renditions"]:
        if size["type"] == "image/avif":
            continue
        served = studio.reader.get(size["url"]).content
        assert MODEL.encode() not in served
        with Image.open(io.BytesIO(served)) as image:
            assert not set(image.info) & {"exif", "xmp", "icc_profile"}
            assert image.size == (size["width"], size["height"])
            assert corners(image) == _TURNED[orientation]


def test_the_first_picture_of_a_heic_is_taken(studio: Newsroom):
    """What follows it, as in a burst, is not."""
    media = sent(studio.contributor, heic(picture(), more=Image.new("RGB", (64, 48), "black")))
    assert (media["width"], media["height"]) == (640, 480)


def test_the_colours_of_a_heic_are_converted(studio: Newsroom):
    """By its profile, as those of every picture: here one whose red is green."""
    swapped = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    red, green = swapped.index(b"rXYZ"), swapped.index(b"gXYZ")
    profile = bytearray(swapped)
    profile[red : red + 4], profile[green : green + 4] = b"gXYZ", b"rXYZ"
    image = picture()
    image.info["icc_profile"] = bytes(profile)
    media = sent(studio.contributor, heic(image, icc_profile=bytes(profile)))
    with Image.open(io.BytesIO(studio.reader.get(media["url"]).content)) as shown:
        assert corners(shown) == ["lime", "red", "blue", "white"]


@pytest.mark.parametrize("name", REFUSED)
def test_a_hostile_heic_is_refused_with_a_sentence(studio: Newsroom, name: str):
    """A 4xx that says what is wrong, and nothing of it is left."""
    before = kept_in(studio.server.folder / "media"), rows(studio.server)
    answer = send(studio.contributor, REFUSED[name]())
    assert answer.status_code in {413, 415, 422}, answer.text
    assert answer.json()["detail"].endswith(".")
    assert (kept_in(studio.server.folder / "media"), rows(studio.server)) == before


@pytest.mark.parametrize("name", HARMLESS)
def test_what_hides_in_a_heic_does_not_come_out_of_it(studio: Newsroom, name: str):
    """A 4xx, or new files in which nothing is left of what came along."""
    assert HARMLESS[name]() != plain()
    answer = send(studio.contributor, HARMLESS[name]())
    if answer.status_code != 201:
        assert answer.status_code in {413, 415, 422}, answer.text
        return
    served = studio.reader.get(answer.json()["url"]).content
    assert b"script" not in served
    Image.open(io.BytesIO(served)).load()
