"""Inline markup: the marks and links within a block; every other attribute is dropped.

Loses no word: meaningless marks, dead links and bare spans are replaced by their text.
"""

import re
from collections.abc import Iterable

from app.intake.html.elements import FRAMES
from app.intake.html.embeds import readable_address
from app.intake.html.parser import PHRASING, Node, Tag, tags, words

_ALLOWED = {
    "a": ("href", "hreflang"),
    "blockquote": ("cite",),
    "q": ("cite",),
    "del": ("cite", "datetime"),
    "ins": ("cite", "datetime"),
    "time": ("datetime",),
    "ol": ("start", "reversed", "type"),
    "th": ("align", "colspan", "rowspan", "scope"),
    "td": ("align", "colspan", "rowspan"),
    "img": ("src", "alt", "width", "height"),
}
RENAMED = {"strike": "s", "tt": "code"}  # elements that HTML has dropped
_EDGE = " \t\r\n\f\N{NO-BREAK SPACE}\N{ZERO WIDTH SPACE}"
_SPACES = re.compile(r"[ \t\r\n\f]+")  # a no-break space is none of them


def is_phrasing(node: Node) -> bool:
    """Whether a node is text or an inline element, and contains no block."""
    return isinstance(node, str) or (
        node.name in PHRASING and all(is_phrasing(child) for child in node.children)
    )


def has_visible_content(nodes: Iterable[Node]) -> bool:
    """Whether any part of the nodes is visible."""
    nodes = list(nodes)
    return bool(words(nodes).strip(_EDGE)) or bool(tags(nodes, "img", *FRAMES))


def mark(tag: Tag, content: list[Node]) -> Tag:
    """Return the content in the same element, with the attributes that a body may have."""
    return Tag(RENAMED.get(tag.name, tag.name), allowed_attributes(tag), content)


def allowed_attributes(tag: Tag) -> dict[str, str]:
    """Return the attributes that a body may have."""
    names = ("lang", "title", *_ALLOWED.get(tag.name, ()))
    attributes = {name: tag.attributes[name] for name in names if tag.attributes.get(name)}
    if tag.attributes.get("dir") in {"rtl", "auto"}:  # left to right is the default
        attributes["dir"] = tag.attributes["dir"]
    return attributes


def simplify_phrasing(node: Node, *, linked: bool) -> list[Node]:
    """Simplify a phrasing node.

    Args:
        node: the node.
        linked: whether it is inside a link, which cannot contain another.
    """
    if isinstance(node, str):
        return [_SPACES.sub(" ", node)]
    if node.name == "br":
        return [Tag("br")]
    if node.name == "img":
        return _picture(node)
    becomes_link = is_link(node) and not linked
    within = linked or becomes_link
    children = [part for child in node.children for part in simplify_phrasing(child, linked=within)]
    if becomes_link and not has_visible_content(children):
        children = [readable_address(node.attributes["href"])]
    is_bare = node.name == "span" or (node.name == "a" and not becomes_link)
    return children if is_bare or not has_visible_content(children) else [mark(node, children)]


def is_link(tag: Tag) -> bool:
    """Whether an element is a link with an address."""
    return tag.name == "a" and "href" in tag.attributes


def simplify_preformatted(node: Node) -> list[Node]:
    """Simplify a phrasing node, with its spaces and line ends."""
    if isinstance(node, str):
        return [node]
    if node.name == "img":
        return _picture(node)
    children = [part for child in node.children for part in simplify_preformatted(child)]
    is_bare = node.name == "span" or (node.name == "a" and not is_link(node))
    return children if is_bare else [mark(node, children)]


def trim(run: list[Node]) -> list[Node]:
    """Return the nodes without leading and trailing spaces and line breaks."""
    run = list(run)
    for end in (0, -1):
        while run:
            edge = run[end]
            if isinstance(edge, str):
                run[end] = rest = edge.lstrip(_EDGE) if end == 0 else edge.rstrip(_EDGE)
                if rest:
                    break
            elif edge.name != "br":
                break
            del run[end]
    return run


def _picture(tag: Tag) -> list[Node]:
    if "src" not in tag.attributes:
        return [f" {tag.attributes['alt']} "] if tag.attributes.get("alt") else []
    source, alt = tag.attributes["src"], tag.attributes.get("alt", "")
    return [Tag("img", {"src": source, "alt": alt, **allowed_attributes(tag)})]
