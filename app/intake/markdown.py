"""Markdown for news: CommonMark with tables and strikethrough, without what eats signs and words.

`+ 3 injured`, `- 5 degrees`, `> 5,000 people`, `45. minute` and `14. August` are text; so is a tag
that no body may have, and a `[09:05]: note` that CommonMark would take for a definition. There are
no headings by underlining and no code by indentation. Lines that begin with a typed bullet are a
list; a line with a dash and a name ends a quotation.

Source: CommonMark 0.31; GitHub Flavored Markdown, section 4.10.
"""

import re
from collections.abc import Iterator

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock, blockquote, fence, list_block, table
from markdown_it.rules_block.table import escapedSplit
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from app.framing.markup import SCHEMES
from app.intake.links import Linkifier
from app.intake.markdown_html import html_block, html_inline
from app.intake.quotation import ATTRIBUTION

_DEEPEST = 16  # blocks within blocks: from 20 on, the parser drops what they hold
_FIGURE = re.compile(r"[-+\u2212±~≈<>=]?\s?(?:[$€£¥₽֏₾₼₺]\s?)?[.,]?[0-9]")
_TYPED = "•‣◦▪●○·–"
_ITEM = re.compile(rf"(?:(?P<bullet>[-*{_TYPED}])|(?P<number>[0-9]{{1,9}})[.)])(?P<gap>[ \t\xa0]+|$)")
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):", re.IGNORECASE)
_PLACE = re.compile(r"[/#?]|\.\.?/")  # how an address without a scheme begins
_NAME = re.compile(r"[\u2014\u2015][^\n]{1,100}")


def render_markdown(source: str) -> str:
    """Render Markdown as HTML that is still to be cleaned.

    Args:
        source: without control characters.
    """
    return str(_parser.render(source))


def _line(state: StateBlock, line: int) -> str:
    return state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]]


def _is_too_deep(state: StateBlock) -> bool:
    return bool(state.level >= _DEEPEST)


def _list(state: StateBlock, start: int, end: int, silent: bool) -> bool:  # noqa: FBT001
    """A list, unless its mark is a sign, an ordinal number or stands alone."""
    text = _line(state, start)
    item = _ITEM.match(text)
    if item is None or _is_too_deep(state):
        return False
    if silent and state.sCount[start] < state.blkIndent:  # it ends an item of the list it is in
        return bool(list_block(state, start, end, silent))
    siblings = list(_siblings(state, start, end, item))
    is_typed = item["bullet"] is not None and item["bullet"] in _TYPED
    if item["number"] is not None:
        is_list = item["number"] == "1" and bool(siblings)
    elif is_typed:
        is_list = bool(siblings) and not _is_signed(text, item)
    else:
        is_list = bool(siblings) or not _is_signed(text, item) or state.level > 0
    if not is_list:
        return False
    if is_typed:
        _type_dashes(state, [start, *siblings])
    return bool(list_block(state, start, end, silent))


def _is_signed(text: str, item: re.Match[str]) -> bool:
    """Whether an item would be a sign before a figure: `- 5 degrees`."""
    return item["bullet"] in {"-", "–"} and _FIGURE.match(text, item.end()) is not None


def _siblings(state: StateBlock, start: int, end: int, first: re.Match[str]) -> Iterator[int]:
    """The lines of the other items of a list."""
    content = state.sCount[start] + first.end()
    is_typed = first["bullet"] is not None and first["bullet"] in _TYPED
    for line in range(start + 1, end):
        if state.isEmpty(line) or state.sCount[line] >= content:
            continue
        text = _line(state, line)
        item = _ITEM.match(text) if state.sCount[line] >= state.blkIndent else None
        if item is None:
            if state.isEmpty(line - 1) or state.sCount[line] < state.blkIndent or is_typed:
                return
            continue
        if first["number"] is not None:
            is_same = item["number"] in {"1", "2"}
        elif is_typed:
            is_same = item["bullet"] is not None and item["bullet"] in _TYPED
            is_same = is_same and not _is_signed(text, item)
        else:
            is_same = item["bullet"] == first["bullet"]
        if not is_same:
            return
        yield line
        if not is_typed:
            return


def _type_dashes(state: StateBlock, lines: list[int]) -> None:
    """Put the mark that the parser knows in the place of typed bullets."""
    source = list(state.src)
    for line in lines:
        at = state.bMarks[line] + state.tShift[line]
        source[at : at + 2] = "- "
    state.src = "".join(source)


def _quotation(state: StateBlock, start: int, end: int, silent: bool) -> bool:  # noqa: FBT001
    """A quotation, unless its mark says "more than": a figure follows, and no quoted words."""
    text = _line(state, start)
    if not text.startswith(">") or _is_too_deep(state):
        return False
    if _is_more_than(text):
        after = _line(state, start + 1) if start + 1 < end else ""
        if not after.startswith(">") or _is_more_than(after):
            return False
    return bool(blockquote(state, start, end, silent))


def _is_more_than(text: str) -> bool:
    return _FIGURE.match(text[1:].lstrip()) is not None


def _fence(state: StateBlock, start: int, end: int, silent: bool) -> bool:  # noqa: FBT001
    """Code between fences; words behind the opening one would not be shown, so then it is none."""
    info = _line(state, start).lstrip("`~").split()
    return len(info) <= 1 and bool(fence(state, start, end, silent))


def _table(state: StateBlock, start: int, end: int, silent: bool) -> bool:  # noqa: FBT001
    """A table, unless a row has more cells than the first: those would not be shown."""
    if "|" not in _line(state, start) or start + 1 >= end or "-" not in _line(state, start + 1):
        return False
    columns = _count_cells(_line(state, start))
    for line in range(start + 2, end):
        text = _line(state, line)
        if not text.strip():
            break
        if _count_cells(text) > columns:
            return False
    return bool(table(state, start, end, silent))


def _count_cells(row: str) -> int:
    cells = escapedSplit(row.strip())
    return len(cells) - (cells[0] == "") - (len(cells) > 1 and cells[-1] == "")


def _product(state: StateInline, silent: bool) -> bool:  # noqa: FBT001
    """An asterisk between figures multiplies them: `2*3*4`."""
    at = state.pos
    around = state.src[max(at - 1, 0) : at + 2]
    if len(around) < 3 or around[1] != "*" or not (around[0] + around[2]).isdecimal():  # noqa: PLR2004
        return False
    if not silent:
        state.pending += "*"
    state.pos += 1
    return True


def _attribution(state: StateCore) -> None:
    """Give the line that says who spoke a place of its own at the end of the quotation."""
    depth = 0
    tokens: list[Token] = []
    rest = iter(state.tokens)
    for token in rest:
        depth += token.nesting if token.type.startswith("blockquote") else 0
        if token.type == "inline" and depth:
            _break_before_name(token.children or [])
        tokens.append(token)
    state.tokens = _draw_in_names(tokens)


def _break_before_name(children: list[Token]) -> None:
    for at, token in enumerate(children[:-1]):
        if token.type == "softbreak" and ATTRIBUTION.match(children[at + 1].content):
            token.type = "hardbreak"


def _draw_in_names(tokens: list[Token]) -> list[Token]:
    """Put a paragraph of one line that begins with a long dash into the quotation before it."""
    drawn: list[Token] = []
    for token in tokens:
        drawn.append(token)
        is_name = (
            token.type == "paragraph_close"
            and len(drawn) > 3  # noqa: PLR2004
            and drawn[-4].type == "blockquote_close"
            and _NAME.fullmatch(drawn[-2].content)
            and ATTRIBUTION.match(drawn[-2].content)
        )
        if is_name:
            drawn.append(drawn.pop(-4))
    return drawn


def _is_address(address: str) -> bool:
    """Whether a link leads anywhere that it may; `[sic](sic)` does not."""
    scheme = _SCHEME.match(address)
    return scheme[1].lower() in SCHEMES if scheme else _PLACE.match(address) is not None


def _open_parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": True, "linkify": True})
    parser.enable(["table", "strikethrough", "linkify"])
    parser.disable(["code", "lheading", "reference"])
    for name, rule in (
        ("list", _list),
        ("blockquote", _quotation),
        ("fence", _fence),
        ("table", _table),
        ("html_block", html_block),
    ):
        options = {"alt": _ENDS[name]}
        parser.block.ruler.at(name, rule, options)
    parser.inline.ruler.at("html_inline", html_inline)
    parser.inline.ruler.before("emphasis", "product", _product)
    parser.core.ruler.after("inline", "attribution", _attribution)
    parser.linkify = Linkifier()
    parser.validateLink = _is_address  # type: ignore[method-assign]
    return parser


# Which blocks each of the rules may end.
_ENDS = {
    "list": ["paragraph", "reference", "blockquote"],
    "blockquote": ["paragraph", "reference", "blockquote", "list"],
    "fence": ["paragraph", "reference", "blockquote", "list"],
    "table": ["paragraph", "reference"],
    "html_block": ["paragraph", "reference", "blockquote"],
}
_parser = _open_parser()
