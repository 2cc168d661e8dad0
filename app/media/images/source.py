"""Picture sources: a file's headers are read without decoding, then it is opened for the decoder.

Size, number of frames and repetitions are known before the decoder runs, so a file over a limit
is refused as too large and not as damaged.
"""

import io
import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageFile

from app.media.errors import BrokenFile, MediaError, TooManyFrames, TooManyPixels
from app.media.images.avif import read_avif
from app.media.images.colours import in_srgb
from app.media.images.gif import read_gif
from app.media.images.icc import profile_of_cicp
from app.media.images.jpeg import complete_jpeg, read_markers
from app.media.images.layers import Layer, compose
from app.media.images.png import read_png
from app.media.images.webp import complete_webp, webp_size

_ANIMATED_PIXELS = 10  # times the limit of one frame, for all frames of an animation
_DECODING = 16  # bytes per pixel that a decoder may need, with copies

Size = tuple[int, int]


@dataclass(frozen=True, slots=True)
class ImageLimits:
    """Limits of a picture: pixels of a frame, and number of frames."""

    pixels: int
    frames: int

    def check(self, size: Size, frames: int = 1) -> None:
        """Refuse a picture over a limit.

        Raises:
            BrokenFile: the picture has no pixels.
            TooManyPixels: a frame is too large.
            TooManyFrames: there are too many frames, or they are too large together.
        """
        width, height = size
        pixels = width * height
        if not pixels:
            raise BrokenFile("The picture has no pixels.")
        if pixels > self.pixels:
            raise TooManyPixels(
                f"The picture has {width} by {height} pixels;"
                f" {self.pixels} in all are accepted at most. Make it smaller."
            )
        if frames > self.frames:
            raise TooManyFrames(
                f"The animation has {frames} frames; {self.frames} are accepted at most."
                " Send it as a video."
            )
        if frames > 1 and frames * pixels > self.pixels * _ANIMATED_PIXELS:
            raise TooManyFrames(
                f"The animation's {frames} frames of {width} by {height} pixels are too much"
                " together. Send it as a video."
            )


@dataclass(frozen=True, slots=True)
class Source:
    """An opened picture.

    Args:
        picture: the default frame; not loaded yet if it comes from a decoder.
        profile: its ICC profile; None for sRGB.
        frames: the number of frames; 1 if it is not animated.
        plays: the number of repetitions; 0 repeats for ever.
        layers: the frames, if this program composes them.
        kind: the file's format, by Pillow's name.
        size: of a frame in pixels, as stored in the file.
    """

    picture: Image.Image
    profile: bytes | None
    kind: str
    size: Size
    frames: int = 1
    plays: int = 1
    layers: tuple[Layer, ...] = ()

    def animation(self) -> Iterator[tuple[Image.Image, float]]:
        """Yield the frames in sRGB, each valid until the next, with milliseconds as declared.

        Raises:
            OSError: the file is truncated.
        """
        if self.layers:
            shown = compose(self.layers, self.kind, self.size, self.profile)
            for layer, frame in zip(self.layers, shown, strict=True):
                yield frame, layer.duration
            return
        for number in range(self.frames):
            self.picture.seek(number)
            self.picture.load()
            duration = float(self.picture.info.get("duration") or 0)
            yield in_srgb(self.picture, self.profile), duration


@contextmanager
def open_source(path: Path, kind: str, limits: ImageLimits) -> Iterator[Source]:
    """Open a picture for the length of a block.

    Args:
        path: the file as sent.
        kind: its format, by Pillow's name; it is read as no other.
        limits: the limits.

    Raises:
        BrokenFile: it is not of that format, or is truncated.
        TooManyPixels: it is too large, or needs more memory than is available.
        TooManyFrames: the animation is too long.
    """
    size = (0, 0)

    def check(seen: Size, frames: int = 1) -> None:
        nonlocal size
        size = seen
        limits.check(seen, frames)

    try:
        source = _OPEN[kind](path.read_bytes(), check)
        with source.picture:
            yield source
    except (MediaError, MemoryError):
        raise
    except Exception as error:
        # Few decoders report that they ran out of memory.
        if size[0] * size[1] * _DECODING > _available_memory():
            raise TooManyPixels(
                f"A picture of {size[0]} by {size[1]} pixels needs more memory than is"
                " available. Make it smaller."
            ) from error
        raise


def _available_memory() -> float:
    """Return the bytes that this process may still allocate."""
    most, _ = resource.getrlimit(resource.RLIMIT_AS)
    if most == resource.RLIM_INFINITY:
        return float("inf")
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    return most - used


Check = Callable[..., None]


def _jpeg(data: bytes, check: Check) -> Source:
    # A second picture, which a camera adds as another view (MPO), is never displayed.
    markers = read_markers(data)
    check(markers.size)
    picture = _open(complete_jpeg(data, markers), "JPEG", "MPO")
    return Source(picture, picture.info.get("icc_profile"), "JPEG", picture.size)


def _png(data: bytes, check: Check) -> Source:
    png = read_png(data)
    check(png.size, max(png.frames, len(png.layers)))
    if not png.layers:
        return Source(_open(png.still, "PNG"), png.profile, "PNG", png.size)
    if len(png.layers) < png.frames:
        raise BrokenFile("The animation ends before its last frame. Send the file whole.")
    return _layered(png.layers, "PNG", png.size, png.plays, check, png.profile)


def _gif(data: bytes, check: Check) -> Source:
    gif = read_gif(data)
    check(gif.size, len(gif.layers))
    return _layered(gif.layers, "GIF", gif.size, gif.plays, check)


def _layered(
    layers: tuple[Layer, ...],
    kind: str,
    size: Size,
    plays: int,
    check: Check,
    profile: bytes | None = None,
) -> Source:
    for layer in layers:
        check(layer.size)
    check(size, len(layers))
    picture: Image.Image = _open(layers[0].content, kind)
    if layers[0].size != size:
        metadata = picture.info
        picture = next(compose(layers, kind, size, profile))
        picture.info = metadata
        profile = profile if len(layers) > 1 else None
    return Source(picture, profile, kind, size, len(layers), plays, layers)


def _webp(data: bytes, check: Check) -> Source:
    check(webp_size(data))
    picture = _open(complete_webp(data), "WEBP")
    frames = int(getattr(picture, "n_frames", 1))
    check(picture.size, frames)
    plays = int(picture.info.get("loop", 0))
    profile = picture.info.get("icc_profile")
    return Source(picture, profile, "WEBP", picture.size, frames, plays)


def _avif(data: bytes, check: Check) -> Source:
    avif = read_avif(data)
    if avif.size != (0, 0):
        check(avif.size)
    picture = _open(data, "AVIF")
    frames = int(getattr(picture, "n_frames", 1))
    check(picture.size, frames)
    profile = picture.info.get("icc_profile") or avif.profile
    return Source(picture, profile, "AVIF", picture.size, frames, avif.plays)


def _heif(data: bytes, check: Check) -> Source:
    from pillow_heif import register_heif_opener  # noqa: PLC0415  few pictures need its libraries

    # Gain maps, depth maps, thumbnails and pictures after the first are ignored.
    register_heif_opener(thumbnails=False, depth_images=False, aux_images=False, decode_threads=1)
    picture = _open(data, "HEIF")
    check(picture.size)
    profile = picture.info.get("icc_profile")
    if profile is None and (points := picture.info.get("nclx_profile")):
        profile = profile_of_cicp(
            int(points["color_primaries"]), int(points["transfer_characteristics"]), is_video=True
        )
    return Source(picture, profile, "HEIF", picture.size)


def _open(data: bytes, *formats: str) -> ImageFile.ImageFile:
    return Image.open(io.BytesIO(data), formats=formats)


_OPEN: dict[str, Callable[[bytes, Check], Source]] = {
    "JPEG": _jpeg,
    "PNG": _png,
    "GIF": _gif,
    "WEBP": _webp,
    "AVIF": _avif,
    "HEIF": _heif,
}
