"""Records of ingested pictures: their addresses, renditions and texts."""

from collections.abc import Mapping
from typing import Any

from app.media.sniff import TYPES
from app.store.media import Task
from app.timeline.entry import Media, Rendition

AVIF, WEBP = TYPES["avif"], TYPES["webp"]


def media_address(media_id: str, name: str) -> str:
    """Return the public address of a file."""
    return f"/media/{media_id}/{name}"


def file_name(address: str) -> str:
    """Return the file name at the end of an address."""
    return address.rpartition("/")[2]


def first_task(media: Media) -> Task | None:
    """Return the task that follows the storing of a medium: AVIF, if its renditions name it."""
    return "avif" if any(r.type == AVIF for r in media.renditions) else None


def picture_of(media_id: str, answer: Mapping[str, Any], words: Mapping[str, Any]) -> Media:
    """Return the picture whose renditions a worker made.

    Args:
        media_id: a new id.
        answer: the worker's answer.
        words: texts that replace those embedded in the picture, and whether it is `graphic`.
    """
    files = list(answer["made"])
    if not answer["moves"]:
        # AVIF is listed at once and made later: until then its address serves the WebP.
        files += [
            {**file, "name": f"{file['name'].removesuffix('webp')}avif"}
            for file in answer["made"]
            if file["name"].endswith(".webp")
        ]
    sizes = [
        Rendition(
            url=media_address(media_id, file["name"]),
            width=file["width"],
            height=file["height"],
            type=TYPES[file["name"].rpartition(".")[2]],
        )
        for file in files
    ]
    main = max((size for size in sizes if size.type == "image/jpeg"), key=lambda s: s.width)
    texts = {**answer["words"], **words}
    return Media(
        id=media_id,
        kind="image",
        url=main.url,
        alt=texts["alt"],
        caption=texts["caption"],
        credit=texts["credit"],
        width=main.width,
        height=main.height,
        renditions=tuple(sizes),
        graphic=words.get("graphic", False),
    )
