"""What the record says of a picture that was taken in: its addresses, its sizes and its words."""

from collections.abc import Mapping
from typing import Any

from app.media.sniff import TYPES
from app.store.media import Task
from app.timeline.entry import Media, Rendition

AVIF, WEBP = TYPES["avif"], TYPES["webp"]


def media_address(media_id: str, name: str) -> str:
    """Where a file is for the public."""
    return f"/media/{media_id}/{name}"


def file_name(address: str) -> str:
    """The name at the end of an address."""
    return address.rpartition("/")[2]


def first_task(media: Media) -> Task | None:
    """What is to be done with a medium once it is kept: AVIF where its renditions name it."""
    return "avif" if any(r.type == AVIF for r in media.renditions) else None


def picture_of(media_id: str, done: Mapping[str, Any], words: Mapping[str, str]) -> Media:
    """The picture that a worker made the sizes of.

    Args:
        media_id: a new one.
        done: the worker's answer.
        words: what stands in the place of the picture's own.
    """
    made = list(done["made"])
    if not done["moves"]:
        # Named at once, made later: until then the address answers with the WebP.
        made += [
            {**file, "name": f"{file['name'].removesuffix('webp')}avif"}
            for file in done["made"]
            if file["name"].endswith(".webp")
        ]
    sizes = [
        Rendition(
            url=media_address(media_id, file["name"]),
            width=file["width"],
            height=file["height"],
            type=TYPES[file["name"].rpartition(".")[2]],
        )
        for file in made
    ]
    main = max((size for size in sizes if size.type == "image/jpeg"), key=lambda s: s.width)
    told = {**done["words"], **words}
    return Media(
        id=media_id,
        kind="image",
        url=main.url,
        alt=told["alt"],
        caption=told["caption"],
        credit=told["credit"],
        width=main.width,
        height=main.height,
        renditions=tuple(sizes),
    )
