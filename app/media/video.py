"""Films of either kind, told apart by how they begin and not by what they are called."""

from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from app.media.errors import FilmRefused
from app.media.film import Film
from app.media.mp4 import copy_mp4, is_mp4
from app.media.webm import copy_webm, is_webm

HEAD = 16  # bytes by which a film is told


def is_film(head: bytes) -> bool:
    """Whether a file that begins like this is meant to be a film.

    Args:
        head: its first `HEAD` bytes.
    """
    return is_mp4(head) or is_webm(head)


def copy_film(source: Path, target: Path) -> Film:
    """Check a film, and make what is served of it; blocks for about as long as copying it.

    Args:
        source: the file that came in; left as it is.
        target: what is written; not there after a refusal.

    Raises:
        FilmRefused: it is no film, or not one that every browser plays.
    """
    with source.open("rb") as old, target.open("xb") as new:
        head = old.read(HEAD)
        try:
            return _copy(head)(old, new)
        except BaseException:
            target.unlink()
            raise


def _copy(head: bytes) -> Callable[[BinaryIO, BinaryIO], Film]:
    if is_mp4(head):
        return copy_mp4
    if is_webm(head):
        return copy_webm
    raise FilmRefused("The file is neither an MP4 nor a WebM video.")
