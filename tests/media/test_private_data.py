"""Private metadata of a picture is removed; captions and credits are offered."""

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

# In a folder beside the repository, if there is one.
_SCAN = Path("shared/data/apollo11/photos/AS11-40-5903_original.jpg")
ORIGINAL = next((p / _SCAN for p in Path(__file__).parents if (p / _SCAN).is_file()), None)


def served(newsroom: Newsroom, media: Json) -> list[bytes]:
    """Fetch every file of a picture."""
    wait_for_avif(newsroom.reader, media)
    return [newsroom.reader.get(address).raise_for_status().content for address in addresses(media)]


def check_bare(files: list[bytes]) -> None:
    """Check that each file is a picture without metadata."""
    assert len(files) >= 3
    for content in files:
        with Image.open(io.BytesIO(content)) as image:
            assert not dict(image.getexif())
            info_keys = set(image.info) & {"exif", "xmp", "icc_profile", "comment", "photoshop"}
            assert not {name for name in info_keys if image.info[name]}
        markers = (b"Exif\x00\x00", b"Hasselblad", b"photoshop", b"http://ns.adobe.com", b"xmpmeta")
        assert not any(marker in content for marker in markers)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_position_and_camera_are_gone_from_every_file(media_newsroom: Newsroom, orientation: int):
    """Metadata is removed after the EXIF orientation has been applied."""
    content = with_exif(orientation)
    assert MODEL.encode() in content
    media = sent(media_newsroom.contributor, content)
    assert ((media["width"], media["height"]) == (640, 480)) == (orientation < 5)
    files = served(media_newsroom, media)
    check_bare(files)
    # Where the red corner, which is the file's first pixel, is shown (EXIF 2.32, tag 274).
    is_right, is_below = orientation in {2, 3, 6, 7}, orientation in {3, 4, 7, 8}
    for content in files:
        with Image.open(io.BytesIO(content)) as image:
            x = image.width * (3 if is_right else 1) // 4
            y = image.height * (3 if is_below else 1) // 4
            red, green, blue = image.convert("RGB").getpixel((x, y))
            assert red > 200
            assert green < 60
            assert blue < 60


@pytest.mark.full("a large photograph, in every type")
def test_an_astronauts_photograph_is_only_pixels(media_newsroom: Newsroom):
    """An agency's scan is served without the scanner's metadata."""
    if ORIGINAL is None:
        pytest.skip("the photograph of Buzz Aldrin is not here")
    check_bare(served(media_newsroom, sent(media_newsroom.contributor, ORIGINAL.read_bytes())))


def test_a_wide_gamut_becomes_that_of_every_screen(media_newsroom: Newsroom):
    """Colours are converted by the ICC profile, which is then removed."""
    files = served(media_newsroom, sent(media_newsroom.contributor, with_swapped_colours()))
    check_bare(files)
    for content in files:
        with Image.open(io.BytesIO(content)) as image:
            red, green, _ = image.convert("RGB").getpixel((10, 10))
            assert red > 200
            assert green < 60


def test_what_is_seen_through_stays_so_where_it_can(media_newsroom: Newsroom):
    """WebP and AVIF keep transparency; in a JPEG it becomes white."""
    transparent = picture(mode="RGBA")
    transparent.putalpha(0)
    media = sent(media_newsroom.contributor, encoded(transparent, "PNG"))
    wait_for_avif(media_newsroom.reader, media)
    for rendition in media["renditions"]:
        content = media_newsroom.reader.get(rendition["url"]).content
        with Image.open(io.BytesIO(content)) as image:
            pixel = image.convert("RGBA").getpixel((5, 5))
        jpeg = rendition["type"] == "image/jpeg"
        assert pixel == (255, 255, 255, 255) if jpeg else pixel[3] == 0


def test_words_of_xmp_stand_in_the_answer(media_newsroom: Newsroom):
    """Caption, credit with the photographer's name, and alternative text are read from XMP."""
    content = with_xmp(xmp("Eagle on the Moon", "Neil Armstrong", "NASA", "A craft on grey dust"))
    media = sent(media_newsroom.contributor, content)
    assert media["caption"] == "Eagle on the Moon"
    assert media["credit"] == "Neil Armstrong / NASA"
    assert media["alt"] == "A craft on grey dust"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be"])
def test_xmp_with_a_document_type_says_nothing(media_newsroom: Newsroom, encoding: str):
    """XMP with a document type is ignored in every encoding, as entities may expand endlessly."""
    bom = "\ufeff" if encoding == "utf-16-be" else ""
    declared = bom + '<!DOCTYPE x [<!ENTITY lol "lol">]>' + xmp("&lol;", "&lol;", "&lol;", "&lol;")
    media = sent(media_newsroom.contributor, with_xmp(declared, encoding))
    assert (media["caption"], media["credit"], media["alt"]) == ("", "", "")


def test_a_comment_in_xmp_is_no_document_type(media_newsroom: Newsroom):
    """XMP with a comment is read."""
    packet = xmp("Eagle", "Neil Armstrong", "NASA", "A craft").replace(
        "<rdf:RDF", "<!-- --><rdf:RDF"
    )
    assert sent(media_newsroom.contributor, with_xmp(packet))["caption"] == "Eagle"


def test_words_of_iptc_stand_in_the_answer(media_newsroom: Newsroom):
    """Caption and byline are read from IPTC in UTF-8 or Latin-1."""
    content = with_iptc(caption="Überflug".encode(), byline="José".encode("latin-1"))
    media = sent(media_newsroom.contributor, content)
    assert (media["caption"], media["credit"]) == ("Überflug", "José")


def test_words_that_are_given_go_before(media_newsroom: Newsroom):
    """Texts of the upload replace those in the picture, also empty ones."""
    content = with_xmp(xmp("Eagle", "Neil Armstrong", "NASA", "A craft"))
    media = sent(media_newsroom.contributor, content, caption="The lander", alt="")
    assert (media["caption"], media["alt"]) == ("The lander", "")
    assert media["credit"] == "Neil Armstrong / NASA"


def test_words_of_a_picture_are_harmless_text(media_newsroom: Newsroom):
    """Texts from a picture have no control or bidirectional characters, and a maximum length."""
    content = with_iptc(caption=b"a\x00b\x07\r\nc\xe2\x80\xae\xe2\x80\xa8d " + b"x" * 5000)
    caption = sent(media_newsroom.contributor, content)["caption"]
    assert caption.startswith("a b c d xxx")
    assert len(caption) == 2000
    assert caption.isprintable()
