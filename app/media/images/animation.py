"""Animations: written as WebP, frame by frame, small enough to be held in memory as a whole."""

from collections.abc import Iterable
from pathlib import Path

from PIL import Image

_PIXELS = 40_000_000  # of all frames together, as written
_WEBP = {"quality": 70, "method": 2, "minimize_size": False, "allow_mixed": False}
_TOO_SHORT = 10  # milliseconds; browsers show frames of at most this duration for
_USUAL = 100
_LONGEST = 0xFFFFFF  # milliseconds; the longest duration of a WebP frame
_MOST_PLAYS = 0xFFFF


def animation_width(size: tuple[int, int], frames: int, widest: int) -> int:
    """Return the width in pixels at which all frames fit in memory.

    Args:
        size: of a frame as sent.
        frames: the number of frames.
        widest: the upper bound of the width.
    """
    width, height = size
    fitting = int((_PIXELS / frames * width / height) ** 0.5)
    return max(1, min(width, widest, fitting))


def shown_durations(durations: Iterable[float]) -> list[int]:
    """Return how long browsers show each frame, in whole milliseconds without rounding drift.

    Args:
        durations: milliseconds, as the file declares them.
    """
    shown, exact, total = [], 0.0, 0
    for duration in durations:
        exact += min(duration, _LONGEST) if int(duration) > _TOO_SHORT else _USUAL
        shown.append(round(exact) - total)
        total = round(exact)
    return shown


def save_animation(
    frames: Iterable[tuple[Image.Image, float]], plays: int, path: Path, size: tuple[int, int]
) -> None:
    """Write an animation.

    Args:
        frames: in RGB or RGBA, each with its duration in milliseconds as the file declares it.
        plays: the number of repetitions; 0 repeats for ever.
        path: the path of the file to write.
        size: in pixels, of the written frames.
    """
    small, durations = [], []
    for frame, duration in frames:
        small.append(frame.convert("RGBA").resize(size, Image.Resampling.BILINEAR))
        durations.append(duration)
    small[0].save(
        path,
        "WEBP",
        save_all=True,
        append_images=small[1:],
        duration=shown_durations(durations),
        loop=min(plays, _MOST_PLAYS),
        **_WEBP,
    )
