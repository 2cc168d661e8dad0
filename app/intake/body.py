"""Bodies from newsrooms: Markdown, HTML or plain text, rendered so that no word of them is lost.

Refuses nothing. Whatever a channel could not show is replaced by its text or its address: an
unknown tag, a frame, a picture whose address is not allowed.
"""

import html
import re
from collections.abc import Iterable

from app.formats.html_sanitiser import make_body, sanitise
from app.intake.html.editor_html import read_html
from app.intake.html.elements import FRAMES
from app.intake.html.embeds import readable_address, web_address
from app.intake.html.frames import frame_link
from app.intake.html.inline import RENAMED, has_visible_content
from app.intake.html.parser import HEADINGS, PHRASING, SECTIONS, Node, Tag, format_fragment
from app.intake.links import find_addresses
from app.intake.markdown import render_markdown
from app.intake.text_types import replace_controls
from app.timeline.entry import Body

_SPAN_ATTRIBUTES = frozenset({"lang", "dir", "title"})  # the attributes that a span may keep
_PARAGRAPH_END = re.compile(r"\n[ \t]*\n\s*")


def body_from_markdown(source: str) -> Body | None:
    """Render Markdown, in the flavour for news (`markdown.py`).

    Returns:
        The body with its source kept, or None if nothing is left to show.
    """
    source = replace_controls(source)
    markup, is_plain = render_markdown(source)
    return make_body(markup if is_plain else _simplify(markup), source)


def body_from_html(markup: str) -> Body | None:
    """Sanitise HTML from an editor, a page or a word processor.

    Returns:
        The body, or None if nothing is left to show.
    """
    return make_body(_simplify(replace_controls(markup)))


def body_from_text(text: str) -> Body | None:
    """Convert plain text: paragraphs, line breaks and addresses are kept, all else is escaped.

    Returns:
        The body, or None if nothing is left to show.
    """
    lines = replace_controls(text).replace("\r\n", "\n").replace("\r", "\n")
    paragraphs: list[str] = []
    for paragraph in _PARAGRAPH_END.split(lines.strip()):
        pieces: list[str] = []
        at = 0
        for address, start, end in find_addresses(paragraph):
            pieces.append(html.escape(paragraph[at:start], quote=False))
            label = html.escape(paragraph[start:end], quote=False)
            pieces.append(f'<a href="{html.escape(address)}">{label}</a>')
            at = end
        pieces.append(html.escape(paragraph[at:], quote=False))
        markup = "<br>\n".join(line.strip() for line in "".join(pieces).split("\n"))
        paragraphs.append(f"<p>{markup}</p>")
    return make_body("\n".join(paragraphs))


def clean_html(markup: str) -> str:
    """Return HTML that a body may contain, with every word of the input.

    The function is idempotent.
    """
    return sanitise(_simplify(replace_controls(markup)))


def _simplify(markup: str) -> str:
    return format_fragment(_body_nodes(read_html(markup, base=None), None))


def _body_nodes(nodes: Iterable[Node], parent: str | None, *, linked: bool = False) -> list[Node]:
    """Return the nodes in the form that a body may contain.

    Args:
        nodes: may include sections, frames and pictures, which a body may not contain.
        parent: the name of their parent element; None for the body itself.
        linked: whether they are inside a link.
    """
    body_nodes: list[Node] = []
    for node in nodes:
        if isinstance(node, str):
            body_nodes.append(node)
        elif node.name in FRAMES:
            link = frame_link(node, linked=linked)
            is_loose = parent != "p" and parent not in PHRASING and parent not in HEADINGS
            body_nodes.append(Tag("p", {}, [link]) if is_loose and link else link)
        elif node.name == "img" and "src" not in node.attributes:
            body_nodes.append(f" {node.attributes.get('alt', '')} ")
        elif node.name == "span" and not node.attributes.keys() & _SPAN_ATTRIBUTES:
            body_nodes += _body_nodes(node.children, parent, linked=linked)
        elif node.name != "source":
            body_nodes.append(_body_tag(node, linked=linked))
    return body_nodes


def _body_tag(tag: Tag, *, linked: bool) -> Tag:
    is_section = tag.name in SECTIONS and tag.name != "p"
    name = "div" if is_section else RENAMED.get(tag.name, tag.name)
    children = _body_nodes(tag.children, name, linked=linked or name == "a")
    if (
        name == "a"
        and not has_visible_content(children)
        and (target := web_address(tag.attributes.get("href", "")))
    ):
        children = [readable_address(target)]  # an empty link could be neither seen nor followed
    address = web_address(tag.attributes.get("data-href", ""))
    if address and not linked:  # a post that a script would have displayed
        children.append(Tag("p", {}, [Tag("a", {"href": address}, [readable_address(address)])]))
    return Tag(name, tag.attributes, children)
