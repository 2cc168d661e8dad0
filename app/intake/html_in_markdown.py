"""HTML within Markdown: tags that a body may contain, and elements replaced by their address.

Any other tag is text, and so is one of these if its element lacks a required end tag.
"""

import re
from dataclasses import dataclass

from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline

from app.formats.html_sanitiser import TAGS
from app.intake.html.elements import BLOCKS, FRAMES, OPTIONAL_END, VOID
from app.intake.html.tokens import (
    SourceTag,
    comment_end,
    last_comment_end,
    last_end_tags,
    read_tag,
)

_CODE = frozenset({"script", "style"})
_START = re.compile(r"<([a-zA-Z][^\s/<>]*)")


@dataclass(frozen=True, slots=True)
class _Tags:
    """The tags of a source, searched for once each."""

    source: str
    first_starts: dict[str, int]
    last_ends: dict[str, int]
    last_comment: int

    def has_end(self, tag: SourceTag) -> bool:
        return self.last_ends.get(tag.name, -1) >= tag.end

    def has_start(self, tag: SourceTag) -> bool:
        return self.first_starts.get(tag.name, tag.end) < tag.end

    def is_closed(self, tag: SourceTag) -> bool:
        return tag.name in VOID | OPTIONAL_END or self.has_end(tag)


def _tags(state: StateBlock | StateInline) -> _Tags:
    tags = state.env.get("tags")
    if not isinstance(tags, _Tags) or tags.source is not state.src:
        starts: dict[str, int] = {}
        for match in _START.finditer(state.src):
            starts.setdefault(match[1].lower(), match.start())
        ends, comment = last_end_tags(state.src), last_comment_end(state.src)
        tags = state.env["tags"] = _Tags(state.src, starts, ends, comment)
    return tags


def html_block(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Parse a block of HTML, up to a blank line or, for elements that span one, to the end tag."""
    at = state.bMarks[start] + state.tShift[start]
    if not state.src.startswith("<", at):
        return False
    last = _last_line(state, at, start, end)
    if last < 0:
        return False
    if silent:
        return True
    state.line = last + 1
    token = state.push("html_block", "", 0)
    token.map = [start, state.line]
    token.content = state.getLines(start, state.line, state.blkIndent, keepLastLF=True)
    return True


def _last_line(state: StateBlock, at: int, start: int, end: int) -> int:
    """Return the last line of the block that begins at a `<`; -1 if none does."""
    tags = _tags(state)
    if state.src.startswith("<!", at):
        behind = comment_end(state.src, at, tags.last_comment)
        return -1 if behind < 0 else _line_at(state, behind, start, end)
    tag = read_tag(state.src, at)
    if tag is None or tag.name not in BLOCKS | FRAMES | _CODE:
        return -1
    if tag.name in {"pre", *_CODE} and not tag.is_end:
        if not tags.has_end(tag):
            return -1
        end_tag = re.compile(f"</{re.escape(tag.name)}", re.ASCII | re.IGNORECASE)
        close = end_tag.search(state.src, tag.end)
        return _line_at(state, close.start() if close else -1, start, end)
    if not (tag.is_end or tags.is_closed(tag)):
        return -1
    line = start
    while line + 1 < end and not state.isEmpty(line + 1):
        if state.sCount[line + 1] < state.blkIndent:
            break
        line += 1
    return line


def _line_at(state: StateBlock, position: int, start: int, end: int) -> int:
    line = start
    while line + 1 < end and state.eMarks[line] < position:
        line += 1
    return line


def html_inline(state: StateInline, silent: bool) -> bool:
    """Parse a tag or a comment within a paragraph."""
    at = state.pos
    if not state.src.startswith("<", at):
        return False
    tags = _tags(state)
    if state.src.startswith("<!", at):
        behind = comment_end(state.src, at, tags.last_comment)
    else:
        tag = read_tag(state.src, at)
        if tag is None:
            is_tag = False
        elif tag.name in _CODE and not tag.is_end:  # `She typed <style> and </style>` is prose
            is_tag = bool(tag.attributes) and tags.has_end(tag)
        else:
            has_other = tags.has_start(tag) if tag.is_end else tags.is_closed(tag)
            is_tag = tag.name in TAGS | FRAMES | _CODE and has_other
        behind = tag.end if tag and is_tag else -1
    if behind < 0 or behind > state.posMax:
        return False
    if not silent:
        token = state.push("html_inline", "", 0)
        token.content = state.src[at:behind]
        opening, closing = token.content[:3].lower(), token.content[:4].lower()
        state.linkLevel += opening.strip() in {"<a", "<a>"}
        state.linkLevel -= closing == "</a>"
    state.pos = behind
    return True
