"""Marks, links and text of a paragraph as Markdown; what Markdown would take for a mark is escaped.

A mark that Markdown would not recognise beside its neighbours, within a word say, is written as a
tag.
"""

import re
import unicodedata
from collections.abc import Iterable
from urllib.parse import parse_qs, urlsplit

from app.intake.html.parser import Node, Tag, words
from app.intake.links import find_addresses

_NAMES = {
    "b": "strong", "strong": "strong", "i": "em", "em": "em",
    "s": "s", "strike": "s", "del": "s", "a": "a", "code": "code", "tt": "code",
    "sup": "sup", "sub": "sub", "q": "q",
}  # fmt: skip
_MARKS = {"strong": "**", "em": "*", "s": "~~"}
_ESCAPED = re.compile(
    r"\\(?=[!-/:-@\[-`{-~]|\s*$)|`|<(?=[A-Za-z/!?])|&(?=#?\w+;)|~(?=~)|(?<=~)~|(?<=\])\("
    # Between spaces, within a word or in a product an asterisk is text.
    r"|(?!(?<=[A-Za-z])\*(?=[A-Za-z])|(?<=[0-9])\*(?=[0-9])|(?<=\S\s)\*(?=\s\S))\*"
    r"|(?<![^\W_])_|_(?![^\W_])"
)
_BRACKET = re.compile(r"(?<!\\)((?:\\\\)*)([\[\]])")  # one that is not escaped
_SPACES = re.compile(r"[ \t]*\xa0[ \t\xa0]+|[ \t]+\xa0|[ \t]{2,}")
_REDIRECTS = {"www.google.com": ("/url", "q"), "safelinks.protection.outlook.com": ("/", "url")}


def write_inline(nodes: Iterable[Node], without: frozenset[str] = frozenset()) -> str:
    r"""Write the phrasing content of a block.

    Args:
        nodes: text and phrasing elements.
        without: names of elements of which only the content is written.

    Returns:
        Markdown in which each `\n` is a line break of the source.
    """
    return _SPACES.sub(" ", _write(_tidy(nodes, without)))


def _tidy(nodes: Iterable[Node], around: frozenset[str]) -> list[Node]:
    """Reduce the elements to those of Markdown, and join neighbours that are marked alike.

    Args:
        nodes: the phrasing content.
        around: the names of the enclosing elements.
    """
    tidied: list[Node] = []
    for node in nodes:
        if isinstance(node, str) or node.name == "br":
            parts: list[Node] = [node if isinstance(node, str) else "\n"]
        else:
            name = _NAMES.get(node.name, "")
            if name == "a" and "href" not in node.attributes:
                name = ""
            parts = _tidy(node.children, around | {name})
            if name and name not in around:
                href = {"href": node.attributes["href"]} if name == "a" else {}
                content: list[Node] = [words(parts)] if name == "code" else parts
                parts = [Tag(name, href, content)] if words(parts).strip() else parts
        for part in parts:
            _append(tidied, part)
    return tidied


def _append(nodes: list[Node], node: Node) -> None:
    last = nodes[-1] if nodes else None
    if isinstance(node, str):
        if isinstance(last, str):
            nodes[-1] = last + node
        else:
            nodes.append(node)
        return
    gap = ""
    if isinstance(last, str) and not last.strip(" \xa0") and len(nodes) > 1:
        gap, last = last, nodes[-2]
    if isinstance(last, Tag) and (last.name, last.attributes) == (node.name, node.attributes):
        if gap:
            nodes.pop()
            _append(last.children, gap)
        for child in node.children:
            _append(last.children, child)
    else:
        nodes.append(node)


def _write(nodes: list[Node], before: str = "", after: str = "", *, starred: bool = False) -> str:
    """Write nodes between two neighbouring characters, which are blank at the ends of a block.

    Args:
        nodes: tidied.
        before: the character before them.
        after: the character behind them.
        starred: whether they are part of what asterisks mark, where others would be ambiguous.
    """
    written = ""
    for n, node in enumerate(nodes):
        if isinstance(node, str):
            written += _escape(node)
        elif node.name == "a":
            link = write_link(node)
            if link.startswith("[") and written.endswith("!"):  # together a picture
                written = rf"{written[:-1]}\!"
            written += link
        elif node.name == "code":
            code = words(node.children)
            is_plain = not set(code) & set("`[]")
            written += f"`{code}`" if is_plain else f"<code>{_escape(code)}</code>"
        else:
            rest = nodes[n + 1] if n + 1 < len(nodes) else after
            following = (rest if isinstance(rest, str) else words([rest]))[:1]
            is_partial = node.name in {"em", "strong"} and len(node.children) > 1
            lines = _write(node.children, starred=starred or is_partial).split("\n")
            mark = _MARKS.get(node.name, "")
            edges = [written[-1:] or before, *[""] * len(lines)]
            for k, line in enumerate(lines):
                behind = following if k == len(lines) - 1 else ""
                is_sure = mark and not (starred and "*" in mark)
                written += "\n" * bool(k) + _mark(
                    node.name, mark if is_sure else "", line, edges[k], behind
                )
    return written


def _escape(text: str) -> str:
    pieces: list[str] = []
    at = 0
    for _, start, end in [*find_addresses(text), ("", len(text), len(text))]:
        pieces += [_ESCAPED.sub(r"\\\g<0>", text[at:start]), text[start:end]]
        at = end
    return "".join(pieces)


def _mark(name: str, mark: str, text: str, before: str, after: str) -> str:
    """Mark one line, with the spaces at its ends outside the marks; by tags if `mark` is blank."""
    inner = text.strip(" \xa0")
    if not inner:
        return text
    lead, trail = text[: text.index(inner)], text[text.index(inner) + len(inner) :]
    if mark and _opens(lead or before, inner[0]) and _opens(trail or after, inner[-1]):
        return f"{lead}{mark}{inner}{mark}{trail}"
    return f"{lead}<{name}>{inner}</{name}>{trail}"


def _opens(outside: str, inside: str) -> bool:
    """Whether Markdown recognises a mark between these two characters, either way round."""
    if inside == "~" or not outside.strip():
        return inside != "~"
    is_mark = unicodedata.category(outside[-1]).startswith("P") and outside[-1] not in "*\\"
    return is_mark or (inside.isalnum() and not outside.isalnum() and outside[-1] not in "*\\~")


def write_link(tag: Tag) -> str:
    """Write a link; one whose text is its address is written as that."""
    target = direct_address(tag.attributes["href"])
    text = words(tag.children)
    if [*find_addresses(text)] == [(target, 0, len(text))]:
        return text
    label = " ".join(_write(tag.children).split("\n"))
    inner = label.strip(" \xa0")
    lead, trail = label[: label.index(inner)], label[label.index(inner) + len(inner) :]
    inner = _BRACKET.sub(r"\1\\\2", inner)
    target = re.sub(r"[\s<>\\]", lambda match: f"%{ord(match[0]):02X}", target)
    if "(" in target or ")" in target:
        target = f"<{target}>"
    return f"{lead}[{inner}]({target}){trail}"


def direct_address(address: str) -> str:
    """Return where a link leads that Google Docs or Outlook has replaced by a redirect."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return address
    for host, (path, name) in _REDIRECTS.items():
        is_host = parts.netloc == host or parts.netloc.endswith(f".{host}")
        targets = parse_qs(parts.query).get(name, []) if is_host and parts.path == path else []
        if targets and targets[0].startswith(("http://", "https://")):
            return targets[0]
    return address
