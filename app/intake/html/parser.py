"""Parser: foreign HTML as a small tree.

Text that only looks like a tag stays text (`tokens.py`). nh3 parses the rest as browsers do (HTML
Standard §13.2), whatever its errors, and writes it out well-formed; this module parses that output.
Drops scripts and style sheets, and keeps the text of everything else. A tree is never deeper than
`MAX_DEPTH`, so that walking it cannot exhaust the stack: deeper text and line breaks are kept.
"""

import html
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TypeAlias
from urllib.parse import urljoin

import nh3

from app.intake.html.elements import FRAMES
from app.intake.html.tokens import escape_text
from app.intake.text_types import replace_controls

MAX_DEPTH = 40

LAZY = ("data-src", "data-original", "data-lazy-src")  # a lazily loaded picture's address

_NAMES = {
    "sections": "address article aside center details dialog div fieldset footer form header hgroup"
    " legend main nav option p section summary",
    "phrasing": "a abbr b bdi bdo br cite code del em i img ins kbd mark q s small span strike"
    " strong sub sup time tt u",
    "structures": "blockquote caption dd dl dt figcaption figure hr li ol pre table tbody td tfoot"
    " th thead tr ul",
}
HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
SECTIONS = frozenset(_NAMES["sections"].split())
PHRASING = frozenset(_NAMES["phrasing"].split())
VOID = frozenset({"br", "hr", "img", "embed", "source"})
_TAGS = {*HEADINGS, *SECTIONS, *FRAMES, *PHRASING, *_NAMES["structures"].split(), "source"}
_ATTRIBUTES = {
    "*": {"lang", "dir", "title", "class", "style"},
    "a": {"href", "hreflang"},
    "blockquote": {"cite", "data-instgrm-permalink"},
    "q": {"cite"},
    "del": {"cite", "datetime"},
    "ins": {"cite", "datetime"},
    "div": {"data-href"},
    "time": {"datetime"},
    "ol": {"start", "reversed", "type"},
    "th": {"align", "colspan", "rowspan", "scope"},
    "td": {"align", "colspan", "rowspan"},
    "img": {"src", "alt", "width", "height", "srcset", *LAZY},
    "iframe": {"src", "data-src"},
    "video": {"src"},
    "audio": {"src"},
    "embed": {"src"},
    "source": {"src"},
}
_SCHEMES = {"http", "https", "mailto", "tel"}
_LINK = re.compile(  # absolute links: nh3 drops those of other schemes silently
    r"""<a\s[^<>]*?\bhref\s*=\s*["']?\s*(([a-z][a-z0-9+.-]*):[^"'\s<>]*)""",
    re.ASCII | re.IGNORECASE,
)
_PIECE = re.compile(
    r"""<iframe(?P<frame>(?:[^<>"]|"[^"]*")*)>.*?</iframe>"""  # the content is no markup
    r"""|<(?P<end>/?)(?P<name>[a-z][a-z0-9]*)(?P<attributes>(?:[^<>"]|"[^"]*")*)>"""
    r"|(?P<text>[^<]+|<)",
    re.DOTALL,
)
_ATTRIBUTE = re.compile(r'([a-z-]+)="([^"]*)"')


@dataclass(frozen=True, slots=True)
class Tag:
    """An element: its name, its unescaped attributes, and its children."""

    name: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: "list[Node]" = field(default_factory=list)


Node: TypeAlias = Tag | str


def parse_fragment(
    markup: str, base: str | None = "", dropped_links: list[str] | None = None
) -> list[Node]:
    """Read HTML.

    Args:
        markup: any text.
        base: the base of relative addresses; blank drops them, None keeps them unchanged.
        dropped_links: collects the links that were dropped; None to discard them.
    """
    if dropped_links is not None:
        dropped_links += [
            link for link, scheme in _LINK.findall(markup) if scheme.lower() not in _SCHEMES
        ]

    def absolute(address: str) -> str | None:
        resolved = address if base is None else resolve_address(address, base)
        if resolved is None and dropped_links is not None:
            dropped_links.append(address)
        return resolved

    clean = nh3.clean(
        escape_text(markup, _TAGS),
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        url_schemes=_SCHEMES,
        url_relative=absolute,
        link_rel=None,
    )
    return _tree(clean)


def resolve_address(address: str, base: str) -> str | None:
    """Return an absolute http or https address; None if there is no such address."""
    if address.startswith("//"):
        return f"https:{address}"
    try:
        joined = urljoin(base, address)
    except ValueError:  # a host like [x
        return None
    return joined if joined.startswith(("http://", "https://")) else None


def _tree(clean: str) -> list[Node]:
    root: list[Node] = []
    open_lists = [root]
    for piece in _PIECE.finditer(clean):
        if piece["text"]:
            open_lists[-1].append(replace_controls(html.unescape(piece["text"])))
            continue
        if piece["end"]:
            open_lists.pop()
            continue
        name = piece["name"] or "iframe"
        pairs = _ATTRIBUTE.findall(piece["attributes"] or piece["frame"] or "")
        tag = Tag(name, {key: replace_controls(html.unescape(value)) for key, value in pairs})
        is_too_deep = len(open_lists) > MAX_DEPTH
        if not is_too_deep or name == "br":
            open_lists[-1].append(tag)
        if name not in VOID and name != "iframe":
            # The contents of a tag that is too deep go to the element around it.
            open_lists.append(open_lists[-1] if is_too_deep else tag.children)
    return root


def walk(nodes: Iterable[Node]) -> Iterator[Node]:
    """Yield every node, in reading order."""
    for node in nodes:
        yield node
        if isinstance(node, Tag):
            yield from walk(node.children)


def tags(nodes: Iterable[Node], *names: str) -> list[Tag]:
    """Return every element with one of these names, in reading order."""
    return [node for node in walk(nodes) if isinstance(node, Tag) and node.name in names]


def words(nodes: Iterable[Node]) -> str:
    """Return the text on one line, with a space where a block or a line ends."""
    return " ".join("".join(_text_parts(nodes)).split())


def _text_parts(nodes: Iterable[Node]) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, str):
            yield node
        else:
            gap = "" if node.name in PHRASING and node.name != "br" else " "
            yield gap
            yield from _text_parts(node.children)
            yield gap


def format_fragment(nodes: Iterable[Node]) -> str:
    """Write the tree as HTML."""
    pieces: list[str] = []
    for node in nodes:
        if isinstance(node, str):
            pieces.append(_escape(node))
            continue
        pairs = "".join(f' {k}="{_escape(v, quote=True)}"' for k, v in node.attributes.items())
        pieces.append(f"<{node.name}{pairs}>")
        if node.name not in VOID:
            content = format_fragment(node.children)
            if node.name == "pre" and content.startswith("\n"):
                pieces.append("\n")  # HTML parsers drop the first line end
            pieces += [content, f"</{node.name}>"]
    return "".join(pieces)


def _escape(text: str, *, quote: bool = False) -> str:
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    text = text.replace("\N{NO-BREAK SPACE}", "&nbsp;")
    return text.replace('"', "&quot;") if quote else text
