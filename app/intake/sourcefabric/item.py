"""Items of a Live Blog post, converted into the body of an entry.

An item's `text` is the HTML that Live Blog shows, its `meta` the data that it was made from; both
are read, and complete each other. Scripts and the editor's empty boxes are removed.

Source: liveblog/liveblog, `server/liveblog/posts` and the client's editor blocks.
"""

import re
from collections.abc import Callable

from app.intake.document import Part
from app.intake.html.body import Passage
from app.intake.html.editor_html import read_html
from app.intake.html.embeds import web_address
from app.intake.html.parser import parse_fragment, tags, words
from app.intake.html.plain_text import plain_words
from app.intake.picture import Print, Size, caption_links, make_media, read_print, read_size
from app.intake.report import Account

_IMAGES = frozenset({"image", "picture"})
_QUOTES = frozenset({"quote", "blockquote"})
_MEDIA = _IMAGES | {"video", "audio"}
_LABEL = re.compile(r"credit:", re.IGNORECASE)  # Live Blog prints it between caption and credit


def tell_item(item: Part, passage: Passage, account: Account) -> None:
    """Convert one item into the passage and count it.

    Args:
        item: the item's place in the document.
        passage: collects the entry's body and media.
        account: collects the counts, and a note if the item cannot be shown.

    Raises:
        IntakeError: a field that the item's type requires has the wrong type.
    """
    name = item_type(item)
    account.count("items")
    account.count(f"items.{name}")
    told = Passage()
    _RULES.get(name, _tell_text)(item, told)
    passage.absorb(told)
    if told.is_empty:
        account.skip(f"The {name} item at {item.where} holds nothing that can be shown.")
    for address in caption_links(item.peek("meta")) if name in _IMAGES else []:
        account.note(
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


def _tell_text(item: Part, told: Passage) -> None:
    told.add_html(_text(item))


def _tell_quote(item: Part, told: Passage) -> None:
    quote = _meta(item, "quote")
    if not words(parse_fragment(quote)):
        told.add_quote(_text(item))
        return
    told.add_quote(quote, credit=_meta(item, "credit"))


def _tell_embed(item: Part, told: Passage) -> None:
    address = _meta(item, "original_url")
    told.add_html(_text(item), told=address)
    if not told.blocks:
        told.add_html(_meta(item, "html"), told=address)
    told.add_missing_link(address, _meta(item, "title"))
    for key in ("title", "description", "credit"):
        told.add_missing_words(_meta(item, key))
    told.add_missing_link(_meta(item, "author_url"), _meta(item, "author_name"))
    if not _meta(item, "html"):  # else the frame or the post shows it itself
        meta = item.at("meta")
        url = web_address(meta.at("thumbnail_url").text_or_blank())
        size = Size(url, meta.at("thumbnail_width").size(), meta.at("thumbnail_height").size())
        texts = Print(plain_words(_meta(item, "title")))
        told.add_media(make_media("image", [size] if url else [], texts))


def _tell_image(item: Part, told: Passage) -> None:
    nodes = read_html(_text(item))
    renditions = item.at("meta").at("media").at("renditions")
    names = list(renditions.value) if isinstance(renditions.value, dict) else []
    sizes = [
        read_size(renditions.at(name), "href", "mimetype", is_original=name == "original")
        for name in names
        if isinstance(name, str)
    ]
    for image in tags(nodes, "img"):  # the displayed picture names files of its own
        choices = [image.attributes.get("src", ""), *image.attributes.get("srcset", "").split(",")]
        for address, _, width in (choice.strip().partition(" ") for choice in choices):
            if url := web_address(address):
                sizes.append(Size(url, Part(width.strip().removesuffix("w")).size()))
    texts = read_print(item.at("meta"))
    alts = [image.attributes.get("alt", "") for image in tags(nodes, "img")]
    alt = texts.alt or plain_words(next(filter(None, alts), "")) or texts.caption
    caption = texts.caption or ("" if texts.credit else words(tags(nodes, "figcaption")))
    texts = Print(alt, caption, texts.credit)
    media = make_media("image", sizes, texts)
    if not told.add_media(media) or media is None:
        told.add_html(_text(item))
        return
    printed = f"{media.caption} {media.credit}".split()
    beside = [word for word in words(nodes).split() if not _LABEL.fullmatch(word)]
    if not set(beside) <= set(printed):
        told.add_words(words(nodes))


_RULES: dict[str, Callable[[Part, Passage], None]] = {
    **dict.fromkeys(_IMAGES, _tell_image),
    **dict.fromkeys(_QUOTES, _tell_quote),
    **dict.fromkeys(("embed", "link", "video", "audio"), _tell_embed),
}
