"""HTML from editors, read by its meaning: browsers, Google Docs, Word, live blogs."""

from collections.abc import Iterable

from app.intake.html.inline_style import apply_styles
from app.intake.html.parser import LAZY, Node, Tag, parse_fragment, resolve_address
from app.intake.html.quotation import attribute_quotations
from app.intake.html.word_list import gather_lists


def read_html(
    markup: str, base: str | None = "", dropped_links: list[str] | None = None
) -> list[Node]:
    """Read HTML; meaning expressed by style, layout or script is converted into elements.

    Args:
        markup: any text.
        base: the base of relative addresses; blank drops them, None keeps them unchanged.
        dropped_links: collects the links that were dropped; None to discard them.
    """
    nodes = _load_images(parse_fragment(markup, base, dropped_links), base)
    return attribute_quotations(gather_lists(apply_styles(nodes)))


def _load_images(nodes: Iterable[Node], base: str | None) -> list[Node]:
    """Return the nodes, with lazily loaded pictures under their real addresses.

    Such a picture is followed by a copy for browsers without scripts, which is removed.
    """
    loaded: list[Node] = []
    lazy = ""  # the address of the previous picture, if it was lazily loaded
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
