"""Tokenizer: tells tags of HTML from text that looks like them: `<inaudible>`, `x<y and y>z`.

Browsers treat every `<` before a letter as a tag, drop tags of unknown elements, and drop all text
after an unclosed `<style>` or `<!--`. This module treats such a `<` as text, so that no word is
lost. It is no safeguard: its output still has to be sanitised.


Source: HTML Standard, section 13.2.5 (tokenization).
"""

import re
from collections.abc import Collection
from dataclasses import dataclass, field

from app.formats.html_sanitiser import TAGS
from app.intake.html.elements import (
    ATTRIBUTES,
    BESIDE_BODIES,
    FOREIGN,
    FRAMES,
    NOT_WORDS,
    OPTIONAL_END,
    TABLE_PARTS,
    TEXT_ONLY,
    VOID,
)

_WORD_BREAKS = (VOID | {"svg"}) - {"wbr"}  # separate words

_TAG = re.compile(
    r"""<(/?)([a-zA-Z][^\s/<>]*+)((?:=\s*+(?:"[^"]*+"|'[^']*+')|[^<>])*+)(>?)""", re.DOTALL
)
_TAG_WITHOUT_QUOTES = re.compile(r"<(/?)([a-zA-Z][^\s/<>]*+)([^<>]*+)(>?)")
_ATTRIBUTE = re.compile(
    r"""([^\s"'>/=]++)(?:\s*+(=)\s*+(?:"([^"]*+)"|'([^']*+)'|([^\s]*+)))?""", re.DOTALL
)
_ATTRIBUTE_NAME = re.compile(r"[A-Za-z_][\w:.-]*", re.ASCII)
_END = re.compile(r"</([a-zA-Z][^\s/<>]*)")
# Of two starts before one end, the first is the author's text, unless Word wrote it.
_COMMENT = re.compile(r"<!--(?:-?>|\[if\b.*?-->|(?:(?!<!--).)*?--!?>)", re.DOTALL)
# Declarations of a document and of Word: not part of the text.
_DECLARATION = re.compile(r"<(?:!doctype|\?xml|!\[(?:if|endif)\b)[^<>]*>", re.ASCII | re.IGNORECASE)
_MAX_RESCANS = 8  # the multiple of its length that may be scanned for missing ends


@dataclass(frozen=True, slots=True)
class SourceTag:
    """A tag in the source; its attributes are still escaped, `end` is the offset behind it."""

    name: str
    is_end: bool
    attributes: dict[str, str]
    end: int
    is_empty: bool = False


def read_tag(source: str, start: int, *, quotes: bool = True) -> SourceTag | None:
    """Return the tag that begins at a `<`.

    Args:
        source: HTML, or Markdown that contains some.
        start: the offset of the `<`.
        quotes: whether a `>` between quotation marks belongs to the tag.

    Returns:
        None if no tag begins there, or if it contains prose in place of attributes.
    """
    match = (_TAG if quotes else _TAG_WITHOUT_QUOTES).match(source, start)
    if match is None or not match[4]:
        return None
    name, is_end, rest = match[2].lower(), bool(match[1]), match[3]
    if is_end and rest.strip(" \t\r\n/"):
        return None
    attributes: dict[str, str] = {}
    is_sure, has_words = False, False
    for written, equals, *values in _ATTRIBUTE.findall(rest):
        key = written.lower()
        is_known = key in ATTRIBUTES or "-" in key or ":" in key
        is_sure = is_sure or (is_known and bool(equals) and not values[2].startswith(("'", '"')))
        has_words = has_words or not (is_known or equals)
        attributes.setdefault(key, next(filter(None, values), ""))
    if has_words and not is_sure:  # else an attribute is merely malformed: title='it's'
        return None
    return SourceTag(name, is_end, attributes, match.end(), rest.endswith("/"))


def format_tag(tag: SourceTag) -> str:
    """Write a tag so that every HTML parser finds its end in the same place."""
    if tag.is_end:
        return f"</{tag.name}>"
    pairs = [
        f' {key}="{value.replace(chr(34), "&quot;")}"'
        for key, value in tag.attributes.items()
        if _ATTRIBUTE_NAME.fullmatch(key)
    ]
    return f"<{tag.name}{''.join(pairs)}>"


def comment_end(source: str, start: int, last: int) -> int:
    """Return the end of the comment or declaration that begins at `start`; -1 if none does.

    Args:
        source: HTML, or Markdown that contains some.
        start: the offset of the `<`.
        last: the result of `last_comment_end`.
    """
    match = _DECLARATION.match(source, start)
    if match is None and last > start:
        match = _COMMENT.match(source, start)
    return match.end() if match else -1


def last_comment_end(source: str) -> int:
    """Return the offset of the last end of a comment; -1 if there is none."""
    return max(source.rfind("-->"), source.rfind("--!>"))


def last_end_tags(source: str) -> dict[str, int]:
    """Return the offset of the last end tag of each name."""
    return {match[1].lower(): match.start() for match in _END.finditer(source)}


def escape_text(markup: str, allowed: Collection[str]) -> str:
    """Escape every `<` that begins no tag, so that no tag swallows text.

    Tags of elements that are not in `allowed` are removed, and their text is kept. A tag that no
    body may contain and whose element is never closed counts as text.

    Args:
        markup: any text.
        allowed: the names of the elements whose tags stay.
    """
    if "<" not in markup:
        return markup
    return _Escaper(markup.replace("]]>", "") if "<![CDATA[" in markup else markup, allowed).run()


@dataclass(slots=True)
class _Escaper:
    source: str
    allowed: Collection[str]
    pieces: list[str] = field(default_factory=list)
    at: int = 0
    ends: dict[str, int] = field(default_factory=dict)  # offset of the last end tag, by name
    last_comment: int = -1
    dropped: set[str] = field(default_factory=set)
    tables: int = 0
    foreign_end: int = -1  # end of an SVG or MathML element, in which every tag is one
    rescanned: int = 0

    def run(self) -> str:
        self.ends = last_end_tags(self.source)
        self.last_comment = last_comment_end(self.source)
        while (start := self.source.find("<", self.at)) >= 0:
            self.pieces.append(self.source[self.at : start])
            self.at = start
            if self.source.startswith(("<!", "<?"), start):
                self._consume_declaration()
                continue
            quotes = self.rescanned < _MAX_RESCANS * len(self.source)
            tag = read_tag(self.source, start, quotes=quotes)
            if tag is None:
                match = _TAG.match(self.source, start) if quotes else None
                self.rescanned += len(match[0]) if match else 0
                self._consume_text()
            elif tag.name in FRAMES and tag.name in self.allowed and not tag.is_end:
                self._consume_frame(tag)
            elif tag.name in NOT_WORDS or tag.name in TEXT_ONLY:
                self._consume_contents(tag)
            elif tag.name in TAGS or self._is_markup(tag):
                self._consume_tag(tag)
            else:
                self._consume_text()
        self.pieces.append(self.source[self.at :])
        return "".join(self.pieces)

    def _consume_text(self) -> None:
        self.pieces.append("&lt;")
        self.at += 1

    def _consume_declaration(self) -> None:
        end = comment_end(self.source, self.at, self.last_comment)
        if end < 0 and self.source.startswith("<![CDATA[", self.at):
            end = self.at + len("<![CDATA[")
        if end < 0:
            self._consume_text()
        else:
            self.at = end

    def _is_closed(self, tag: SourceTag) -> bool:
        return self.ends.get(tag.name, -1) >= tag.end

    def _find_end(self, tag: SourceTag) -> re.Match[str]:
        name = rf"</{re.escape(tag.name)}(?![^\s/<>])[^<>]*>?"
        end = re.compile(name, re.ASCII | re.IGNORECASE).search(self.source, tag.end)
        assert end is not None  # the element is closed
        return end

    def _is_markup(self, tag: SourceTag) -> bool:
        """Whether a tag that a body may not contain is a tag, and not text."""
        if self.at < self.foreign_end:
            return True
        is_named = any(mark in tag.name for mark in ":-")  # of Word, and custom elements
        if tag.name not in BESIDE_BODIES and not is_named:
            return False
        if tag.is_end:
            return not is_named or tag.name in self.dropped
        if tag.name in VOID:
            return bool(tag.attributes) or tag.name == "wbr"
        return tag.name in OPTIONAL_END or self._is_closed(tag) or (is_named and tag.is_empty)

    def _consume_tag(self, tag: SourceTag) -> None:
        if tag.name in FOREIGN and not tag.is_end and self._is_closed(tag):
            self.foreign_end = max(self.foreign_end, self._find_end(tag).start())
        if tag.name == "table":
            self.tables += -1 if tag.is_end and self.tables else not tag.is_end
        self.at = tag.end
        if tag.name in TABLE_PARTS and not self.tables:
            self.pieces.append(" ")  # browsers ignore a cell outside a table
        elif tag.name in self.allowed:
            self.pieces.append(format_tag(tag))
        else:
            self.dropped.add(tag.name)
            if tag.name == "object":
                end = self._find_end(tag).start() if self._is_closed(tag) else tag.end
                address = tag.attributes.get("data")
                # A frame within the object usually has the same address.
                has_frame = "<embed" in self.source[tag.end : end].lower()
                if address and not tag.is_end and not has_frame:
                    embed = SourceTag("embed", False, {"src": address}, tag.end)
                    self.pieces.append(format_tag(embed))
            elif tag.name in _WORD_BREAKS:
                self.pieces.append(" ")

    def _consume_contents(self, tag: SourceTag) -> None:
        """Consume an element whose content is not markup, up to its end tag.

        The end tag belongs to the nearest start tag: of two, the first is the author's text.
        """
        end = None if tag.is_end or not self._is_closed(tag) else self._find_end(tag)
        again = re.compile(rf"<{re.escape(tag.name)}[\s>]", re.ASCII | re.IGNORECASE)
        if end is None or (
            tag.name != "script" and again.search(self.source, tag.end, end.start())
        ):
            self._consume_text()
            return
        if tag.name in TEXT_ONLY:
            text = self.source[tag.end : end.start()]
            self.pieces += [" ", text.replace("<", "&lt;"), " "]
        self.at = end.end()

    def _consume_frame(self, tag: SourceTag) -> None:
        """Consume a frame, with its fallback if it has no address, and add a missing end tag."""
        has_address = bool(tag.attributes.get("src") or tag.attributes.get("data-src"))
        if tag.name == "iframe" and self._is_closed(tag):
            end = self._find_end(tag)
            fallback = "" if has_address else self.source[tag.end : end.start()]
            self.pieces += [format_tag(tag), "</iframe>", fallback.replace("<", "&lt;")]
            self.at = end.end()
        elif tag.name in {"video", "audio"} and self._is_closed(tag):
            self._consume_tag(tag)
        elif has_address:
            self.pieces += [format_tag(tag), "" if tag.name == "embed" else f"</{tag.name}>"]
            self.at = tag.end
        else:
            self._consume_text()
