"""HEIC pictures are converted as any other picture."""

import io

import pytest
from PIL import Image, ImageCms

from tests.conftest import Newsroom
from tests.media.heif import HARMLESS, REFUSED, heic, plain
from tests.media.pictures import MODEL, picture
from tests.media.sending import addresses, media_count, send, sent, stored_ids
from tests.media.videos import corners
from tests.media.waiting import wait_for_avif

_TURNED = {
    1: ["red", "lime", "blue", "white"],
    3: ["white", "blue", "lime", "red"],
    6: ["blue", "red", "white", "lime"],
    8: ["lime", "white", "red", "blue"],
}


@pytest.mark.parametrize("orientation", _TURNED)
def test_a_heic_lies_as_it_was_held(media_newsroom: Newsroom, orientation: int):
    """The orientation is applied in every size, and the metadata is removed."""
    content = heic(picture(), orientation=orientation)
    assert MODEL.encode() in content
    media = sent(media_newsroom.contributor, content)
    wait_for_avif(media_newsroom.reader, media)
    for size in media["renditions"]:
        served = media_newsroom.reader.get(size["url"]).content
        assert MODEL.encode() not in served
        with Image.open(io.BytesIO(served)) as image:
            assert not set(image.info) & {"exif", "xmp", "icc_profile"}
            assert image.size == (size["width"], size["height"])
            assert corners(image) == _TURNED[orientation]


def test_the_first_picture_of_a_heic_is_taken(media_newsroom: Newsroom):
    """Of several pictures in a file, the first one is used."""
    media = sent(
        media_newsroom.contributor, heic(picture(), more=Image.new("RGB", (64, 48), "black"))
    )
    assert (media["width"], media["height"]) == (640, 480)


def test_the_colours_of_a_heic_are_converted(media_newsroom: Newsroom):
    """Colours are converted by the ICC profile; here it swaps red and green."""
    original = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    red, green = original.index(b"rXYZ"), original.index(b"gXYZ")
    profile = bytearray(original)
    profile[red : red + 4], profile[green : green + 4] = b"gXYZ", b"rXYZ"
    image = picture()
    image.info["icc_profile"] = bytes(profile)
    media = sent(media_newsroom.contributor, heic(image, icc_profile=bytes(profile)))
    with Image.open(io.BytesIO(media_newsroom.reader.get(media["url"]).content)) as shown:
        assert corners(shown) == ["lime", "red", "blue", "white"]


@pytest.mark.parametrize("name", REFUSED)
def test_a_hostile_heic_is_refused_with_a_sentence(media_newsroom: Newsroom, name: str):
    """A refusal is a 4xx with an explanation, and leaves nothing."""
    before = stored_ids(media_newsroom.server.folder / "media"), media_count(media_newsroom.server)
    answer = send(media_newsroom.contributor, REFUSED[name]())
    assert answer.status_code in {413, 415, 422}, answer.text
    assert answer.json()["detail"].endswith(".")
    assert (
        stored_ids(media_newsroom.server.folder / "media"),
        media_count(media_newsroom.server),
    ) == before


@pytest.mark.parametrize("name", HARMLESS)
def test_what_hides_in_a_heic_does_not_come_out_of_it(media_newsroom: Newsroom, name: str):
    """The upload is refused, or served without the hidden content."""
    assert HARMLESS[name]() != plain()
    answer = send(media_newsroom.contributor, HARMLESS[name]())
    if answer.status_code != 201:
        assert answer.status_code in {413, 415, 422}, answer.text
        return
    wait_for_avif(media_newsroom.reader, answer.json())
    for address in addresses(answer.json()):
        served = media_newsroom.reader.get(address).content
        assert b"script" not in served
        Image.open(io.BytesIO(served)).load()
