"""Animations: kept as WebP, a frame each, small enough to be held in memory at once."""

from collections.abc import Iterable
from pathlib import Path

from PIL import Image

_PIXELS = 40_000_000  # of all frames together, as they are written
_WEBP = {"quality": 70, "method": 2, "minimize_size": False, "allow_mixed": False}
_TOO_SHORT = 10  # milliseconds; a frame that is to be seen no longer is shown by browsers for
_USUAL = 100
_LONGEST = 0xFFFFFF  # milliseconds that WebP has room for
_MOST_PLAYS = 0xFFFF


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


def shown_durations(durations: Iterable[float]) -> list[int]:
    """How long browsers show frames, in whole milliseconds that do not drift from the exact ones.

    Args:
        durations: milliseconds, as a file says.
    """
    shown, exact, told = [], 0.0, 0
    for duration in durations:
        exact += min(duration, _LONGEST) if int(duration) > _TOO_SHORT else _USUAL
        shown.append(round(exact) - told)
        told = round(exact)
    return shown


def save_animation(
    frames: Iterable[tuple[Image.Image, float]], plays: int, place: Path, size: tuple[int, int]
) -> None:
    """Write an animation.

    Args:
        frames: in RGB or RGBA, with their milliseconds as the file says.
        plays: how often they are shown; 0 for without an end.
        place: where to write.
        size: in pixels, of what is written.
    """
    small, durations = [], []
    for frame, duration in frames:
        small.append(frame.convert("RGBA").resize(size, Image.Resampling.BILINEAR))
        durations.append(duration)
    small[0].save(
        place,
        "WEBP",
        save_all=True,
        append_images=small[1:],
        duration=shown_durations(durations),
        loop=min(plays, _MOST_PLAYS),
        **_WEBP,
    )
