"""The sizes of a picture: never larger than it came, and each what it says it is."""

import io

import pytest
from PIL import Image

from app.media.images.renditions import choose_widths
from app.media.sniff import picture_kind
from tests.conftest import Newsroom
from tests.media.pictures import animation, encoded, picture
from tests.media.sending import sent
from tests.media.waiting import wait_for_avif


@pytest.mark.parametrize(
    ("width", "expected"),
    [
        (1, [1]),
        (300, [300]),
        (480, [480]),
        (500, [480]),
        (700, [480, 700]),
        (960, [480, 960]),
        (1600, [480, 960, 1600]),
        (1601, [480, 960, 1600]),
        (9000, [480, 960, 1600]),
    ],
)
def test_no_picture_is_enlarged(width: int, expected: list[int]):
    """A small picture has one size, and none that is hardly another."""
    assert choose_widths(width) == expected


@pytest.mark.full("further types", but=["JPEG", "PNG"])
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF", "GIF"])
def test_each_type_comes_out_as_jpeg_webp_and_avif(studio: Newsroom, kind: str):
    """In the sizes that the answer names, at its addresses, with the types that it names."""
    content = encoded(picture(1200, 900), kind)
    assert picture_kind(content[:64]) == kind
    media = sent(studio.contributor, content, alt="Four colours")
    sizes = {(r["type"], r["width"], r["height"]) for r in media["renditions"]}
    assert sizes == {
        (f"image/{type_}", *size)
        for type_ in ("jpeg", "webp", "avif")
        for size in ((480, 360), (960, 720), (1200, 900))
    }
    assert (media["kind"], media["width"], media["height"]) == ("image", 1200, 900)
    assert media["alt"] == "Four colours"
    wait_for_avif(studio, media)
    for rendition in media["renditions"]:
        answer = studio.reader.get(rendition["url"])
        assert answer.headers["content-type"] == rendition["type"]
        with Image.open(io.BytesIO(answer.content)) as image:
            assert Image.MIME[image.format or ""] == rendition["type"]
            assert image.size == (rendition["width"], rendition["height"])


def test_an_avif_address_answers_before_its_file_is_made(studio: Newsroom):
    """With the WebP, which no cache may keep under that name."""
    media = sent(studio.contributor, encoded(picture(1600, 1200)))
    address = next(r["url"] for r in media["renditions"] if r["type"] == "image/avif")
    early = studio.reader.get(address)
    if early.headers["content-type"] == "image/webp":
        assert "no-cache" in early.headers["cache-control"]
        assert picture_kind(early.content[:64]) == "WEBP"
    wait_for_avif(studio, media)
    late = studio.reader.get(address, headers={"If-None-Match": early.headers["etag"]})
    assert (late.status_code, picture_kind(late.content[:64])) == (200, "AVIF")


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
def test_an_animation_moves_as_webp_and_stands_as_jpeg(studio: Newsroom, kind: str):
    """All of its frames, as long as they were shown."""
    media = sent(studio.contributor, animation(7, (640, 480), kind))
    by_type = {r["type"]: r for r in media["renditions"]}
    assert set(by_type) == {"image/jpeg", "image/webp"}
    with Image.open(io.BytesIO(studio.reader.get(by_type["image/webp"]["url"]).content)) as moving:
        assert (moving.n_frames, moving.info["loop"]) == (7, 0)
        moving.seek(1)
        moving.load()
        assert moving.info["duration"] == 50
        assert moving.size == (640, 480)
    assert media["url"] == by_type["image/jpeg"]["url"]
