"""Tags of HTML, told from text that only looks like them: `<inaudible>`, `x<y and y>z`.

Browsers take every `<` before a letter for a tag, and drop what they have no element for, together
with all that stands behind an unclosed `<style>` or `<!--`. Here such a `<` is text, so that no word
is lost. Decides nothing about safety: what comes out is still to be cleaned.

Source: HTML Standard, section 13.2.5 (tokenization).
"""

import re
from collections.abc import Collection
from dataclasses import dataclass, field

from app.framing.markup import TAGS

VOID = frozenset(
    "area base basefont bgsound br col embed frame hr image img input keygen link meta param source"
    " track wbr".split()
)
OPTIONAL_END = frozenset(
    "body colgroup dd dt head html li optgroup option p rb rp rt rtc tbody td tfoot th thead"
    " tr".split()
)
FRAMES = frozenset({"iframe", "video", "audio", "embed"})
# What HTML knows, or once knew, beside the tags that a body may have.
_ELEMENTS = frozenset(
    "acronym address applet area article aside audio base basefont bgsound big blink body button"
    " canvas center col colgroup data datalist details dialog dir embed fieldset font footer form"
    " frame frameset head header hgroup html iframe image input keygen label legend link listing"
    " main map marquee math menu menuitem meta meter nav nobr noembed noframes noscript object"
    " optgroup option output param picture progress rb rp rt rtc ruby samp search section select"
    " slot source strike summary svg template track tt var video wbr".split()
)
_NOT_WORDS = frozenset({"script", "style", "xml"})  # program, layout, a document's properties
_TEXT_ONLY = frozenset({"textarea", "title", "xmp"})  # hold text and never markup
_FOREIGN = frozenset({"svg", "math"})
_TABLE_PARTS = frozenset({"caption", "tbody", "td", "tfoot", "th", "thead", "tr"})
_BARE = frozenset(  # attributes that are written without a value
    "allow allowfullscreen allowtransparency alt async autofocus autoplay checked class"
    " compact contenteditable controls crossorigin declare default defer dir disabled download"
    " draggable formnovalidate hidden href id inert ismap itemscope lang loop mozallowfullscreen"
    " multiple muted name nohref nomodule noresize noshade novalidate nowrap open playsinline"
    " popover readonly rel required reversed scoped seamless selected spellcheck src start style"
    " target title translate type value webkitallowfullscreen".split()
)

_TAG = re.compile(
    r"""<(/?)([a-zA-Z][^\s/<>]*+)((?:=\s*+(?:"[^"]*+"|'[^']*+')|[^<>])*+)(>?)""", re.DOTALL
)
_TAG_WITHOUT_QUOTES = re.compile(r"<(/?)([a-zA-Z][^\s/<>]*+)([^<>]*+)(>?)")
_ATTRIBUTE = re.compile(
    r"""([^\s"'>/=]++)(?:\s*+(=)\s*+(?:"([^"]*+)"|'([^']*+)'|([^\s]*+)))?""", re.DOTALL
)
_ATTRIBUTE_NAME = re.compile(r"[A-Za-z_][\w:.-]*", re.ASCII)
_END = re.compile(r"</([a-zA-Z][^\s/<>]*)")
_COMMENT = re.compile(r"<!--(?:-?>|.*?--!?>)", re.DOTALL)
# Of a document, and what Word writes: no words of the text.
_DECLARATION = re.compile(r"<(?:!doctype|\?xml|!\[(?:if|endif)\b)[^<>]*>", re.IGNORECASE)
_WASTE = 8  # how many times its own length may be read in search of ends that are not there


@dataclass(frozen=True, slots=True)
class SourceTag:
    """A tag as it stands in the source; its attributes are still escaped, `end` is behind it."""

    name: str
    is_end: bool
    attributes: dict[str, str]
    end: int
    is_empty: bool = False


def read_tag(source: str, start: int, *, quotes: bool = True) -> SourceTag | None:
    """The tag that begins at a `<`.

    Args:
        source: HTML, or Markdown that holds some.
        start: where the `<` stands.
        quotes: whether a `>` between quotation marks belongs to the tag.

    Returns:
        None if no tag begins there, or it has what no tag has: words in the place of attributes.
    """
    match = (_TAG if quotes else _TAG_WITHOUT_QUOTES).match(source, start)
    if match is None or not match[4]:
        return None
    name, is_end, rest = match[2].lower(), bool(match[1]), match[3]
    if is_end and rest.strip(" \t\r\n/"):
        return None
    attributes: dict[str, str] = {}
    for key, equals, *values in _ATTRIBUTE.findall(rest):
        if not equals and not _is_bare(key.lower()):
            return None
        attributes.setdefault(key.lower(), next(filter(None, values), ""))
    return SourceTag(name, is_end, attributes, match.end(), rest.endswith("/"))


def _is_bare(key: str) -> bool:
    return key in _BARE or "-" in key or ":" in key


def format_tag(tag: SourceTag) -> str:
    """Write a tag so that every reader of HTML finds its end at the same place."""
    if tag.is_end:
        return f"</{tag.name}>"
    pairs = [
        f' {key}="{value.replace(chr(34), "&quot;")}"'
        for key, value in tag.attributes.items()
        if _ATTRIBUTE_NAME.fullmatch(key)
    ]
    return f"<{tag.name}{''.join(pairs)}>"


def comment_end(source: str, start: int, last: int) -> int:
    """Where the comment or declaration that begins at `start` ends; -1 if none does.

    Args:
        source: HTML, or Markdown that holds some.
        start: where the `<` stands.
        last: where the source's last comment ends (`last_comment_end`).
    """
    match = _DECLARATION.match(source, start)
    if match is None and last > start:
        match = _COMMENT.match(source, start)
    return match.end() if match else -1


def last_comment_end(source: str) -> int:
    """Where the last end of a comment stands; -1 if there is none."""
    return max(source.rfind("-->"), source.rfind("--!>"))


def last_end_tags(source: str) -> dict[str, int]:
    """Where the last end tag of each name stands."""
    return {match[1].lower(): match.start() for match in _END.finditer(source)}


def escape_text(markup: str, kept: Collection[str]) -> str:
    """HTML in which every `<` that begins no tag is escaped, and no tag takes words with it.

    Tags of elements that are no longer to be known go, their text stays. A tag that is not on the
    list of bodies and whose element is never closed is text.

    Args:
        markup: any text.
        kept: the names of elements whose tags stay.
    """
    if "<" not in markup:
        return markup
    return _Escaping(markup.replace("]]>", "") if "<![CDATA[" in markup else markup, kept).run()


@dataclass(slots=True)
class _Escaping:
    source: str
    kept: Collection[str]
    pieces: list[str] = field(default_factory=list)
    at: int = 0
    ends: dict[str, int] = field(default_factory=dict)  # where the last end tag of a name stands
    last_comment: int = -1
    dropped: set[str] = field(default_factory=set)
    tables: int = 0
    foreign_end: int = -1  # of a drawing or a formula, in which every tag is one
    waste: int = 0

    def run(self) -> str:
        self.ends = last_end_tags(self.source)
        self.last_comment = last_comment_end(self.source)
        while (start := self.source.find("<", self.at)) >= 0:
            self.pieces.append(self.source[self.at : start])
            self.at = start
            self._take()
        self.pieces.append(self.source[self.at :])
        return "".join(self.pieces)

    def _take(self) -> None:
        if self.source.startswith(("<!", "<?"), self.at):
            self._take_declaration()
            return
        quotes = self.waste < _WASTE * len(self.source)
        tag = read_tag(self.source, self.at, quotes=quotes)
        if tag is None:
            match = _TAG.match(self.source, self.at) if quotes else None
            self.waste += len(match[0]) if match else 0
            self._take_text()
        elif tag.name in FRAMES and tag.name in self.kept and not tag.is_end:
            self._take_frame(tag)
        elif tag.name in _NOT_WORDS or tag.name in _TEXT_ONLY:
            self._take_contents(tag)
        elif tag.name in TAGS or self._is_markup(tag):
            self._take_tag(tag)
        else:
            self._take_text()

    def _take_text(self) -> None:
        self.pieces.append("&lt;")
        self.at += 1

    def _take_declaration(self) -> None:
        end = comment_end(self.source, self.at, self.last_comment)
        if end < 0 and self.source.startswith("<![CDATA[", self.at):
            end = self.at + len("<![CDATA[")
        if end < 0:
            self._take_text()
        else:
            self.at = end

    def _is_closed(self, tag: SourceTag) -> bool:
        return self.ends.get(tag.name, -1) >= tag.end

    def _find_end(self, tag: SourceTag) -> re.Match[str]:
        end = re.compile(f"</{tag.name}[^<>]*>?", re.IGNORECASE).search(self.source, tag.end)
        assert end is not None  # the element is closed
        return end

    def _is_markup(self, tag: SourceTag) -> bool:
        """Whether a tag that no body may have is one at all."""
        if self.at < self.foreign_end:
            return True
        is_named = any(mark in tag.name for mark in ":-")  # Word's, and elements of scripts
        if tag.name not in _ELEMENTS and not is_named:
            return False
        if tag.is_end:
            return not is_named or tag.name in self.dropped
        if tag.name in VOID:
            return bool(tag.attributes) or tag.name == "wbr"
        return tag.name in OPTIONAL_END or self._is_closed(tag) or (is_named and tag.is_empty)

    def _take_tag(self, tag: SourceTag) -> None:
        if tag.name in _FOREIGN and not tag.is_end and self._is_closed(tag):
            self.foreign_end = max(self.foreign_end, self._find_end(tag).start())
        if tag.name == "table":
            self.tables += -1 if tag.is_end and self.tables else not tag.is_end
        self.at = tag.end
        if tag.name in _TABLE_PARTS and not self.tables:
            self.pieces.append(" ")  # no browser knows a cell outside a table
        elif tag.name in self.kept:
            self.pieces.append(format_tag(tag))
        else:
            self.dropped.add(tag.name)
            if tag.name == "object" and tag.attributes.get("data"):
                frame = SourceTag("embed", False, {"src": tag.attributes["data"]}, tag.end)
                self.pieces.append(format_tag(frame))
            elif tag.name in VOID and tag.name != "wbr":
                self.pieces.append(" ")

    def _take_contents(self, tag: SourceTag) -> None:
        """Take an element in which no tag is one, up to its end."""
        if tag.is_end or not self._is_closed(tag):
            self._take_text()
            return
        end = self._find_end(tag)
        if tag.name in _TEXT_ONLY:
            text = self.source[tag.end : end.start()]
            self.pieces += [" ", text.replace("<", "&lt;"), " "]
        self.at = end.end()

    def _take_frame(self, tag: SourceTag) -> None:
        """Take a frame, whatever stands in it if it leads nowhere, and the end that it may lack."""
        leads = bool(tag.attributes.get("src") or tag.attributes.get("data-src"))
        if tag.name == "iframe" and self._is_closed(tag):
            end = self._find_end(tag)
            fallback = "" if leads else self.source[tag.end : end.start()]
            self.pieces += [format_tag(tag), "</iframe>", fallback.replace("<", "&lt;")]
            self.at = end.end()
        elif tag.name in {"video", "audio"} and self._is_closed(tag):
            self._take_tag(tag)
        elif leads:
            self.pieces += [format_tag(tag), "" if tag.name == "embed" else f"</{tag.name}>"]
            self.at = tag.end
        else:
            self._take_text()
