"""Posters: the frame that stands for a video, and the properties that its frames declare.

A video of which no frame can be decoded is refused here, before it is accepted.
"""

from dataclasses import dataclass
from fractions import Fraction
from itertools import islice
from pathlib import Path

from av.video.frame import VideoFrame
from av.video.reformatter import Colorspace
from PIL import Image, ImageStat

from app.media.images.colours import in_srgb
from app.media.images.icc import profile_of_cicp
from app.media.sniff import Video
from app.media.video.input import damaged, open_video
from app.media.video.orientation import Orientation, read_orientation

_FRAMES = 75  # the most frames that are examined: three seconds of most videos
_EVERY = 5
_LEAST_DEVIATION = 14.0  # standard deviation of brightness; a black or a plain frame is below
_SMALL = (64, 36)
_WIDEST = 1920  # pixels
_HIGH_DEFINITION = 720  # lines; from this height on BT.709 is assumed if nothing is declared
_UNSPECIFIED = 2
_HDR = frozenset({16, 18})  # PQ and HLG


@dataclass(frozen=True, slots=True)
class Colours:
    """Code points of a video's colours (ITU-T H.273); 2 where unspecified."""

    primaries: int = _UNSPECIFIED
    transfer: int = _UNSPECIFIED
    matrix: int = _UNSPECIFIED

    @property
    def is_hdr(self) -> bool:
        """Whether the video is HDR."""
        return self.transfer in _HDR

    def profile(self) -> bytes | None:
        """Return an equivalent ICC profile; None for sRGB."""
        return profile_of_cicp(self.primaries, self.transfer, is_video=True)


@dataclass(frozen=True, slots=True)
class Still:
    """A frame of a video, upright and in sRGB, and the properties of all its frames."""

    picture: Image.Image
    orientation: Orientation
    colours: Colours


def read_still(path: Path, kind: Video) -> Still:
    """Decode the first frames, and choose one that is not blank.

    Args:
        path: the file as sent.
        kind: its container.

    Raises:
        VideoRefused: no frame can be decoded.
    """
    with open_video(path, kind) as opened:
        chosen, most = None, -1.0
        frames = islice(opened.container.decode(opened.video), _FRAMES)
        for number, frame in enumerate(frames):
            if number % _EVERY:
                continue
            small = _to_image(frame.reformat(*_SMALL, format="gray"))
            deviation = ImageStat.Stat(small).stddev[0]
            if deviation > most:
                chosen, most = frame, deviation
            if deviation > _LEAST_DEVIATION:
                break
        if chosen is None:
            raise damaged("none of its frames can be decoded")
        ratio = opened.video.sample_aspect_ratio or Fraction(1)
        colours = Colours(chosen.color_primaries, chosen.color_trc, chosen.colorspace)
        orientation = read_orientation(chosen)
        # With square pixels, and no larger than served videos.
        width, height = shown_size(chosen.width, chosen.height, ratio)
        factor = min(1.0, _WIDEST / max(width, height))
        size = (max(1, round(width * factor)), max(1, round(height * factor)))
        is_bt709 = chosen.colorspace == _UNSPECIFIED and chosen.height >= _HIGH_DEFINITION
        matrix = Colorspace.ITU709 if is_bt709 else None
        picture = in_srgb(
            _to_image(chosen.reformat(*size, format="rgb24", src_colorspace=matrix)),
            colours.profile(),
        )
    return Still(orientation.upright(picture), orientation, colours)


def _to_image(frame: VideoFrame) -> Image.Image:
    picture = frame.to_image()  # type: ignore[no-untyped-call]
    assert isinstance(picture, Image.Image)
    return picture


def shown_size(width: int, height: int, ratio: Fraction) -> tuple[int, int]:
    """Return the size in square pixels, enlarging the shorter way if pixels are not square.

    Args:
        width: in pixels as stored.
        height: likewise.
        ratio: of a pixel's width to its height; 0 if unspecified.
    """
    if not 1 / 16 < ratio < 16:  # noqa: PLR2004  no camera exceeds this
        return width, height
    return (round(width * ratio), height) if ratio > 1 else (width, round(height / ratio))
