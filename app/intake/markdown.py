"""Markdown for news: CommonMark with tables and strikethrough, less the rules that lose text.

`+ 3 injured`, `- 5 degrees`, `> 5,000 people`, `45. minute` and `14. August` are text; so is a tag
that a body may not contain, and a `[09:05]: note` that CommonMark would take for a definition.
There are no underlined headings and no indented code. Lines that begin with a typed bullet are a
list; a line with a dash and a name ends a quotation.

Source: CommonMark 0.31; GitHub Flavored Markdown, section 4.10.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock, blockquote, fence, list_block, table
from markdown_it.rules_block.table import escapedSplit
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline, linkify
from markdown_it.token import Token

from app.formats.html_sanitiser import SCHEMES
from app.intake.html.quotation import ATTRIBUTION
from app.intake.html_in_markdown import html_block, html_inline
from app.intake.links import Linkifier
from app.timeline.visible_text import is_visible

_PLAIN = frozenset(
    {"inline", "text", "softbreak", "hardbreak", "paragraph_open", "paragraph_close"}
    | {f"{name}_{side}" for name in ("em", "strong", "link") for side in ("open", "close")}
)
_MAX_NESTING = 16  # nested blocks: from 20 on, the parser drops their contents
_NUMBER = re.compile(r"[-+\u2212±~≈<>=]?(?:[$€£¥₽֏₾₼₺]\s?)?[.,]?[0-9](?![0-9]{0,8}[.)]\s)")
_TYPED_BULLETS = "•‣◦▪●○·\u2013"
_ITEM = re.compile(
    rf"(?:(?P<bullet>[-*{_TYPED_BULLETS}])|(?P<number>[0-9]{{1,9}})[.)])(?P<gap>[ \t\xa0]+|$)"
)
_GUILLEMETS = re.compile(r">>(?!>)[^<>]*<<|>(?=[^\s>])[^<>]*[^\s<>]<(?![a-zA-Z/!<])")  # `>>Never<<`
_LANGUAGES = re.compile(  # info strings that may follow a fence
    "bash|c|console|cpp|cs|css|csv|diff|go|html|ini|java|javascript|js|json|kotlin|markdown|md|php"
    "|plaintext|py|python|r|ruby|rust|sh|shell|sql|swift|text|toml|ts|txt|typescript|xml|ya?ml"
)
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):", re.ASCII | re.IGNORECASE)
_RELATIVE = re.compile(r"[/#?]|\.\.?/")  # beginnings of an address without a scheme
_NORMAL_LINK = re.compile(r"https?://[a-z0-9.-]+(?:/[A-Za-z0-9._~/-]*)?", re.ASCII)
_MAX_SCHEME_LENGTH = 32
_STARS = re.compile(r"\*+")
_HANDLE = re.compile(r"[@#]_\w*")
_NAME = re.compile(r"[\u2014\u2015][^\n]{1,100}(?<![.,:;!?…])")  # not a sentence


def render_markdown(source: str) -> tuple[str, bool]:
    """Render Markdown as HTML that still has to be sanitised.

    Args:
        source: without control characters.

    Returns:
        The HTML, and whether it consists of paragraphs of words, with emphasis and links, and
        nothing else that a body would have in another form.
    """
    tokens = _parser.parse(source)
    return str(_parser.renderer.render(tokens, _parser.options, {})), _is_plain(tokens)


def _is_plain(tokens: Sequence[Token]) -> bool:
    return all(
        each.type in _PLAIN
        # A link without words is shown by its address.
        and (each.type != "link_open" or is_visible(tokens[at + 1].content))
        and _is_plain(each.children or ())
        for at, each in enumerate(tokens)
    )


def _line(state: StateBlock, line: int) -> str:
    return state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]]


def _is_too_deep(state: StateBlock) -> bool:
    return bool(state.level >= _MAX_NESTING)


def _list(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Parse a list, unless its marker is a sign, an ordinal number or a lone bullet."""
    text = _line(state, start)
    item = _ITEM.match(text)
    if item is None or _is_too_deep(state):
        return False
    if silent and state.sCount[start] < state.blkIndent:  # it ends an item of the enclosing list
        return bool(list_block(state, start, end, silent))
    siblings = list(_siblings(state, start, end, item))
    is_typed = _is_typed(item)
    is_signed = _is_signed(text, item)
    if item["number"] is not None:
        is_list = item["number"] == "1" and bool(siblings)
    elif is_typed:
        is_list = bool(siblings) and not is_signed
    else:
        is_list = not is_signed or state.level > 0 or siblings[:1] == [start + 1]
    if not is_list:
        return False
    if is_typed:  # the parser knows no typed bullets, so dashes take their places
        source = list(state.src)
        for line in [start, *siblings]:
            at = state.bMarks[line] + state.tShift[line]
            source[at : at + 2] = "- "
        state.src = "".join(source)
    return bool(list_block(state, start, end, silent))


def _is_typed(item: re.Match[str]) -> bool:
    return item["bullet"] is not None and item["bullet"] in _TYPED_BULLETS


def _is_signed(text: str, item: re.Match[str]) -> bool:
    """Whether the marker would be the sign of a number: `- 5 degrees`."""
    return item["bullet"] in {"-", "\u2013"} and _NUMBER.match(text, item.end()) is not None


def _siblings(state: StateBlock, start: int, end: int, first: re.Match[str]) -> Iterator[int]:
    """Yield the lines of the list's other items: all for typed bullets, else only the next one."""
    content = state.sCount[start] + first.end()
    is_typed = _is_typed(first)
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
            follows = item["number"] == "2" or (item["number"] == "1" and line == start + 1)
        else:
            is_same = _is_typed(item) if is_typed else item["bullet"] == first["bullet"]
            follows = is_same and not (is_typed and _is_signed(text, item))
        if not follows:
            return
        yield line
        if not is_typed:
            return


def _other_number(state: StateBlock, start: int, _end: int, silent: bool) -> bool:
    """End an ordered list at a line whose number does not follow: `14. August`."""
    item = _ITEM.match(_line(state, start))
    if not silent or state.parentType != "list" or item is None or item["number"] is None:
        return False
    for token in reversed(state.tokens):
        if token.level == state.level and token.type == "list_item_open":
            return bool(token.info) and int(item["number"]) not in {1, int(token.info) + 1}
    return False


def _quotation(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Parse a quotation, unless `>` means "more than": a number follows, but no quoted line."""
    text = _line(state, start)
    if not text.startswith(">") or _is_too_deep(state) or _GUILLEMETS.match(text):
        return False
    if _is_more_than(text):
        after = _line(state, start + 1) if start + 1 < end else ""
        if not after.startswith(">") or _is_more_than(after):
            return False
    return bool(blockquote(state, start, end, silent))


def _is_more_than(text: str) -> bool:
    return text.startswith(">=") or _NUMBER.match(text[1:].lstrip()) is not None


def _fence(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Parse fenced code, with an optional language; other words after a fence would be lost.

    An unclosed fence is text: as code it would swallow everything that follows.
    """
    opening = _line(state, start)
    info = opening.lstrip("`~").strip().lower()
    if opening[:3] not in {"```", "~~~"} or (info and not _LANGUAGES.fullmatch(info)):
        return False
    mark = opening[: len(opening) - len(opening.lstrip(opening[0]))]
    # Searched for once: a search from each of a thousand unclosed fences would take too long.
    unclosed: dict[tuple[str, int], int] = state.env.setdefault("unclosed", {})
    if len(mark) >= unclosed.get((mark[0], end), len(mark) + 1):
        return False
    lines = (_line(state, line).rstrip() for line in range(start + 1, end))
    if not any(line.startswith(mark) and not line.strip(mark[0]) for line in lines):
        unclosed[mark[0], end] = len(mark)
        return False
    return bool(fence(state, start, end, silent))


def _table(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Parse a table, unless a row has more cells than the first: those would be lost."""
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


def _literal_stars(state: StateInline, silent: bool) -> bool:
    """Keep asterisks within a word or a product: `Leser*innen`, `f**k`, `M*A*S*H`, `2*3*4`.

    In scripts without letter case, which may have no spaces between words, they are emphasis.
    """
    stars = _STARS.match(state.src, state.pos)
    if stars is None or not 0 < stars.start() < stars.end() < len(state.src):
        return False
    before, after = state.src[stars.start() - 1], state.src[stars.end()]
    is_product = len(stars[0]) == 1 and before.isdecimal() and after.isdecimal()
    if not is_product and not (_has_case(before) and _has_case(after)):
        return False
    if not silent:
        state.pending += stars[0]
    state.pos = stars.end()
    return True


def _has_case(letter: str) -> bool:
    return letter.lower() != letter.upper()


def _handle(state: StateInline, silent: bool) -> bool:
    """Keep a handle or a hashtag whose first underscore would be emphasis: `@_ann_`."""
    handle = _HANDLE.match(state.src, state.pos)
    if handle is None:
        return False
    if not silent:
        state.pending += handle[0]
    state.pos = handle.end()
    return True


def _address(state: StateInline, silent: bool) -> bool:
    """Parse an address in running text; the text before it is flushed.

    The parser's own rule rescans all pending text at each `://`: quadratic if few are addresses.
    """
    if not state.src.startswith("://", state.pos):
        return False
    if not silent and len(state.pending) > _MAX_SCHEME_LENGTH:
        scheme = state.pending[-_MAX_SCHEME_LENGTH:]
        state.pending = state.pending[:-_MAX_SCHEME_LENGTH]
        state.pushPending()
        state.pending = scheme
    return linkify(state, silent)


def _attribution(state: StateCore) -> None:
    """Give the speaker's name a line of its own at the end of the quotation.

    In a quotation, a line that begins with a dash and a letter stays a line; after a quotation, a
    one-line paragraph that begins with a long dash is moved into it.
    """
    depth = 0
    tokens: list[Token] = []
    for token in state.tokens:
        depth += token.nesting if token.type.startswith("blockquote") else 0
        if token.type == "inline" and depth:
            for line_break, after in pairwise(token.children or []):
                if line_break.type == "softbreak" and ATTRIBUTION.match(after.content):
                    line_break.type = "hardbreak"
        tokens.append(token)
        is_name = (
            token.type == "paragraph_close"
            and len(tokens) > 3  # noqa: PLR2004
            and tokens[-4].type == "blockquote_close"
            and _NAME.fullmatch(tokens[-2].content)
            and ATTRIBUTION.match(tokens[-2].content)
        )
        if is_name:
            tokens.append(tokens.pop(-4))
    state.tokens = tokens


class _Parser(MarkdownIt):
    """The parser for this flavour."""

    def __init__(self) -> None:
        super().__init__("commonmark", {"html": True, "linkify": True})
        self.enable(["table", "strikethrough", "linkify"])
        self.disable(["code", "lheading", "reference"])
        ends = ["paragraph", "blockquote"]  # the blocks that a rule may interrupt
        rules = self.block.ruler
        rules.at("list", _list, {"alt": ends})
        rules.at("html_block", html_block, {"alt": ends})
        rules.at("blockquote", _quotation, {"alt": [*ends, "list"]})
        rules.at("fence", _fence, {"alt": [*ends, "list"]})
        rules.at("table", _table, {"alt": ["paragraph"]})
        rules.before("list", "other_number", _other_number, {"alt": ["list"]})
        self.inline.ruler.at("html_inline", html_inline)
        self.inline.ruler.at("linkify", _address)
        self.inline.ruler.before("emphasis", "literal_stars", _literal_stars)
        self.inline.ruler.before("emphasis", "handle", _handle)
        self.core.ruler.after("inline", "attribution", _attribution)
        self.linkify = Linkifier()

    def normalizeLink(self, url: str) -> str:  # noqa: N802  overrides a method of the library
        """Return an address with escapes where it needs them; most need none."""
        return url if _NORMAL_LINK.fullmatch(url) else super().normalizeLink(url)

    def validateLink(self, url: str) -> bool:  # noqa: N802  overrides a method of the library
        """Whether a link has an allowed address; `[sic](sic)` has none."""
        scheme = _SCHEME.match(url)
        return scheme[1].lower() in SCHEMES if scheme else _RELATIVE.match(url) is not None


_parser = _Parser()
