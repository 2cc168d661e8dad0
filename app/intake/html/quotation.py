"""Attribution: the speaker's name becomes the last paragraph of a quotation.

Editors put the name after the quoted text: on a line that begins with a dash, unwrapped behind the
last paragraph, or in a `<cite>` or a `<footer>`. The page styles a last paragraph differently if it
begins with a dash or a `<cite>`.
"""

import re
from collections.abc import Iterable

from app.intake.html.parser import PHRASING, Node, Tag, words

# A dash before a digit is a sign or a range.
ATTRIBUTION = re.compile(r"\s*[\u2013-\u2015]\s*[^\W\d_]")
_MAX_NAME_LENGTH = 200  # characters of a name and a description


def attribute_quotations(nodes: Iterable[Node]) -> list[Node]:
    """Return the nodes, with the name at the end of each quotation as a paragraph."""
    return [
        node
        if isinstance(node, str)
        else Tag(node.name, node.attributes, _attribute(attribute_quotations(node.children)))
        if node.name == "blockquote"
        else Tag(node.name, node.attributes, attribute_quotations(node.children))
        for node in nodes
    ]


def _attribute(nodes: list[Node]) -> list[Node]:
    """Return the contents of a quotation, with its source separated."""
    last = nodes[-1] if nodes else ""
    if nodes and (last.name == "br" if isinstance(last, Tag) else not last.strip()):
        return [*_attribute(nodes[:-1]), last]
    is_footer = isinstance(last, Tag) and last.name == "footer"
    if isinstance(last, Tag) and is_footer and all(map(_is_phrasing, last.children)):
        name: list[Node] = list(last.children)
        is_marked = _is_name(name) or any(isinstance(n, Tag) and n.name == "cite" for n in name)
        return [*nodes[:-1], Tag("p", {}, name if is_marked else [Tag("cite", {}, name)])]
    if isinstance(last, Tag) and last.name == "p":
        quoted, name = _split(last.children)
        parts = [Tag("p", last.attributes, quoted), Tag("p", last.attributes, name)]
        return [*nodes[:-1], *(parts if name else [last])]
    start = len(nodes)
    while start and _is_phrasing(nodes[start - 1]):
        start -= 1
    loose = nodes[start:]
    if start and (_is_name(loose) or (isinstance(last, Tag) and last.name == "cite")):
        return [*nodes[:start], Tag("p", {}, loose)]
    quoted, name = _split(loose)
    return [*nodes[:start], Tag("p", {}, quoted), Tag("p", {}, name)] if name else nodes


def _split(nodes: list[Node]) -> tuple[list[Node], list[Node]]:
    """Separate the quoted text from a name on a last line of its own; no name if none is there."""
    breaks = [n for n, node in enumerate(nodes) if isinstance(node, Tag) and node.name == "br"]
    if not breaks or not words(nodes[: breaks[-1]]):
        return nodes, []
    name = nodes[breaks[-1] + 1 :]
    if name and isinstance(name[0], str):
        name[0] = name[0].lstrip()
    return (nodes[: breaks[-1]], name) if _is_name(name) else (nodes, [])


def _is_name(nodes: list[Node]) -> bool:
    text = words(nodes)
    return len(text) <= _MAX_NAME_LENGTH and ATTRIBUTION.match(text) is not None


def _is_phrasing(node: Node) -> bool:
    return isinstance(node, str) or node.name in PHRASING
