"""Media builder: makes Media from other systems' descriptions of pictures and videos.

Refuses addresses that are neither http nor https. A Media's id is derived from its contents, so
the same document always gives the same ids, and no two captions share an id.
"""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from app.intake.document import Part
from app.intake.html.embeds import web_address
from app.intake.html.plain_text import plain_words
from app.timeline.entry import Media, Rendition

_LINK = re.compile(r"""<a\s[^<>]*?href=["']([^"'<>]+)["']""", re.ASCII | re.IGNORECASE)
_TYPE = re.compile(r"[a-z0-9.+-]+/[a-z0-9.+-]+", re.ASCII)
_TYPES = {
    "avif": "image/avif",
    "gif": "image/gif",
    "png": "image/png",
    "svg": "image/svg+xml",
    "webp": "image/webp",
    "mp4": "video/mp4",
    "m4v": "video/mp4",
    "webm": "video/webm",
    "mov": "video/quicktime",
    "m3u8": "application/vnd.apple.mpegurl",
}


@dataclass(frozen=True, slots=True)
class MediaFile:
    """One file of a picture or video: pixels (None if unknown) and media type (or blank)."""

    url: str
    width: int | None = None
    height: int | None = None
    type: str = ""
    is_original: bool = False


@dataclass(frozen=True, slots=True)
class MediaTexts:
    """The texts of a picture or video, as plain text."""

    alt: str = ""
    caption: str = ""
    credit: str = ""


def read_media_file(
    part: Part, url_key: str, type_key: str, *, is_original: bool = False
) -> MediaFile | None:
    """Return one file from its description; None if it has no address that can be fetched."""
    url = web_address(part.peek(url_key).text_if_any())
    if not url:
        return None
    kind = part.peek(type_key).text_if_any().lower()
    return MediaFile(
        url,
        part.peek("width").size(),
        part.peek("height").size(),
        kind if _TYPE.fullmatch(kind) else "",
        is_original,
    )


def read_media_texts(part: Part) -> MediaTexts:
    """Return an object's alternative text, caption and credit, without markup."""

    def plain(key: str) -> str:
        return plain_words(part.peek(key).text_if_any())

    return MediaTexts(plain("alt"), plain("caption"), plain("credit") or plain("copyright"))


def caption_links(part: Part) -> list[str]:
    """Return the addresses that a caption and a credit link to, which plain text cannot hold."""
    texts = [part.peek(key).text_if_any() for key in ("caption", "credit")]
    return [address for text in texts for address in _LINK.findall(text)]


def make_media(
    kind: Literal["image", "video"], files: Iterable[MediaFile | None], texts: MediaTexts
) -> Media | None:
    """Build one Media from all its files: the original is the main one, else the largest.

    If a file is described twice, the first description counts. A rendition needs a width and a
    height; a missing height is computed from the original's proportions.

    Returns:
        None if there is no file.
    """
    by_url: dict[str, MediaFile] = {}
    for file in filter(None, files):
        by_url.setdefault(file.url, file)
    if not by_url:
        return None
    ordered = sorted(by_url.values(), key=lambda s: s.width or 0, reverse=True)
    main = next((file for file in ordered if file.is_original), ordered[0])
    renditions: list[Rendition] = []
    for file in ordered:
        height = file.height
        if file.width and main.width and main.height:
            height = height or max(1, round(file.width * main.height / main.width))
        if file.width and height:
            ending = file.url.partition("?")[0].rpartition(".")[2].lower()
            media_type = file.type or _TYPES.get(ending) or main.type or "image/jpeg"
            renditions.append(Rendition(file.url, file.width, height, media_type))
    contents = f"{kind}\n{main.url}\n{texts.alt}\n{texts.caption}\n{texts.credit}"
    return Media(
        id=f"{kind}-{hashlib.sha256(contents.encode()).hexdigest()[:24]}",
        kind=kind,
        url=main.url,
        alt=texts.alt,
        caption=texts.caption,
        credit=texts.credit,
        width=main.width,
        height=main.height,
        renditions=tuple(renditions),
    )
