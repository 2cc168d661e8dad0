"""The sizes of a picture, made by Pillow: runs in the darkroom's worker and nowhere else.

What comes out is pixels encoded anew, in sRGB and upright. Nothing else of the file is taken over:
no position, no camera, no comment, no thumbnail, no profile.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image, ImageOps

from app.media.animation import frames_of, save_animation
from app.media.caption import read_caption
from app.media.colours import in_srgb, on_white
from app.media.errors import BrokenFile, TooManyPixels

WIDTHS = (480, 960, 1600)

_TALLEST = 8000  # pixels; WebP ends at 16,383
_NEAR = 1.1  # a size of its own that is not larger by this is not worth a file
_TURNED = 5  # orientations from here on lie on their side (EXIF 2.32, tag 274)
_ORIENTATION = 274
_ANIMATED_PIXELS = 10  # times the bound of one frame, for all frames of an animation

_JPEG: dict[str, Any] = {"quality": 82, "optimize": True, "progressive": True}
# Method 2 takes half the time of the usual 4, for files that are hardly larger.
_WEBP: dict[str, Any] = {"quality": 80, "method": 2}
_AVIF: dict[str, Any] = {"quality": 62, "speed": 7, "max_threads": 1}


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much of a picture is too much: pixels of a frame, and frames."""

    pixels: int
    frames: int


@dataclass(frozen=True, slots=True)
class Made:
    """A file that was made of a picture, by the name that it has in its folder; size in pixels."""

    name: str
    width: int
    height: int


Sizes = tuple[list[Made], dict[str, str], bool]


def make_sizes(source: Path, kind: str, folder: Path, bounds: Bounds) -> Sizes:
    """Make a picture's sizes, the smallest first, as JPEG and as WebP.

    Args:
        source: the file as it came.
        kind: what it is, as Pillow calls it; it is read as nothing else.
        folder: where the sizes go.
        bounds: what is too much.

    Returns:
        The files, what the picture says of itself, and whether it moves.

    Raises:
        BrokenFile: it is no such picture, or ends too early.
        TooManyPixels: it is over a bound.
    """
    formats = ["JPEG", "MPO"] if kind == "JPEG" else [kind]
    with Image.open(source, formats=formats) as picture:
        moves = _check(picture, bounds)
        words = read_caption(picture)
        made = list(_stills(_upright(picture), folder, with_webp=not moves))
        if moves:
            place = folder / "animation.webp"
            size = save_animation(picture, place, WIDTHS[1])
            place = place.rename(folder / f"{size[0]}.webp")
            made.append(Made(place.name, *size))
    return _name_by_content(made, folder), words, moves


def make_avif(source: Path, folder: Path, sizes: Sequence[Made]) -> None:
    """Make AVIF files of a picture's largest size, the smallest first.

    Args:
        source: the largest size.
        folder: where the files go.
        sizes: their names and sizes.
    """
    with Image.open(source, formats=["WEBP"]) as picture:
        picture.load()
        picture.info = {}
        for made in sorted(sizes, key=lambda size: size.width):
            small = _resized(picture, (made.width, made.height))
            small.save(folder / made.name, "AVIF", **_AVIF)


def _check(picture: Image.Image, bounds: Bounds) -> bool:
    """Refuse what is too much; tells whether the picture moves."""
    width, height = picture.size
    pixels = width * height
    if not pixels:
        raise BrokenFile("The picture has no pixels.")
    if pixels > bounds.pixels:
        raise TooManyPixels(
            f"The picture has {width} by {height} pixels; {bounds.pixels} in all are taken at most."
        )
    frames = frames_of(picture)
    if frames > bounds.frames:
        raise TooManyPixels(
            f"The animation has {frames} frames; {bounds.frames} are taken at most."
        )
    if frames > 1 and frames * pixels > bounds.pixels * _ANIMATED_PIXELS:
        raise TooManyPixels(f"The animation's {frames} frames have too many pixels together.")
    return frames > 1


def _orientation(picture: Image.Image) -> int:
    try:
        return int(picture.getexif().get(_ORIENTATION, 1))
    except Exception:  # noqa: BLE001  a damaged EXIF ends in whatever Pillow stumbles over
        return 1


def _upright(picture: Image.Image) -> Image.Image:
    """The first frame's pixels, upright and in sRGB, not many more than the largest size has."""
    orientation = _orientation(picture)
    width, height = picture.size
    if orientation >= _TURNED:
        enough = (max(1, width * WIDTHS[-1] // height), WIDTHS[-1])
    else:
        enough = (WIDTHS[-1], max(1, height * WIDTHS[-1] // width))
    # A JPEG is decoded at a half, a quarter or an eighth where that is enough.
    picture.draft(picture.mode, enough)
    picture.load()
    profile = picture.info.get("icc_profile")
    factor = min(picture.width // enough[0], picture.height // enough[1])
    small = in_srgb(picture, profile) if factor <= 1 else _reduced(picture, factor, profile)
    exif = Image.Exif()
    exif[_ORIENTATION] = orientation
    small.info = {"exif": exif.tobytes()}
    upright = ImageOps.exif_transpose(small)
    upright.info = {}
    return upright


def _reduced(picture: Image.Image, factor: int, profile: bytes | None) -> Image.Image:
    # Where pixels can be averaged as they are, that comes first: a profile costs by the pixel.
    if picture.mode in {"RGB", "L", "CMYK", "RGBA"} and "transparency" not in picture.info:
        return in_srgb(picture.reduce(factor), profile)
    return in_srgb(picture, profile).reduce(factor)


def choose_widths(width: int) -> list[int]:
    """The widths of a picture's sizes in pixels, ascending; never more than it has."""
    widths = [size for size in WIDTHS if size < width]
    if width <= WIDTHS[-1] and (not widths or width > widths[-1] * _NEAR):
        widths.append(width)
    return widths


def _stills(picture: Image.Image, folder: Path, *, with_webp: bool) -> Iterator[Made]:
    for width in choose_widths(picture.width):
        height = max(1, round(picture.height * width / picture.width))
        if height > _TALLEST:
            width, height = max(1, round(width * _TALLEST / height)), _TALLEST  # noqa: PLW2901
        small = _resized(picture, (width, height))
        on_white(small).save(folder / f"{width}.jpg", "JPEG", **_JPEG)
        yield Made(f"{width}.jpg", width, height)
        if with_webp:
            small.save(folder / f"{width}.webp", "WEBP", **_WEBP)
            yield Made(f"{width}.webp", width, height)


def _resized(picture: Image.Image, size: tuple[int, int]) -> Image.Image:
    if picture.size == size:
        return picture
    return picture.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)


def _name_by_content(made: Sequence[Made], folder: Path) -> list[Made]:
    digest = hashlib.blake2b(digest_size=8)
    for file in made:
        digest.update((folder / file.name).read_bytes())
    named = []
    for file in made:
        stem, _, suffix = file.name.partition(".")
        name = f"{stem}-{digest.hexdigest()}.{suffix}"
        (folder / file.name).rename(folder / name)
        named.append(Made(name, file.width, file.height))
    return named
