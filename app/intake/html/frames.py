"""Frames and players of other sites, converted into links to their content."""

from app.intake.html.embeds import original_address, readable_address
from app.intake.html.parser import Node, Tag, tags


def frame_link(tag: Tag, frame_address: str = "", *, linked: bool = False) -> Node:
    """Return the link that replaces a frame, or its title or address where no link is allowed.

    Args:
        tag: an `iframe`, `video`, `audio` or `embed`.
        frame_address: the address of the page that an `iframe` shows, if the document states it.
        linked: whether it is inside a link, which cannot contain another.
    """
    sources = [part.attributes.get("src", "") for part in (tag, *tags(tag.children, "source"))]
    addresses = [
        original_address(source) for source in (*sources, tag.attributes.get("data-src", ""))
    ]
    address = (frame_address if tag.name == "iframe" else "") or next(filter(None, addresses), "")
    label = tag.attributes.get("title", "").strip() or readable_address(address)
    return label if not address or linked else Tag("a", {"href": address}, [label])
