"""Lists from Microsoft Word, which writes them as paragraphs that begin with a typed marker.

A paragraph of the class `MsoList…`, or with `mso-list` in its style, is an item if it begins with a
marker; adjacent items become one list, nested by their level.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from app.intake.html.parser import Node, Tag, words

_BULLETS = "·•●○▪■◦‣§\u2013*-\uf0b7\uf0a7\uf0d8\uf076"  # the last four: Symbol and Wingdings
_MARKER = re.compile(
    rf"\s*(?:[{re.escape(_BULLETS)}](?=\s)|[oØü](?=[\s\xa0]{{2}})|\(?(?:[0-9]{{1,3}}|[a-zA-Z]|"
    r"[ivxIVX]{1,4})[.)](?=\s))\s*"
)
_SIGN = re.compile(r"\s*[-\u2013]\s*[0-9]")  # not a marker: `- 5 degrees`
_NUMBER = re.compile(r"\(?([0-9]{1,3}|[a-zA-Z]{1,4})[.)]")
_LEVEL = re.compile(r"mso-list:[^;]*\blevel([1-9])", re.ASCII | re.IGNORECASE)
_MAX_LEVEL = 9


@dataclass(slots=True)
class _Item:
    level: int
    marker: str
    content: list[Node]

    @property
    def list_tag(self) -> Tag:
        """Return an empty list of the kind that the marker begins."""
        number = _NUMBER.fullmatch(self.marker)
        if number is None:
            return Tag("ul")
        if not number[1].isdecimal():
            kind = "i" if number[1] in {"i", "I"} else "a"
            return Tag("ol", {"type": kind.upper() if number[1].isupper() else kind})
        return Tag("ol", {} if number[1] == "1" else {"start": number[1]})


def gather_lists(nodes: Iterable[Node]) -> list[Node]:
    """Return the nodes, with Word's marked paragraphs as lists."""
    gathered: list[Node] = []
    open_lists: list[Tag] = []  # by level, outermost first
    for node in nodes:
        if isinstance(node, str):
            if node.strip():
                open_lists.clear()
            gathered.append(node)
            continue
        item = _read_item(node)
        if item is None:
            open_lists.clear()
            gathered.append(Tag(node.name, node.attributes, gather_lists(node.children)))
            continue
        del open_lists[item.level :]
        if len(open_lists) == item.level and open_lists[-1].name != item.list_tag.name:
            del open_lists[-1]
        while len(open_lists) < item.level:
            siblings = gathered
            if open_lists:
                items = open_lists[-1].children
                items += [] if items else [Tag("li")]  # empty if the text skips a level
                last = items[-1]
                assert isinstance(last, Tag)
                siblings = last.children
            open_lists.append(item.list_tag)
            siblings.append(open_lists[-1])
        open_lists[-1].children.append(Tag("li", {}, item.content))
    return gathered


def _read_item(tag: Tag) -> _Item | None:
    style = tag.attributes.get("style", "")
    is_item = "MsoList" in tag.attributes.get("class", "") or "mso-list:" in style
    if tag.name != "p" or not is_item:
        return None
    level = _LEVEL.search(style)
    depth = min(int(level[1]), _MAX_LEVEL) if level else 1
    markers: list[str] = []
    content = _without_markers(tag.children, markers)
    if markers and markers[0]:
        return _Item(depth, markers[0], content)
    text = "".join(_texts(tag.children))
    match = _MARKER.match(text)
    if match is None or _SIGN.match(text):
        return None
    return _Item(depth, match[0].strip(), _cut(tag.children, match.end()))


def _without_markers(nodes: Iterable[Node], markers: list[str]) -> list[Node]:
    """Return the nodes without the markers of Word, whose text is appended to `marks`."""
    rest: list[Node] = []
    for node in nodes:
        if isinstance(node, str):
            rest.append(node)
        elif "mso-list:ignore" in node.attributes.get("style", "").lower().replace(" ", ""):
            markers.append(words([node]))
        else:
            rest.append(Tag(node.name, node.attributes, _without_markers(node.children, markers)))
    return rest


def _texts(nodes: Iterable[Node]) -> Iterable[str]:
    for node in nodes:
        if isinstance(node, str):
            yield node
        else:
            yield from _texts(node.children)


def _cut(nodes: Iterable[Node], length: int) -> list[Node]:
    """Return the nodes without the first `length` characters of their text."""
    rest: list[Node] = []
    for node in nodes:
        size = len("".join(_texts([node])))
        skipped = min(size, length)
        length -= skipped
        if isinstance(node, str):
            rest += [node[skipped:]] if skipped < size else []
        elif skipped < size or not size:
            rest.append(Tag(node.name, node.attributes, _cut(node.children, skipped)))
    return rest
