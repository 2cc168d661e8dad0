"""Animations: kept as WebP, a frame each, small enough to be held in memory at once."""

from pathlib import Path

from PIL import Image

from app.media.colours import in_srgb

_PIXELS = 40_000_000  # of all frames together, as they are written
_WEBP = {"quality": 70, "method": 2, "minimize_size": False, "allow_mixed": False}
_SHORTEST = 20  # milliseconds of a frame; browsers draw none faster
_USUAL = 100  # milliseconds, where a frame does not say, as browsers have it


def frames_of(picture: Image.Image) -> int:
    """How many frames there are; 1 of what does not move (a camera's second view is none)."""
    return 1 if picture.format == "MPO" else int(getattr(picture, "n_frames", 1))


def animation_width(size: tuple[int, int], frames: int, widest: int) -> int:
    """The width in pixels at which all frames can be held.

    Args:
        size: of a frame as it came.
        frames: how many.
        widest: what it may be at most.
    """
    width, height = size
    fitting = int((_PIXELS / frames * width / height) ** 0.5)
    return max(1, min(width, widest, fitting))


def save_animation(picture: Image.Image, place: Path, widest: int) -> tuple[int, int]:
    """Write the animation.

    Args:
        picture: as opened.
        place: where to write.
        widest: pixels.

    Returns:
        Its size in pixels.
    """
    count = frames_of(picture)
    width = animation_width(picture.size, count, widest)
    size = (width, max(1, round(picture.height * width / picture.width)))
    frames, durations = [], []
    for number in range(count):
        picture.seek(number)
        picture.load()
        shown = float(picture.info.get("duration") or _USUAL)
        durations.append(max(_SHORTEST, min(round(shown), 60_000)))
        frame = in_srgb(picture, picture.info.get("icc_profile"))
        frames.append(frame.convert("RGBA").resize(size, Image.Resampling.BILINEAR))
    # How often: a GIF that does not say plays once, and WebP's 0 is forever, as a GIF's.
    loop = int(picture.info.get("loop", 1))
    frames[0].save(
        place,
        "WEBP",
        save_all=True,
        append_images=frames[1:],
        duration=durations,
        loop=max(0, min(loop, 65_535)),
        **_WEBP,
    )
    return size
