"""What a camera writes into a picture goes; what a photographer writes into it helps."""

import io
from pathlib import Path

import pytest
from PIL import Image

from tests.conftest import Newsroom
from tests.media.pictures import (
    MODEL,
    encoded,
    picture,
    with_exif,
    with_iptc,
    with_swapped_colours,
    with_xmp,
    xmp,
)
from tests.media.sending import Json, addresses, sent
from tests.media.waiting import wait_for_avif

# Beside the repository, where there is one.
_SCAN = Path("shared/data/apollo11/photos/AS11-40-5903_original.jpg")
ORIGINAL = next((p / _SCAN for p in Path(__file__).parents if (p / _SCAN).is_file()), None)


def served(newsroom: Newsroom, media: Json) -> list[bytes]:
    """Every file of a picture, as readers get them."""
    wait_for_avif(newsroom, media)
    return [newsroom.reader.get(address).raise_for_status().content for address in addresses(media)]


def check_bare(files: list[bytes]) -> None:
    """Each is a picture and says nothing but pixels."""
    assert len(files) >= 3
    for content in files:
        with Image.open(io.BytesIO(content)) as image:
            assert not dict(image.getexif())
            told = set(image.info) & {"exif", "xmp", "icc_profile", "comment", "photoshop"}
            assert not {name for name in told if image.info[name]}
        marks = (b"Exif\x00\x00", b"Hasselblad", b"photoshop", b"http://ns.adobe.com", b"xmpmeta")
        assert not any(mark in content for mark in marks)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_position_and_camera_are_gone_from_every_file(studio: Newsroom, orientation: int):
    """Whichever way the picture was taken, it lies as it was seen, and says nothing else."""
    content = with_exif(orientation)
    assert MODEL.encode() in content
    media = sent(studio.contributor, content)
    assert ((media["width"], media["height"]) == (640, 480)) == (orientation < 5)
    files = served(studio, media)
    check_bare(files)
    # Where the red corner, which is the file's first pixel, is to be seen (EXIF 2.32, tag 274).
    right, below = orientation in {2, 3, 6, 7}, orientation in {3, 4, 7, 8}
    for content in files:
        with Image.open(io.BytesIO(content)) as image:
            x = image.width * (3 if right else 1) // 4
            y = image.height * (3 if below else 1) // 4
            red, green, blue = image.convert("RGB").getpixel((x, y))
            assert red > 200
            assert green < 60
            assert blue < 60


@pytest.mark.full("a large photograph, in every type")
def test_an_astronauts_photograph_is_only_pixels(studio: Newsroom):
    """A scan as an agency publishes it comes out without what the scanner wrote."""
    if ORIGINAL is None:
        pytest.skip("the photograph of Buzz Aldrin is not here")
    check_bare(served(studio, sent(studio.contributor, ORIGINAL.read_bytes())))


def test_a_wide_gamut_becomes_that_of_every_screen(studio: Newsroom):
    """The profile is heeded and then gone, so that the colours are right without it."""
    files = served(studio, sent(studio.contributor, with_swapped_colours()))
    check_bare(files)
    for content in files:
        with Image.open(io.BytesIO(content)) as image:
            red, green, _ = image.convert("RGB").getpixel((10, 10))
            assert red > 200
            assert green < 60


def test_what_is_seen_through_stays_so_where_it_can(studio: Newsroom):
    """WebP and AVIF keep transparency; in a JPEG it is white."""
    clear = picture(mode="RGBA")
    clear.putalpha(0)
    media = sent(studio.contributor, encoded(clear, "PNG"))
    wait_for_avif(studio, media)
    for rendition in media["renditions"]:
        content = studio.reader.get(rendition["url"]).content
        with Image.open(io.BytesIO(content)) as image:
            pixel = image.convert("RGBA").getpixel((5, 5))
        jpeg = rendition["type"] == "image/jpeg"
        assert pixel == (255, 255, 255, 255) if jpeg else pixel[3] == 0


def test_words_of_xmp_stand_in_the_answer(studio: Newsroom):
    """Caption, credit with the photographer's name, and alternative text are offered."""
    content = with_xmp(xmp("Eagle on the Moon", "Neil Armstrong", "NASA", "A craft on grey dust"))
    media = sent(studio.contributor, content)
    assert media["caption"] == "Eagle on the Moon"
    assert media["credit"] == "Neil Armstrong / NASA"
    assert media["alt"] == "A craft on grey dust"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be"])
def test_xmp_with_a_document_type_says_nothing(studio: Newsroom, encoding: str):
    """Its entities could unfold without end, so none is read, in whichever encoding it comes."""
    mark = "\ufeff" if encoding == "utf-16-be" else ""
    declared = mark + '<!DOCTYPE x [<!ENTITY lol "lol">]>' + xmp("&lol;", "&lol;", "&lol;", "&lol;")
    media = sent(studio.contributor, with_xmp(declared, encoding))
    assert (media["caption"], media["credit"], media["alt"]) == ("", "", "")


def test_a_comment_in_xmp_is_no_document_type(studio: Newsroom):
    """What stands around it is read."""
    packet = xmp("Eagle", "Neil Armstrong", "NASA", "A craft").replace(
        "<rdf:RDF", "<!-- --><rdf:RDF"
    )
    assert sent(studio.contributor, with_xmp(packet))["caption"] == "Eagle"


def test_words_of_iptc_stand_in_the_answer(studio: Newsroom):
    """In UTF-8, or in the Latin letters of old programs."""
    content = with_iptc(caption="Überflug".encode(), byline="José".encode("latin-1"))
    media = sent(studio.contributor, content)
    assert (media["caption"], media["credit"]) == ("Überflug", "José")


def test_words_that_are_given_go_before(studio: Newsroom):
    """What the newsroom says takes the place of what the picture says; empty words too."""
    content = with_xmp(xmp("Eagle", "Neil Armstrong", "NASA", "A craft"))
    media = sent(studio.contributor, content, caption="The lander", alt="")
    assert (media["caption"], media["alt"]) == ("The lander", "")
    assert media["credit"] == "Neil Armstrong / NASA"


def test_words_of_a_picture_are_harmless_text(studio: Newsroom):
    """Control characters and marks of direction are out, and no word is without an end."""
    content = with_iptc(caption=b"a\x00b\x07\r\nc\xe2\x80\xae\xe2\x80\xa8d " + b"x" * 5000)
    caption = sent(studio.contributor, content)["caption"]
    assert caption.startswith("a b cd x" if "cd" in caption else "a b c d x")
    assert len(caption) == 2000
    assert caption.isprintable()
