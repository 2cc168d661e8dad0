"""Items of a Live Blog post, converted into the body of an entry.

An item's `text` is the HTML that Live Blog shows, its `meta` the data that it was made from; both
are read, and complete each other. Scripts and the editor's empty boxes are removed.

Source: liveblog/liveblog, `server/liveblog/posts` and the client's editor blocks.
"""

import re
from collections.abc import Callable

from app.intake.document import Part
from app.intake.html.body import BodyBuilder
from app.intake.html.editor_html import read_html
from app.intake.html.embeds import web_address
from app.intake.html.parser import parse_fragment, tags, words
from app.intake.html.plain_text import plain_words
from app.intake.picture import (
    MediaFile,
    MediaTexts,
    caption_links,
    make_media,
    read_media_file,
    read_media_texts,
)
from app.intake.report import Report

_IMAGES = frozenset({"image", "picture"})
_QUOTES = frozenset({"quote", "blockquote"})
_MEDIA = _IMAGES | {"video", "audio"}
_LABEL = re.compile(
    r"credit:", re.ASCII | re.IGNORECASE
)  # Live Blog prints it between caption and credit


def convert_item(item: Part, builder: BodyBuilder, report: Report) -> None:
    """Convert one item, add it to the body and count it.

    Args:
        item: the item's place in the document.
        builder: collects the entry's body and media.
        report: collects the counts, and a note if the item cannot be shown.

    Raises:
        IntakeError: a field that the item's type requires has the wrong type.
    """
    name = item_type(item)
    report.count("items")
    report.count(f"items.{name}")
    item_builder = BodyBuilder()
    _RULES.get(name, _convert_text)(item, item_builder)
    builder.extend(item_builder)
    if item_builder.is_empty:
        report.skip(f"The {name} item at {item.where} holds nothing that can be shown.")
    for address in caption_links(item.peek("meta")) if name in _IMAGES else []:
        report.note(
            f"The caption at {item.where} links to {address}; captions are plain text here."
        )


def item_type(item: Part) -> str:
    """Return the item's type in a printable form."""
    name = re.sub(r"[^a-z0-9]+", "-", item.at("item_type").text_or_blank().lower()).strip("-")
    return name[:60] or "text"


def is_advertisement(item: Part) -> bool:
    """Whether an item is an advertisement, which Live Blog stores among its posts."""
    return item_type(item).partition("-")[0] in {"ad", "ads", "advert", "adverts", "advertisement"}


def is_quote(item: Part) -> bool:
    """Whether an item is a quotation and nothing else."""
    return item_type(item) in _QUOTES


def is_media(item: Part) -> bool:
    """Whether an item is a picture, a video or audio."""
    shown = item.peek("meta").peek("type").value
    return item_type(item) in _MEDIA or (
        item_type(item) == "embed" and isinstance(shown, str) and shown in {"video", "photo"}
    )


def _text(item: Part) -> str:
    return item.at("text").text_or_blank()


def _meta(item: Part, key: str) -> str:
    return item.at("meta").at(key).text_or_blank()


def _convert_text(item: Part, builder: BodyBuilder) -> None:
    builder.add_html(_text(item))


def _convert_quote(item: Part, builder: BodyBuilder) -> None:
    quote = _meta(item, "quote")
    if not words(parse_fragment(quote)):
        builder.add_quote(_text(item))
        return
    builder.add_quote(quote, credit=_meta(item, "credit"))


def _convert_embed(item: Part, builder: BodyBuilder) -> None:
    address = _meta(item, "original_url")
    builder.add_html(_text(item), frame_address=address)
    if not builder.blocks:
        builder.add_html(_meta(item, "html"), frame_address=address)
    builder.add_missing_link(address, _meta(item, "title"))
    for key in ("title", "description", "credit"):
        builder.add_missing_words(_meta(item, key))
    builder.add_missing_link(_meta(item, "author_url"), _meta(item, "author_name"))
    if not _meta(item, "html"):  # else the frame or the post shows it itself
        meta = item.at("meta")
        url = web_address(meta.at("thumbnail_url").text_or_blank())
        file = MediaFile(url, meta.at("thumbnail_width").size(), meta.at("thumbnail_height").size())
        texts = MediaTexts(plain_words(_meta(item, "title")))
        builder.add_media(make_media("image", [file] if url else [], texts))


def _convert_image(item: Part, builder: BodyBuilder) -> None:
    nodes = read_html(_text(item))
    renditions = item.at("meta").at("media").at("renditions")
    names = list(renditions.value) if isinstance(renditions.value, dict) else []
    files = [
        read_media_file(renditions.at(name), "href", "mimetype", is_original=name == "original")
        for name in names
        if isinstance(name, str)
    ]
    for image in tags(nodes, "img"):  # the displayed picture names files of its own
        choices = [image.attributes.get("src", ""), *image.attributes.get("srcset", "").split(",")]
        for address, _, width in (choice.strip().partition(" ") for choice in choices):
            if url := web_address(address):
                files.append(MediaFile(url, Part(width.strip().removesuffix("w")).size()))
    texts = read_media_texts(item.at("meta"))
    alts = [image.attributes.get("alt", "") for image in tags(nodes, "img")]
    alt = texts.alt or plain_words(next(filter(None, alts), "")) or texts.caption
    caption = texts.caption or ("" if texts.credit else words(tags(nodes, "figcaption")))
    texts = MediaTexts(alt, caption, texts.credit)
    media = make_media("image", files, texts)
    if not builder.add_media(media) or media is None:
        builder.add_html(_text(item))
        return
    caption_words = f"{media.caption} {media.credit}".split()
    shown_words = [word for word in words(nodes).split() if not _LABEL.fullmatch(word)]
    if not set(shown_words) <= set(caption_words):
        builder.add_words(words(nodes))


_RULES: dict[str, Callable[[Part, BodyBuilder], None]] = {
    **dict.fromkeys(_IMAGES, _convert_image),
    **dict.fromkeys(_QUOTES, _convert_quote),
    **dict.fromkeys(("embed", "link", "video", "audio"), _convert_embed),
}
