"""Renditions of a picture: sizes, types and animation."""

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
    """No width exceeds the picture's, and none is nearly equal to another."""
    assert choose_widths(width) == expected


@pytest.mark.full("further types", but=["JPEG", "PNG"])
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF", "GIF"])
def test_each_type_comes_out_as_jpeg_webp_and_avif(media_newsroom: Newsroom, kind: str):
    """Each rendition is served with the type and the size that the upload's answer names."""
    content = encoded(picture(1200, 900), kind)
    assert picture_kind(content[:64]) == kind
    media = sent(media_newsroom.contributor, content, alt="Four colours")
    sizes = {(r["type"], r["width"], r["height"]) for r in media["renditions"]}
    assert sizes == {
        (f"image/{type_}", *size)
        for type_ in ("jpeg", "webp", "avif")
        for size in ((480, 360), (960, 720), (1200, 900))
    }
    assert (media["kind"], media["width"], media["height"]) == ("image", 1200, 900)
    assert media["alt"] == "Four colours"
    wait_for_avif(media_newsroom.reader, media)
    for rendition in media["renditions"]:
        answer = media_newsroom.reader.get(rendition["url"])
        assert answer.headers["content-type"] == rendition["type"]
        with Image.open(io.BytesIO(answer.content)) as image:
            assert Image.MIME[image.format or ""] == rendition["type"]
            assert image.size == (rendition["width"], rendition["height"])


def test_an_avif_address_answers_before_its_file_is_made(media_newsroom: Newsroom):
    """Until the AVIF exists, its address serves a WebP with `no-cache`."""
    for _ in range(10):  # on a busy machine the AVIF of one picture may be made too early
        media = sent(media_newsroom.contributor, encoded(picture(1600, 1200)))
        address = next(r["url"] for r in media["renditions"] if r["type"] == "image/avif")
        before = media_newsroom.reader.get(address)
        if before.headers["content-type"] != "image/avif":
            break
    assert before.headers["content-type"] == "image/webp"
    assert "no-cache" in before.headers["cache-control"]
    assert picture_kind(before.content[:64]) == "WEBP"
    wait_for_avif(media_newsroom.reader, media)
    after = media_newsroom.reader.get(address, headers={"If-None-Match": before.headers["etag"]})
    assert (after.status_code, picture_kind(after.content[:64])) == (200, "AVIF")


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
def test_an_animation_moves_as_webp_and_stands_as_jpeg(media_newsroom: Newsroom, kind: str):
    """The WebP keeps all frames and their durations; the JPEG is a still image."""
    media = sent(media_newsroom.contributor, animation(7, (640, 480), kind))
    by_type = {r["type"]: r for r in media["renditions"]}
    assert set(by_type) == {"image/jpeg", "image/webp"}
    with Image.open(
        io.BytesIO(media_newsroom.reader.get(by_type["image/webp"]["url"]).content)
    ) as animated:
        assert (animated.n_frames, animated.info["loop"]) == (7, 0)
        animated.seek(1)
        animated.load()
        assert animated.info["duration"] == 50
        assert animated.size == (640, 480)
    assert media["url"] == by_type["image/jpeg"]["url"]
