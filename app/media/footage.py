"""Videos as they come in: the film, the still picture that stands for it, and the record of both.

The still picture is any that is sent along: it goes the way of every picture, and its sizes are
those of the video.
"""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from app.media.library import new_media_id
from app.media.picture import media_address, picture_of
from app.media.studio import Studio
from app.timeline.entry import Media


async def take_in_film(
    studio: Studio, upload: Path, poster: Path | None, words: Mapping[str, str], caller: str
) -> Media:
    """Make a video of a file, and store it; no entry may name it yet.

    Args:
        studio: the media room.
        upload: the file as it came, in a folder of its own.
        poster: the picture that is shown until it plays; None for its first frame.
        words: `alt`, `caption` and `credit` as somebody gave them.
        caller: who sent it.

    Raises:
        MediaError: one of the files is refused.
    """
    job = {"do": "film", "source": str(upload), "folder": str(upload.parent)}
    film = await studio.prompt.do(job, caller)
    alt, caption, credit = (words.get(name, "") for name in ("alt", "caption", "credit"))
    media = Media(new_media_id(), "video", "", alt, caption, credit)
    files: dict[str, Path] = {}
    if poster is not None:
        done, files = await studio.make_sizes(poster, caller)
        media = picture_of(media.id, done, words)
    media = replace(
        media,
        kind="video",
        url=media_address(media.id, film["name"]),
        width=film["width"],
        height=film["height"],
    )
    await studio.keep_files(media, {film["name"]: upload.parent / film["name"], **files})
    return media
