"""HTML from a clipboard as Markdown: links, emphasis, lists, headings, quotations, tables.

The result is in the flavour of `intake/markdown.py`, which renders it to the same words. Pictures
are left out, since a body refers to none of a stranger's files; colours and sizes are too.
"""

import re
from collections.abc import Callable, Iterable

from app.intake.html.blocks import simplify
from app.intake.html.editor_html import read_html
from app.intake.html.inline import is_phrasing
from app.intake.html.inline_markdown import write_inline
from app.intake.html.parser import HEADINGS, Node, Tag, tags, words
from app.intake.text_types import replace_controls

_FRAGMENT = re.compile(r"<!--\s*StartFragment\s*-->(.*)<!--\s*EndFragment\s*-->", re.DOTALL)
_HEAD = re.compile(r"<head[\s>].*?</head\s*>", re.ASCII | re.DOTALL | re.IGNORECASE)
# The last four are those of Symbol and Wingdings, which Word writes.
_TYPED_MARK = re.compile(
    "(?:[•‣◦▪●○\uf0b7\uf0a7\uf0d8\uf076][ \t\xa0]*"
    r"|(?:[-·\u2013]|\\?\*)[ \t\xa0]+(?![0-9]))(?=\S)"
)
_NUMBER = re.compile(r"[^\w\s]?[0-9]")
_BLOCK_MARK = re.compile(r"#{1,6}(?=\s|$)|>")
_DASH = re.compile(r"[\u2013-\u2015]")
_MAX_SPAN = 20  # columns
_RULES = {"left": ":---", "center": ":---:", "right": "---:"}


def markdown_from_html(markup: str) -> str:
    """Convert HTML from any program's clipboard.

    Returns:
        Markdown; blank if the HTML shows no words.
    """
    markup = replace_controls(markup)
    fragment = _FRAGMENT.search(markup)
    markup = fragment[1] if fragment else _HEAD.sub("", markup)
    return "\n\n".join(_chunks(simplify(read_html(markup))))


def _chunks(nodes: Iterable[Node]) -> list[str]:
    """Return the Markdown of blocks and loose text, a text for each block."""
    chunks: list[str] = []
    lines: list[tuple[str, bool]] = []  # of adjacent paragraphs; whether one begins there
    run: list[Node] = []
    for node in [*nodes, None]:
        if node is not None and is_phrasing(node):
            run.append(node)
            continue
        lines += _lines(run)
        run = []
        if isinstance(node, Tag) and node.name in {"p", "figcaption", "caption"}:
            lines += _lines(node.children)
            continue
        chunks += _paragraphs(lines)
        lines = []
        if isinstance(node, Tag):
            chunks += _WRITERS.get(node.name, _contents)(node)
    return chunks


def _lines(nodes: list[Node]) -> list[tuple[str, bool]]:
    """Return the lines of a paragraph; an empty line within it begins another one."""
    lines: list[tuple[str, bool]] = []
    begins = True
    for line in map(str.strip, write_inline(nodes).split("\n")):
        if line:
            lines.append((line, begins))
        begins = not line
    return lines


def _paragraphs(lines: list[tuple[str, bool]]) -> list[str]:
    """Join lines to paragraphs; two or more that begin with typed marks become a list."""
    chunks: list[str] = []
    paragraph: list[str] = []
    at = 0
    while at < len(lines):
        end = at
        while end < len(lines) and _TYPED_MARK.match(lines[end][0]):
            end += 1
        line, begins = lines[at]
        is_list = end - at > 1
        if paragraph and (begins or is_list):
            chunks.append("  \n".join(paragraph))
            paragraph = []
        if is_list:
            items = [_TYPED_MARK.sub("", item, count=1) for item, _ in lines[at:end]]
            mark = "*" if any(map(_NUMBER.match, items)) else "-"  # `- 5` would be a sign
            chunks.append("\n".join(f"{mark} {item}" for item in items))
            at = end
            continue
        paragraph.append(_BLOCK_MARK.sub(r"\\\g<0>", line) if _BLOCK_MARK.match(line) else line)
        at += 1
    return [*chunks, "  \n".join(paragraph)] if paragraph else chunks


def _list(tag: Tag) -> list[str]:
    items: list[list[str]] = []
    for item in tag.children:
        parts = _chunks(item.children) if isinstance(item, Tag) else []
        is_nested = isinstance(item, Tag) and all(
            isinstance(child, Tag) and child.name in {"ul", "ol"} for child in item.children
        )
        if items and is_nested:  # Google Docs puts a nested list beside its item
            items[-1] += parts
        elif parts:
            items.append([_TYPED_MARK.sub("", parts[0], count=1), *parts[1:]])
    if tag.name == "ol" and tag.attributes.get("start", "1") != "1":
        first = int(tag.attributes["start"]) if tag.attributes["start"].isdecimal() else 1
        # A list that begins with another number than 1 is text.
        return [
            "\n\n".join([f"{n}. {parts[0]}", *parts[1:]]) for n, parts in enumerate(items, first)
        ]
    bullet = "* " if any(_NUMBER.match(parts[0]) for parts in items) else "- "
    written: list[str] = []
    is_loose = False
    for number, parts in enumerate(items, 1):
        mark = f"{number}. " if tag.name == "ol" else bullet
        text = parts[0]
        for part in parts[1:]:
            is_list = part.startswith(("- ", "* ", "1. "))
            is_loose = is_loose or not is_list
            text += ("\n" if is_list else "\n\n") + part
        written.append(mark + text.replace("\n", "\n" + " " * len(mark)))
    gap = "\n\n" if is_loose else "\n"
    return [re.sub(r"\n +(?=\n)", "\n", gap.join(written))] if written else []


def _quotation(tag: Tag) -> list[str]:
    chunks = _chunks(tag.children)
    last = tag.children[-1] if tag.children else ""
    is_cited = isinstance(last, Tag) and words(tags([last], "cite")) == words([last]) != ""
    if is_cited and len(chunks) > 1 and not _DASH.match(chunks[-1]):
        chunks[-1] = f"\N{EM DASH} {chunks[-1]}"
    if not chunks:
        return []
    # After `>` at the beginning of a text, a number would mean "more than" it.
    lines = [""] * bool(_NUMBER.match(chunks[0])) + "\n\n".join(chunks).split("\n")
    return ["\n".join(f"> {line}" if line else ">" for line in lines)]


def _table(tag: Tag) -> list[str]:
    """Write a table; one that only lays out a page becomes its contents."""
    rows = [[cell for cell in row.children if isinstance(cell, Tag)] for row in tags([tag], "tr")]
    cells = [cell for row in rows for cell in row]
    is_simple = all(is_phrasing(node) for cell in cells for node in cell.children)
    if not is_simple or len(rows) == 1 or max(map(len, rows), default=0) < 2:  # noqa: PLR2004
        return [chunk for cell in cells for chunk in _chunks(cell.children)]
    texts: list[list[str]] = []
    sides: list[str] = []
    for row in rows:
        texts.append([])
        sides.clear()
        for cell in row:
            span = cell.attributes.get("colspan", "1")
            text = " ".join(write_inline(cell.children).split()).replace("|", r"\|")
            empty = min(int(span), _MAX_SPAN) - 1 if span.isdecimal() else 0
            texts[-1] += [text, *[""] * empty]
            sides += [cell.attributes.get("align", "").lower()] * (1 + empty)
    columns = max(map(len, texts))
    # The last row tells: headings are often centred above numbers.
    rule = [_RULES.get(side, "---") for side in sides] + ["---"] * (columns - len(sides))
    lines = [f"| {' | '.join(row + [''] * (columns - len(row)))} |" for row in texts]
    captions = [chunk for caption in tags([tag], "caption") for chunk in _chunks(caption.children)]
    return [*captions, "\n".join([lines[0], f"| {' | '.join(rule)} |", *lines[1:]])]


def _code(tag: Tag) -> str:
    return "".join(
        child if isinstance(child, str) else "\n" if child.name == "br" else _code(child)
        for child in tag.children
    ).strip("\n")


def _preformatted(tag: Tag) -> list[str]:
    code = _code(tag)
    fence = "~~~" if "```" in code else "```"
    return [f"{fence}\n{code}\n{fence}"]


def _heading(tag: Tag) -> list[str]:
    # The page has the only heading of the first level, and headings are bold.
    text = " ".join(write_inline(tag.children, frozenset({"strong"})).split())
    return [f"{'#' * max(2, int(tag.name[1]))} {text}"] if text else []


def _rule(_tag: Tag) -> list[str]:
    return ["---"]


def _term(tag: Tag) -> list[str]:
    return _chunks([Tag("p", {}, [Tag("strong", {}, tag.children)])])


def _contents(tag: Tag) -> list[str]:
    return _chunks(tag.children)


_WRITERS: dict[str, Callable[[Tag], list[str]]] = {
    **dict.fromkeys(HEADINGS, _heading),
    "ul": _list,
    "ol": _list,
    "blockquote": _quotation,
    "table": _table,
    "pre": _preformatted,
    "hr": _rule,
    "dt": _term,
}
