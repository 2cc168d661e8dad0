"""Inline styles, converted into markup: bold, italic and the like, and the sides of table cells.

Google Docs wraps everything that is copied in a `<b>` of normal weight and makes words bold by the
style of a `<span>`; without this step, both would look wrong once the styles are removed.
"""

import re
from collections.abc import Iterable, Mapping

from app.intake.html.parser import PHRASING, Node, Tag, tags, words

_BOLD = frozenset({"b", "strong"})
_ITALIC = frozenset({"i", "em", "cite"})
_BLOCKS = frozenset({"p", "div", "li", "td"})
_CELLS = frozenset({"th", "td"})
_DECLARATION = re.compile(r"([a-z-]+)\s*+:\s*+([^;]*+)", re.ASCII | re.IGNORECASE)
_MIN_BOLD_WEIGHT = 600  # weights from this value on count as bold


def apply_styles(nodes: Iterable[Node], *, linked: bool = False) -> list[Node]:
    """Return the nodes, with text styles as elements and without elements that a style cancels.

    Args:
        nodes: with their `style`.
        linked: whether they are inside a link, whose underline carries no meaning.
    """
    applied: list[Node] = []
    for node in nodes:
        if isinstance(node, str):
            applied.append(node)
            continue
        children = apply_styles(node.children, linked=linked or node.name == "a")
        style = {
            name: value.replace("!important", "").strip()
            for name, value in _DECLARATION.findall(node.attributes.get("style", "").lower())
        }
        weight, slant = style.get("font-weight", ""), style.get("font-style", "")
        is_bold_cancelled = node.name in _BOLD and bool(weight) and not _is_bold(weight)
        if is_bold_cancelled or (node.name in _ITALIC and slant == "normal"):
            applied += children
            continue
        for name in _style_elements(node, style, linked=linked):
            children = [Tag(name, {}, children)]
        attributes = node.attributes
        if node.name in _CELLS and "text-align" in style:
            attributes = attributes | {"align": style["text-align"]}
        applied.append(Tag(node.name, attributes, children))
    return applied


def _is_bold(weight: str) -> bool:
    return weight in {"bold", "bolder"} or (weight.isdecimal() and int(weight) >= _MIN_BOLD_WEIGHT)


def _style_elements(tag: Tag, style: Mapping[str, str], *, linked: bool) -> list[str]:
    """Return the names of the elements that express a style, innermost first."""
    is_block = tag.name in _BLOCKS and not any(
        isinstance(child, Tag) and child.name not in PHRASING for child in tag.children
    )
    if not (is_block or tag.name in PHRASING) or not words([tag]):
        return []
    decoration = style.get("text-decoration", "") + style.get("text-decoration-line", "")
    is_link = linked or tag.name == "a" or bool(tags(tag.children, "a"))
    elements = {
        "strong": _is_bold(style.get("font-weight", "")) and tag.name not in _BOLD,
        "em": style.get("font-style", "").startswith(("italic", "oblique"))
        and tag.name not in _ITALIC,
        "u": "underline" in decoration and tag.name != "u" and not is_link,
        "s": "line-through" in decoration and tag.name not in {"s", "del"},
        "sup": style.get("vertical-align") == "super" and tag.name != "sup",
        "sub": style.get("vertical-align") == "sub" and tag.name != "sub",
    }
    return [name for name, applies in elements.items() if applies]
