"""Plain text: converts sanitised HTML for every place without markup.

Titles, summaries, feeds, structured data, link previews and the command line thus have the same
words as the page:

- struck text (`s`, `del`, `strike`) is left out;
- superscript and subscript keep their meaning (10⁶, H₂O), quotations their marks;
- ordered lists keep their numbers; other items, and rows, are separated by `•`, cells by `|`;
- a picture becomes its alternative text;
- blocks and line breaks become spaces.

A string that is not an HTML tag is text, and an unclosed element ends with the text, so that no
word is lost if the HTML is not sanitised yet.
"""

import html
import re
from dataclasses import dataclass, field

from app.timeline.list_marker import list_marker
from app.timeline.quotation_marks import quote
from app.timeline.superscript import subscript, superscript
from app.timeline.visible_text import is_visible

_NAMES = {
    "inline": "a abbr b bdi bdo big cite code del dfn em font i img ins kbd mark q s samp small"
    " span strike strong sub sup time tt u var wbr",
    "block": "address article aside blockquote br caption center dd details div dl dt figcaption"
    " figure footer h1 h2 h3 h4 h5 h6 header hr li main nav ol p pre section summary table tbody td"
    " tfoot th thead tr ul",
}
# The text that replaces the start or end tag of each element.
_REPLACEMENTS = {
    name: replacement
    for names, replacement in zip(_NAMES.values(), ("", " "), strict=True)
    for name in names.split()
}
_VOID = frozenset({"br", "hr", "img", "wbr"})
_STRUCK = frozenset({"s", "del", "strike"})
_SHIFTED = {"sup": superscript, "sub": subscript}
_SEPARATORS = {"ol": " ", "ul": " • ", "table": " • ", "tr": " | "}
_ITEMS = frozenset({"li", "tr", "td", "th"})
_SPECIAL = {*_STRUCK, *_SHIFTED, *_SEPARATORS, *_ITEMS, "q"}
_TAG = re.compile(r"""<(/?)([a-zA-Z][a-zA-Z0-9]*)(?=[\s/>])((?:[^<>"']|"[^"]*"|'[^']*')*)>""")
_TOKEN = re.compile(rf"{_TAG.pattern}|[^<]+|<")
_ATTRIBUTE = re.compile(
    r"""([a-z-]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+)))?""", re.ASCII | re.IGNORECASE
)
# Elements that need more than removing tags: most bodies have none of them.
_SPECIAL_TAG = re.compile(
    r"<(?:s|del|strike|su[bp]|q|[ou]l|li|t[rdh]|table|img)\b", re.ASCII | re.IGNORECASE
)
_REFERENCE = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_INTEGER = re.compile(r"[+-]?[0-9]{1,9}", re.ASCII)


def plain_text(markup: str, language: str = "en", *, enough: int | None = None) -> str:
    """Convert sanitised HTML to text on one line.

    Args:
        markup: HTML; in text without any, white space is only collapsed.
        language: the text's language (BCP 47), which determines the quotation marks.
        enough: the number of characters after which the conversion may stop, at a block; None
            converts everything.
    """
    if not _SPECIAL_TAG.search(markup):
        bare = _TAG.sub(_replacement, markup) if "<" in markup else markup
        return " ".join(_unescape(bare).split())
    conversion = _Conversion(language)
    for token in _TOKEN.finditer(markup):
        end, name, attributes = token.groups()
        replacement = _REPLACEMENTS.get(name if name in _REPLACEMENTS else (name or "").lower())
        if replacement is None:
            conversion.parts.append(_unescape(token[0]))
        elif conversion.is_ordinary(name, attributes):
            conversion.parts.append(replacement)
        elif end:
            conversion.close(name.lower())
        else:
            conversion.open(name.lower(), attributes)
        if enough is not None and end and replacement and conversion.exceeds(enough):
            break
    return conversion.finish()


def has_markup(text: str) -> bool:
    """Whether a text contains HTML tags or character references."""
    names = (tag[2].lower() for tag in _TAG.finditer(text))
    return _REFERENCE.search(text) is not None or any(name in _REPLACEMENTS for name in names)


def shows_anything(markup: str) -> bool:
    """Whether sanitised HTML has visible content; pictures and struck words count."""
    return "<img" in markup or is_visible(_unescape(_TAG.sub(_replacement, markup)))


def _replacement(tag: re.Match[str]) -> str:
    """The text that replaces a tag which needs no special handling."""
    return _REPLACEMENTS.get(tag[2].lower(), tag[0])


def _unescape(text: str) -> str:
    return (
        _REFERENCE.sub(lambda reference: html.unescape(reference[0]), text) if "&" in text else text
    )


def _attributes(text: str) -> dict[str, str]:
    matches = _ATTRIBUTE.findall(text)
    return {name.lower(): html.unescape(a or b or c) for name, a, b, c in matches}


@dataclass(slots=True)
class _Element:
    """An open element: where its text begins, its language, and its items so far."""

    name: str
    start: int
    language: str
    attributes: dict[str, str]
    items: list[tuple[str, bool]] = field(default_factory=list)


class _Conversion:
    """The state of a conversion: the text so far, and the open elements."""

    def __init__(self, language: str) -> None:
        self.parts: list[str] = []
        self._open = [_Element("", 0, language, {})]
        self._ordinary = 0  # open elements outside `_SPECIAL`, tracked for their language

    def is_ordinary(self, name: str, attributes: str) -> bool:
        """Whether a tag needs neither special handling nor tracking."""
        return not (
            self._ordinary or name.lower() in _SPECIAL or name == "img" or "lang" in attributes
        )

    def open(self, name: str, attributes: str) -> None:
        """Open an element; a void one is put into the text."""
        if name == "img":
            alt = _attributes(attributes).get("alt", "")
            # An emoji image joins the word beside it; a description is separated by spaces.
            is_description = any(character.isalnum() for character in alt)
            self.parts.append(f" {alt} " if is_description else alt)
            return
        self.parts.append(_REPLACEMENTS[name])
        if name in _VOID:
            return
        if name not in _SPECIAL:
            self._ordinary += 1
        values = _attributes(attributes) if attributes else {}
        language = values.get("lang") or self._open[-1].language
        self._open.append(_Element(name, len(self.parts), language, values))

    def close(self, name: str) -> None:
        """Close an element and the unclosed ones in it; a stray end tag leaves at most a space."""
        if not any(element.name == name for element in self._open):
            self.parts.append(_REPLACEMENTS[name])
            return
        while self._open[-1].name != name:
            self._end(self._open.pop(), is_closed=False)
        self._end(self._open.pop(), is_closed=True)

    def exceeds(self, characters: int) -> bool:
        """Whether there are more than `characters` that later markup can no longer change."""
        return len(self._open) == 1 and len(self.text) > characters

    @property
    def text(self) -> str:
        """The text so far, on one line."""
        return " ".join("".join(self.parts).split())

    def finish(self) -> str:
        """Close the open elements and return the whole text."""
        while len(self._open) > 1:
            self._end(self._open.pop(), is_closed=False)
        return self.text

    def _end(self, element: _Element, *, is_closed: bool) -> None:
        name = element.name
        if name not in _SPECIAL:
            self._ordinary -= 1
            self.parts.append(_REPLACEMENTS[name])
        elif name in _SEPARATORS:
            self._end_item(element, _join_items(element, self._take(element)))
        elif name in _ITEMS:
            self._end_item(element, self._take(element))
        elif name in _STRUCK and is_closed:
            self._take(element)
        elif name in _SHIFTED and is_closed:
            text = self._take(element)
            if text.strip():
                before = " " if text[0].isspace() else ""
                after = " " if text[-1].isspace() else ""
                text = f"{before}{_SHIFTED[name](text)}{after}"
            self.parts.append(text)
        elif name == "q":
            depth = sum(each.name == "q" for each in self._open)
            text = self._take(element).strip()
            self.parts.append(quote(text, self._open[-1].language, depth) if text else " ")

    def _end_item(self, element: _Element, text: str) -> None:
        """Add an item to its list, table or row; outside of one, to the surrounding text."""
        parent = self._open[-1]
        if element.name == "tr":  # in any part of the table
            parent = next((e for e in reversed(self._open) if e.name == "table"), parent)
        if element.name in _ITEMS and parent.name in _SEPARATORS:
            stray = self._take(parent)
            parent.items += [(stray, False), (text, True)]
        else:
            self.parts.append(f" {text} ")

    def _take(self, element: _Element) -> str:
        text = "".join(self.parts[element.start :])
        del self.parts[element.start :]
        return text


def _join_items(element: _Element, rest: str) -> str:
    """Join the items of a list, table or row, and the text after the last; number a list's."""
    texts = [text for text, _ in element.items]
    if element.name == "ol":
        attributes = element.attributes
        step = -1 if "reversed" in attributes else 1
        start = attributes.get("start", "")
        first = sum(is_item for _, is_item in element.items) if step < 0 else 1
        number = int(start) if _INTEGER.fullmatch(start) else first
        for index, (text, is_item) in enumerate(element.items):
            if is_item and text.strip():
                texts[index] = f"{list_marker(number, attributes.get('type', '1'))} {text}"
            number += step if is_item else 0
    lines = (" ".join(text.split()) for text in [*texts, rest])
    return _SEPARATORS[element.name].join(filter(None, lines))
