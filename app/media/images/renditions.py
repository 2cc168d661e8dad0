"""Renditions of a picture, made by Pillow: runs in the media worker and nowhere else.

The output is pixels encoded anew, in sRGB and upright. Nothing else of the file is copied: no
location, camera, comment, thumbnail or profile.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image

from app.media.images.animation import animation_width, save_animation
from app.media.images.caption import read_caption
from app.media.images.colours import in_srgb, on_white
from app.media.images.metadata import without_metadata
from app.media.images.orientation import read_orientation, swaps_dimensions, upright
from app.media.images.source import ImageLimits, Source, open_source

WIDTHS = (480, 960, 1600)

_TALLEST = 8000  # pixels; WebP's limit is 16,383
_NEAR = 1.1  # a rendition no more than this factor larger is not worth a file

_JPEG: dict[str, Any] = {"quality": 82, "optimize": True, "progressive": True}
# Method 2 takes half the time of the usual 4, for files that are hardly larger.
_WEBP: dict[str, Any] = {"quality": 80, "method": 2}
_AVIF: dict[str, Any] = {"quality": 62, "speed": 7, "max_threads": 1}


@dataclass(frozen=True, slots=True)
class RenditionFile:
    """A rendition, by its file name in the folder; size in pixels."""

    name: str
    width: int
    height: int


Sizes = tuple[list[RenditionFile], dict[str, str], bool]


def make_sizes(source: Path, kind: str, folder: Path, limits: ImageLimits) -> Sizes:
    """Make a picture's renditions, the smallest first, as JPEG and as WebP.

    Args:
        source: the file as sent.
        kind: its format, by Pillow's name; it is read as no other.
        folder: where the renditions are written.
        limits: the limits.

    Returns:
        The files, the embedded texts, and whether the picture is animated.

    Raises:
        MediaError: the file is not of that format, is truncated, or exceeds a limit.
    """
    with open_source(source, kind, limits) as opened:
        orientation = read_orientation(opened.picture)
        words = read_caption(opened.picture)
        is_animated = opened.frames > 1
        renditions = list(_stills(_still(opened, orientation), folder, with_webp=not is_animated))
        if is_animated:
            width, height = opened.size[::-1] if swaps_dimensions(orientation) else opened.size
            small = animation_width((width, height), opened.frames, WIDTHS[1])
            size = (small, max(1, round(height * small / width)))
            frames = (
                (upright(frame, orientation), duration) for frame, duration in opened.animation()
            )
            name = f"{small}.webp"
            save_animation(frames, opened.plays, folder / name, size)
            renditions.append(RenditionFile(name, *size))
    return _name_by_content(renditions, folder), words, is_animated


def make_poster(picture: Image.Image, folder: Path) -> list[RenditionFile]:
    """Make the renditions of a video's poster, the smallest first, as JPEG and as WebP.

    Args:
        picture: in sRGB and upright.
        folder: where the renditions are written.
    """
    return _name_by_content(list(_stills(picture, folder, with_webp=True)), folder)


def make_avif(source: Path, folder: Path, sizes: Sequence[RenditionFile]) -> None:
    """Make AVIF files from a picture's largest rendition, the smallest first.

    Args:
        source: the largest rendition.
        folder: where the files are written.
        sizes: their names and sizes.
    """
    with Image.open(source, formats=["WEBP"]) as picture:
        picture.load()
        without_metadata(picture)
        for size in sorted(sizes, key=lambda size: size.width):
            small = _resized(picture, (size.width, size.height))
            small.save(folder / size.name, "AVIF", **_AVIF)


def _still(source: Source, orientation: int) -> Image.Image:
    """Return the first frame, upright and in sRGB, little larger than the largest rendition."""
    picture = source.picture
    width, height = picture.size
    if swaps_dimensions(orientation):
        enough = (max(1, width * WIDTHS[-1] // height), WIDTHS[-1])
    else:
        enough = (WIDTHS[-1], max(1, height * WIDTHS[-1] // width))
    # JPEG decoders can scale by a half, a quarter or an eighth: use the smallest that suffices.
    picture.draft(picture.mode, enough)
    picture.load()
    factor = min(picture.width // enough[0], picture.height // enough[1])
    if factor <= 1:
        small = in_srgb(picture, source.profile)
    # Average the pixels first where the mode allows: a profile conversion costs per pixel.
    elif picture.mode in {"RGB", "L", "CMYK", "RGBA"} and "transparency" not in picture.info:
        small = in_srgb(picture.reduce(factor), source.profile)
    else:
        small = in_srgb(picture, source.profile).reduce(factor)
    return upright(small, orientation)


def choose_widths(width: int) -> list[int]:
    """Return the widths of a picture's renditions in pixels, ascending; never above its own."""
    widths = [size for size in WIDTHS if size < width]
    if width <= WIDTHS[-1] and (not widths or width > widths[-1] * _NEAR):
        widths.append(width)
    return widths


def _stills(picture: Image.Image, folder: Path, *, with_webp: bool) -> Iterator[RenditionFile]:
    for width in choose_widths(picture.width):
        height = max(1, round(picture.height * width / picture.width))
        if height > _TALLEST:
            width, height = max(1, round(width * _TALLEST / height)), _TALLEST  # noqa: PLW2901
        small = without_metadata(_resized(picture, (width, height)))
        on_white(small).save(folder / f"{width}.jpg", "JPEG", **_JPEG)
        yield RenditionFile(f"{width}.jpg", width, height)
        if with_webp:
            small.save(folder / f"{width}.webp", "WEBP", **_WEBP)
            yield RenditionFile(f"{width}.webp", width, height)


def _resized(picture: Image.Image, size: tuple[int, int]) -> Image.Image:
    if picture.size == size:
        return picture
    return picture.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)


def _name_by_content(renditions: Sequence[RenditionFile], folder: Path) -> list[RenditionFile]:
    digest = hashlib.blake2b(digest_size=8)
    for file in renditions:
        digest.update((folder / file.name).read_bytes())
    named = []
    for file in renditions:
        stem, _, suffix = file.name.partition(".")
        name = f"{stem}-{digest.hexdigest()}.{suffix}"
        (folder / file.name).rename(folder / name)
        named.append(RenditionFile(name, file.width, file.height))
    return named
