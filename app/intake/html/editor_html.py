"""HTML as editors make it, read for what it means: browsers' own, Google Docs, Word, live blogs."""

from collections.abc import Iterable

from app.intake.html.inline_style import apply_styles
from app.intake.html.parser import LAZY, Node, Tag, parse_fragment, resolve_address
from app.intake.html.quotation import attribute_quotations
from app.intake.html.word_list import gather_lists


def read_html(markup: str, base: str | None = "", lost: list[str] | None = None) -> list[Node]:
    """Read HTML; what it says by style, layout and script is said by elements.

    Args:
        markup: any text.
        base: the address that relative ones are resolved against; blank drops them, None keeps
            them as they are.
        lost: gets the links that were dropped; None to forget them.
    """
    nodes = _load_images(parse_fragment(markup, base, lost), base)
    return attribute_quotations(gather_lists(apply_styles(nodes)))


def _load_images(nodes: Iterable[Node], base: str | None) -> list[Node]:
    """The nodes, each picture that a script would load under its address.

    Behind such a picture stands the same once more, for browsers without scripts: that one goes.
    """
    loaded: list[Node] = []
    lazy = ""  # the address of the picture before, if a script would have loaded it
    for node in nodes:
        if isinstance(node, str):
            loaded.append(node)
        elif node.name != "img":
            loaded.append(Tag(node.name, node.attributes, _load_images(node.children, base)))
        elif not lazy or node.attributes.get("src") != lazy:
            lazy = next(filter(None, (node.attributes.get(name, "") for name in LAZY)), "")
            lazy = (lazy if base is None else resolve_address(lazy, base) or "") if lazy else ""
            loaded.append(Tag("img", node.attributes | ({"src": lazy} if lazy else {})))
    return loaded
