"""Conversion of videos: what is copied, what is converted, and what is removed."""

import math
from pathlib import Path

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from app.media.errors import MediaError, VideoRefused
from app.media.sniff import video_kind
from app.media.video.info import VideoInfo, VideoLimits, read_info
from app.media.video.rewrite import rewrite_video
from app.media.video.still import Still, read_still
from tests.media.hostile_videos import SCRIPT, alias, elsewhere
from tests.media.videos import (
    BT709,
    BT2020,
    HLG,
    METADATA,
    RECIPES,
    SECRETS,
    Recipe,
    colour_tags,
    corners,
    first_frame,
    made,
    streams,
)

LIMITS = VideoLimits(duration=3600, conversion=600)
UPRIGHT = ["red", "lime", "blue", "white"]


def _rewritten(
    folder: Path, content: bytes, limits: VideoLimits = LIMITS
) -> tuple[VideoInfo, bytes, Still]:
    """Return a video's properties, the file that would be served, and its still image."""
    source = folder / "upload"
    source.write_bytes(content)
    kind = video_kind(content[:64])
    assert kind is not None
    still = read_still(source, kind)
    info = read_info(source, kind, still, limits)
    target = folder / f"video.{info.container}"
    rewrite_video(source, kind, target, info, lambda _: None)
    return info, target.read_bytes(), still


COPIED = {
    "MP4": ("mp4", ["h264", "aac"]),
    "WebM": ("webm", ["vp9", "opus"]),
    "H.264 in fragments": ("mp4", ["h264", "aac"]),
    "Matroska": ("mp4", ["h264", "aac"]),
    "VP8": ("webm", ["vp8", "opus"]),
    "VP9 in MP4": ("mp4", ["vp9", "aac"]),
    "VP9 with MP3": ("mp4", ["vp9", "mp3"]),
    "3GP": ("mp4", ["h264", "aac"]),
    "silent": ("mp4", ["h264"]),
    "turned to the left": ("mp4", ["h264", "aac"]),
}


@pytest.mark.parametrize("name", COPIED)
def test_what_browsers_play_is_copied(tmp_path: Path, name: str) -> None:
    """Streams that browsers play are copied, with every frame."""
    container, codecs = COPIED[name]
    info, served, _ = _rewritten(tmp_path, made(name))
    assert (info.container, info.copies_video, info.copies_audio) == (container, True, True)
    actual_codecs, _, size, pictures = streams(served)
    assert (actual_codecs, size, pictures) == (codecs, RECIPES[name].size, RECIPES[name].frames)


CONVERTED = ("an iPhone's", "HEVC", "HEVC in fragments", "ProRes", "H.264 of ten bits", "4K")
CONVERTED += ("slow motion", "MPEG-4 part 2", "HEVC in Matroska", "upside down")


@pytest.mark.full("further formats", but=["an iPhone's", "HEVC", "ProRes", "4K", "upside down"])
@pytest.mark.parametrize("name", CONVERTED)
def test_what_not_every_browser_plays_is_converted(tmp_path: Path, name: str) -> None:
    """Other formats become upright H.264 and AAC in MP4 of the same duration.

    Size and frame rate are limited, and the index comes first.
    """
    recipe = RECIPES[name]
    info, served, _ = _rewritten(tmp_path, made(name))
    codecs, duration, (width, height), pictures = streams(served)
    assert codecs == (["h264"] if recipe.audio is None else ["h264", "aac"])
    assert (width, height) == (info.width, info.height)
    assert max(width, height) <= 1920
    length = recipe.frames / recipe.rate
    assert math.isclose(info.duration, length, abs_tol=0.05)
    assert math.isclose(duration, length, abs_tol=0.1)
    assert pictures == min(recipe.frames, round(length * 60))
    assert served.index(b"moov") < served.index(b"mdat")


@pytest.mark.parametrize("name", ["QuickTime with PCM", "AC-3"])
def test_sound_is_converted_beside_pictures_that_are_copied(tmp_path: Path, name: str) -> None:
    """Audio is converted while the video stream is copied."""
    info, served, _ = _rewritten(tmp_path, made(name))
    assert (info.copies_video, info.copies_audio) == (True, False)
    assert streams(served)[0] == ["h264", "aac"]


@pytest.mark.parametrize(
    ("name", "shown", "is_on_its_side"),
    [
        ("MP4", UPRIGHT, False),
        ("HEVC", UPRIGHT, False),
        ("an iPhone's", ["blue", "red", "white", "lime"], True),
        ("turned to the left", ["lime", "white", "red", "blue"], True),
        ("upside down", ["white", "blue", "lime", "red"], False),
    ],
)
def test_a_video_lies_as_it_was_held(
    tmp_path: Path, name: str, shown: list[str], *, is_on_its_side: bool
) -> None:
    """The rotation is applied to the frames, the still image and the size."""
    info, served, still = _rewritten(tmp_path, made(name))
    assert corners(first_frame(served)) == shown
    assert corners(still.picture) == shown
    assert still.picture.size == (info.width, info.height)
    size = RECIPES[name].size
    assert (info.width, info.height) == (size[::-1] if is_on_its_side else size)


@pytest.mark.parametrize(
    "recipe",
    [
        Recipe(metadata=METADATA, muxing={"movflags": "use_metadata_tags"}),
        Recipe(video="libx265", metadata=METADATA, container="mov"),
        Recipe(metadata=METADATA, container="matroska", attachment=SECRETS[0]),
        Recipe(video="libvpx-vp9", metadata=METADATA, container="webm", audio="libopus"),
        RECIPES["an iPhone's"],
    ],
    ids=["MP4", "QuickTime", "Matroska", "WebM", "iPhone"],
)
def test_place_device_and_time_stay_behind(tmp_path: Path, recipe: Recipe) -> None:
    """Location, device and date are removed, whichever metadata field has them."""
    content = recipe.make()
    assert any(secret in content for secret in SECRETS)
    _, served, _ = _rewritten(tmp_path, content)
    assert not any(secret in served for secret in SECRETS)
    assert len(streams(served)[0]) == 2


def test_what_an_encoder_writes_between_the_pictures_stays_behind(tmp_path: Path) -> None:
    """The encoder's SEI messages, in which some cameras write the location, are removed."""
    content = made("MP4")
    assert b"x264 - core" in content
    info, served, _ = _rewritten(tmp_path, content)
    assert info.copies_video
    assert b"x264 - core" not in served


def test_what_was_made_of_a_video_is_copied_the_second_time(tmp_path: Path) -> None:
    """A converted video is copied when it is uploaded again."""
    _, served, _ = _rewritten(tmp_path, made("HEVC"))
    info, repeated, _ = _rewritten(tmp_path, served)
    assert info.copies_video
    assert info.copies_audio
    assert streams(repeated) == streams(served)


def test_the_colours_of_hdr_are_brought_to_a_common_screen(tmp_path: Path) -> None:
    """HDR is mapped to SDR, tagged as BT.709: the colours are those of the still image."""
    content = made("an iPhone's")
    assert colour_tags(content) == (BT2020, HLG, BT2020)
    _, served, still = _rewritten(tmp_path, content)
    assert colour_tags(served) == (BT709,) * 3
    frame = first_frame(served)
    for x, y in ((40, 60), (320, 60), (40, 580), (320, 580)):
        video_pixel, still_pixel = frame.getpixel((x, y)), still.picture.getpixel((x, y))
        assert isinstance(video_pixel, tuple)
        assert isinstance(still_pixel, tuple)
        assert all(abs(a - b) < 40 for a, b in zip(video_pixel, still_pixel, strict=True))


def test_the_still_picture_shows_something(tmp_path: Path) -> None:
    """The still image of a video that fades in is not a dark frame."""
    source = tmp_path / "upload"
    source.write_bytes(Recipe(fade=12).make())
    picture = read_still(source, "MP4").picture
    assert corners(picture) == UPRIGHT


@pytest.mark.parametrize(
    ("name", "limits", "word"),
    [
        ("MP4", VideoLimits(duration=0.5, conversion=600), "lasts longer than"),
        ("HEVC", VideoLimits(duration=3600, conversion=0.5), "has to be converted"),
    ],
)
def test_a_video_may_last_so_long(
    tmp_path: Path, name: str, limits: VideoLimits, word: str
) -> None:
    """Duration is limited, with a lower limit for videos that have to be converted."""
    with pytest.raises(VideoRefused, match=word):
        _rewritten(tmp_path, made(name), limits)
    info, _, _ = _rewritten(tmp_path, made("MP4"), VideoLimits(duration=3600, conversion=0.5))
    assert info.copies_video
    assert info.duration > 0.5


def test_what_was_cut_away_is_not_served(tmp_path: Path) -> None:
    """A video whose edit list hides frames is re-encoded without them."""
    content = Recipe(frames=72, trimmed=2.0).make()
    info, served, _ = _rewritten(tmp_path, content)
    assert not info.copies_video
    assert streams(served)[3] < 40


def test_a_video_names_no_other_file(tmp_path: Path) -> None:
    """A video that refers to frames in another file is refused."""
    other = tmp_path / "other.mp4"
    other.write_bytes(made("MP4"))
    with pytest.raises(VideoRefused):
        _rewritten(tmp_path, elsewhere(b"alis", alias(str(other).encode())))


@pytest.mark.parametrize("name", ["MP4", "WebM", "HEVC", "Matroska"])
def test_a_page_behind_or_inside_a_video_is_not_served(tmp_path: Path, name: str) -> None:
    """Data after or inside a video is not in the served file."""
    page = SCRIPT + b"PK\3\4"
    content = RECIPES[name].make() + page
    assert page not in _rewritten(tmp_path, content)[1]
    recipe = Recipe(container="matroska", attachment=page, metadata={"title": SCRIPT.decode()})
    assert b"script" not in _rewritten(tmp_path, recipe.make())[1]


@settings(max_examples=settings.default.max_examples // 4)  # each example converts a video
@given(st.data())
def test_no_changed_byte_is_more_than_a_refusal(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    """A video with changed bytes is converted or refused; no other exception is raised.

    What is served begins with a picture. A frame inside that is damaged is copied as it is.
    """
    content = bytearray(made(data.draw(st.sampled_from(["MP4", "WebM", "HEVC", "Matroska"]))))
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(32, len(content) - 8))
        width = data.draw(st.sampled_from([1, 2, 4, 8]))
        content[at : at + width] = data.draw(st.binary(min_size=width, max_size=width))
    try:
        _, served, _ = _rewritten(tmp_path_factory.mktemp("changed"), bytes(content))
    except (MediaError, MemoryError) as refusal:
        event(type(refusal).__name__)
    else:
        event("taken")
        assert first_frame(served)
