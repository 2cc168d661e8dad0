"""Block layout: reduces foreign HTML to the simple blocks of a body, in the same reading order.

Loose text becomes paragraphs, sections are replaced by their contents, empty editor markup is
removed, and a frame becomes a paragraph with a link to its content. Refuses nothing: every word and
every working link is kept.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

from app.intake.html.elements import FRAMES
from app.intake.html.embeds import is_post_class, post_address, readable_address, web_address
from app.intake.html.frames import frame_link
from app.intake.html.inline import (
    allowed_attributes,
    has_visible_content,
    is_link,
    is_phrasing,
    mark,
    simplify_phrasing,
    simplify_preformatted,
    trim,
)
from app.intake.html.parser import HEADINGS, PHRASING, SECTIONS, Node, Tag, tags


@dataclass(frozen=True, slots=True)
class _Layout:
    """How loose text is laid out in a place.

    `wrap` is the element for loose text (None leaves it unwrapped), `around` the phrasing elements
    around it, outermost first; `frame_address` is the real address of frames, blank if unknown.
    """

    wrap: str | None = "p"
    attributes: Mapping[str, str] = field(default_factory=dict)
    around: tuple[Tag, ...] = ()
    frame_address: str = ""

    @property
    def is_linked(self) -> bool:
        return any(tag.name == "a" for tag in self.around)

    def within(self, wrap: str | None) -> "_Layout":
        return replace(self, wrap=wrap, attributes={})


def simplify(nodes: Iterable[Node], wrap: str = "p", frame_address: str = "") -> list[Tag]:
    """Lay a fragment out as blocks.

    Args:
        nodes: the fragment.
        wrap: the element for loose text, a paragraph or a heading.
        frame_address: the address that the fragment's frames show, if the document states it.

    Returns:
        Blocks in reading order; none if nothing is visible.
    """
    return [
        block
        for block in _flow(nodes, _Layout(wrap, frame_address=frame_address))
        if isinstance(block, Tag)
    ]


def _flow(nodes: Iterable[Node], layout: _Layout) -> list[Node]:
    blocks: list[Node] = []
    run: list[Node] = []
    for node in nodes:
        if is_phrasing(node):
            run += simplify_phrasing(node, linked=layout.is_linked)
            continue
        blocks += _close(run, layout)
        run = []
        assert isinstance(node, Tag)
        if node.name in PHRASING:  # phrasing around blocks: each block gets a copy of it
            is_dead_link = node.name == "a" and (layout.is_linked or not is_link(node))
            is_bare = node.name == "span" or is_dead_link
            around = layout.around if is_bare else (*layout.around, node)
            blocks += _flow(node.children, replace(layout, around=around))
        elif node.name in SECTIONS:
            blocks += _section(node, layout)
        elif node.name in HEADINGS:
            heading = replace(layout, wrap=node.name, attributes=allowed_attributes(node))
            blocks += _flow(node.children, heading)
        elif node.name in FRAMES:
            link = frame_link(node, layout.frame_address, linked=layout.is_linked)
            blocks += _close([link], layout.within("p"))
        else:
            blocks += _BLOCKS.get(node.name, _loose)(node, layout)
    return blocks + _close(run, layout)


def _close(run: list[Node], layout: _Layout) -> list[Node]:
    if not has_visible_content(run):
        return []
    content = trim(run)
    for tag in reversed(layout.around):
        content = [mark(tag, content)]
    return [Tag(layout.wrap, dict(layout.attributes), content)] if layout.wrap else content


def _section(tag: Tag, layout: _Layout) -> list[Node]:
    if address := web_address(tag.attributes.get("data-href", "")):  # a social network's post
        content = _flow(tag.children, layout.within("p"))
        if not any(link.attributes.get("href") == address for link in tags(content, "a")):
            content.append(Tag("p", {}, [Tag("a", {"href": address}, [readable_address(address)])]))
        return [Tag("blockquote", {"cite": address}, content)]
    if layout.wrap in HEADINGS:
        return _flow(tag.children, layout)
    attributes = allowed_attributes(tag) if tag.name == "p" else layout.attributes
    return _flow(tag.children, replace(layout, wrap="p", attributes=attributes))


def _list(tag: Tag, layout: _Layout) -> list[Node]:
    names, loose = ({"dt", "dd"}, "dd") if tag.name == "dl" else ({"li"}, "li")
    items = [
        item
        for child in _gather(tag.children, names, loose)
        for item in _filled(child.name, child, layout)
    ]
    return [Tag(tag.name, allowed_attributes(tag), items)] if items else []


def _gather(nodes: Iterable[Node], names: set[str], loose: str) -> list[Tag]:
    """Return the elements with those names; nodes between them are wrapped in `loose`."""
    gathered: list[Tag] = []
    stray: Tag | None = None
    for node in nodes:
        if isinstance(node, Tag) and node.name in names:
            gathered.append(node)
            stray = None
        elif stray is None:
            stray = Tag(loose, {}, [node])
            gathered.append(stray)
        else:
            stray.children.append(node)
    return gathered


def _filled(name: str, tag: Tag, layout: _Layout) -> list[Node]:
    content = _inside(tag, layout)
    return [Tag(name, allowed_attributes(tag), content)] if content else []


def _inside(tag: Tag, layout: _Layout) -> list[Node]:
    blocks = _flow(tag.children, layout.within(None))
    only = blocks[0] if len(blocks) == 1 else None
    is_paragraph = isinstance(only, Tag) and only.name == "p" and not only.attributes
    return only.children if is_paragraph and isinstance(only, Tag) else blocks


def _quote(tag: Tag, layout: _Layout) -> list[Node]:
    content = _flow(tag.children, layout.within("p"))
    if not content:
        return []
    attributes = allowed_attributes(tag)
    permalink = web_address(tag.attributes.get("data-instgrm-permalink", ""))
    links = [link.attributes["href"] for link in tags(content, "a")]
    is_post = is_post_class(tag.attributes.get("class", ""))
    if "cite" not in attributes and (permalink or (links and is_post)):
        attributes["cite"] = post_address(permalink or links[-1])
    return [Tag("blockquote", attributes, content)]


def _table(tag: Tag, layout: _Layout) -> list[Node]:
    parts = _table_parts(tag, layout)
    return [Tag("table", allowed_attributes(tag), parts)] if has_visible_content(parts) else []


def _table_parts(tag: Tag, layout: _Layout) -> list[Node]:
    is_row = tag.name == "tr"
    names = {"td", "th"} if is_row else {"caption", "thead", "tbody", "tfoot", "tr"}
    parts: list[Node] = []
    for child in _gather(tag.children, names, "td" if is_row else "tr"):
        is_cell = child.name in {"td", "th", "caption"}
        content = _inside(child, layout) if is_cell else _table_parts(child, layout)
        # An empty cell keeps its column; an empty row, or the space between two cells, is dropped.
        if has_visible_content(content) or (
            is_cell and any(child is node for node in tag.children)
        ):
            parts.append(Tag(child.name, allowed_attributes(child), content))
    return parts


def _figure(tag: Tag, layout: _Layout) -> list[Node]:
    content = _inside(tag, layout)
    return [Tag("figure", allowed_attributes(tag), content)] if content else []


def _caption(tag: Tag, layout: _Layout) -> list[Node]:
    if layout.wrap is None:
        return _filled("figcaption", tag, layout)
    return _flow(tag.children, layout.within("p"))


def _pre(tag: Tag, layout: _Layout) -> list[Node]:
    if not all(is_phrasing(child) for child in tag.children):
        return _flow(tag.children, layout.within("p"))
    lines = [part for child in tag.children for part in simplify_preformatted(child)]
    if lines and isinstance(lines[0], str):
        lines[0] = lines[0].lstrip("\n")  # HTML parsers drop the first line end
    return [Tag("pre", allowed_attributes(tag), lines)] if has_visible_content(lines) else []


def _rule(_tag: Tag, _layout: _Layout) -> list[Node]:
    return [Tag("hr")]


def _item(tag: Tag, layout: _Layout) -> list[Node]:
    items = _filled("li", tag, layout)
    return [Tag("ul", {}, items)] if items else []


def _loose(tag: Tag, layout: _Layout) -> list[Node]:
    return _flow(tag.children, layout.within("p"))


_BLOCKS: dict[str, Callable[[Tag, _Layout], list[Node]]] = {
    "ul": _list,
    "ol": _list,
    "dl": _list,
    "li": _item,
    "blockquote": _quote,
    "table": _table,
    "figure": _figure,
    "figcaption": _caption,
    "pre": _pre,
    "hr": _rule,
}
