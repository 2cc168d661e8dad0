"""Frames and players of other sites as links to what they show."""

from app.intake.html.embeds import address_words, original_address
from app.intake.html.parser import Node, Tag, tags


def frame_link(tag: Tag, told: str = "", *, linked: bool = False) -> Node:
    """The link that stands for a frame, or its title or address where there can be none.

    Args:
        tag: an `iframe`, `video`, `audio` or `embed`.
        told: the address of the page that an `iframe` shows, if the document says it.
        linked: whether it stands inside a link, in which there can be no other.
    """
    sources = [part.attributes.get("src", "") for part in (tag, *tags(tag.children, "source"))]
    addresses = [
        original_address(source) for source in (*sources, tag.attributes.get("data-src", ""))
    ]
    address = (told if tag.name == "iframe" else "") or next(filter(None, addresses), "")
    label = tag.attributes.get("title", "").strip() or address_words(address)
    return label if not address or linked else Tag("a", {"href": address}, [label])
