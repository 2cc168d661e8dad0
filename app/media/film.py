"""What is known of a film, and the refusal of one that cannot be shown."""

from dataclasses import dataclass

from app.media.errors import FilmRefused

LONGEST = 24 * 3600.0  # seconds
LARGEST = 8192  # pixels of a side


@dataclass(frozen=True, slots=True)
class Film:
    """A film as browsers play it.

    Args:
        type: its media type.
        width: in pixels, as it is shown: one that was filmed upright is narrow.
        height: likewise.
        duration: in seconds; None where the file does not tell.
        codecs: of its picture, then of its sound, if it has one.
    """

    type: str
    width: int
    height: int
    duration: float | None
    codecs: tuple[str, ...]

    def __post_init__(self) -> None:
        if not (0 < self.width <= LARGEST and 0 < self.height <= LARGEST):
            raise FilmRefused(f"The video's sides have to be of 1 to {LARGEST} pixels.")
        if self.duration is not None and not 0 < self.duration <= LONGEST:
            raise FilmRefused("The video has to last longer than nothing, and a day at most.")


def damaged(what: str) -> FilmRefused:
    """The refusal of a file that contradicts itself.

    Args:
        what: is the matter, as a clause: "a box is longer than what holds it".
    """
    return FilmRefused(f"The video is damaged or incomplete: {what}.")
