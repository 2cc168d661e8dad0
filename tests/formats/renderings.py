"""Generated bodies for the law of renderings, and the text that a rendered page shows."""

import html
import re
import unicodedata
from collections.abc import Iterator

from hypothesis import strategies as st

from app.intake.html.body import BodyBuilder
from tests.formats.parsed import Element

# ruff: noqa: RUF001  the letters of other scripts are intended
_SAMPLE_WORDS = (
    *("Two", "people", "12", "14", "5,000", "-3", "+ 4", "R&D", "x<y", "NATO", "e\u0301t\u00e9"),
    *(
        "Женева",
        "14 августа",
        "გმირი",
        "հերոս",
        "qəhrəman",
        "بيروت",
        "١٢",
        "한국어",
        "東京",
        "北京市",
    ),
    *("กรุงเทพ", "नमस्ते", "👩\u200d🚒", "🇬🇪", "می\u200cخواهم", "“so”", "*", "_", "1969-07-20"),
)
_LETTERS = st.characters(exclude_categories=["Cc", "Cs", "Cn", "Co"])
_WORDS = st.sampled_from(_SAMPLE_WORDS) | st.text(_LETTERS, min_size=1, max_size=6)
_SHIFTED = st.sampled_from(["6", "2", "-6", "n", "th", "er", "1.5", "®", " 3 ", "м", "a+b"])
_INLINE_BLOCKS = {"p", "h2", "h3", "pre", "figcaption", "dt", "dd", "caption"}


def _tagged(name: str, content: str, attributes: str = "") -> str:
    return f"<{name}{attributes}>{content}</{name}>"


def _inline() -> st.SearchStrategy[str]:
    word = st.tuples(_WORDS.map(html.escape), st.sampled_from(["", " ", "\n"])).map("".join)
    shifted = st.builds(_tagged, st.sampled_from(["sup", "sub"]), _SHIFTED)
    picture = st.sampled_from(["A bridge", "😀", ""]).map(lambda alt: f'<img src="/x" alt="{alt}">')
    leaf = word | word | shifted | st.just("<br>") | picture

    def deeper(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        children = st.lists(inner, max_size=3).map("".join)
        marked = st.builds(_tagged, st.sampled_from(["s", "del", "ins", "strong", "q"]), children)
        foreign = children.map(lambda text: f'<span lang="ru" dir="ltr">{text}</span>')
        reversed_ = children.map(lambda text: f'<bdo dir="rtl">{text}</bdo>')
        linked = children.map(lambda text: f'<a href="https://x.example/?a=1&amp;b=2">{text}</a>')
        return marked | foreign | reversed_ | linked

    return st.recursive(leaf, deeper, max_leaves=6)


def _blocks() -> st.SearchStrategy[str]:
    inline_run = st.lists(_inline(), min_size=1, max_size=4).map("".join)
    leaf = st.builds(_tagged, st.sampled_from(["p", "p", "h2", "pre", "div"]), inline_run)

    def deeper(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        items = st.lists(
            (inline_run | inner).map(lambda t: f"<li>{t}</li>"), min_size=1, max_size=3
        )
        ordered = st.sampled_from(
            ["", ' start="45"', " reversed", ' start="-2"', ' type="a"', ' type="i"']
        )
        cells = st.lists(inline_run.map(lambda t: f"<td>{t}</td>"), min_size=1, max_size=3).map(
            "".join
        )
        rows = st.lists(cells.map(lambda t: f"<tr>{t}</tr>"), min_size=1, max_size=3).map("".join)
        return (
            items.map("".join).map(lambda text: f"<ul>{text}</ul>")
            | st.builds(
                lambda attributes, text: f"<ol{attributes}>{''.join(text)}</ol>", ordered, items
            )
            | rows.map(lambda text: f"<table><tbody>{text}</tbody></table>")
            | inner.map(lambda text: f"<blockquote>{text}</blockquote>")
            | st.builds(lambda a, b: f"<dl><dt>{a}</dt><dd>{b}</dd></dl>", inline_run, inline_run)
        )

    return st.recursive(leaf, deeper, max_leaves=4)


def html_sources() -> st.SearchStrategy[str]:
    """Generate HTML with every element that a body may contain."""
    return st.lists(_blocks(), min_size=1, max_size=4).map("\n".join)


def markdown_sources() -> st.SearchStrategy[str]:
    """Generate Markdown with every kind of markup and with text that resembles markup."""
    word = _WORDS.map(lambda text: " ".join(text.split()) or "x")
    marked = st.builds("{}{}{}".format, st.just("~~"), word, st.just("~~")) | word.map(
        "**{}**".format
    )
    piece = word | word | marked | st.sampled_from(["10<sup>6</sup>", "<q>so</q>", "<del>no</del>"])
    line = st.lists(piece, min_size=1, max_size=5).map(" ".join)
    mark = st.sampled_from(["", "", "- ", "1. ", "45. ", "> ", "# ", "* ", "+ ", "    ", "| "])
    lines = st.lists(st.builds("{}{}".format, mark, line), min_size=1, max_size=6)
    return st.builds(lambda parted, gap: gap.join(parted), lines, st.sampled_from(["\n", "\n\n"]))


def imported(markup: str) -> str | None:
    """Return the HTML of the body that an import makes of foreign HTML, or None."""
    builder = BodyBuilder()
    builder.add_html(markup)
    return builder.body.html if builder.body else None


def tokens(text: str) -> list[str]:
    """Return the words of a text in NFKC form, with superscripts and subscripts included."""
    bare = re.sub(r"[\^_]\(([^()]*)\)", r"\1", text)
    return re.findall(r"\w+", unicodedata.normalize("NFKC", bare))


def read_aloud(body: Element) -> str:
    """Return the text of a rendered body with list numbers and without struck text."""
    return "".join(_spoken(body))


def struck(body: Element) -> str:
    """Return the struck text of a rendered body."""
    return " ".join(each.raw_text for tag in ("s", "del") for each in body.all(tag))


def _spoken(element: Element) -> Iterator[str]:
    numbers = _numbers(element) if element.tag == "ol" else iter(())
    for child in element.children:
        if isinstance(child, str):
            yield child
        elif child.tag in {"s", "del"}:
            continue
        elif child.tag == "img":
            alt = child.attributes.get("alt") or ""
            yield f" {alt} " if any(character.isalnum() for character in alt) else alt
        elif child.tag in _INLINE:
            yield from _spoken(child)
        elif child.tag == "q":
            content = "".join(_spoken(child))
            yield f"“{content}”" if content.strip() else " "
        else:
            content = "".join(_spoken(child))
            number = next(numbers) if child.tag == "li" and element.tag == "ol" else ""
            yield f" {number if content.strip() else ''} {content} "


_INLINE = {"a", "b", "bdi", "bdo", "em", "i", "ins", "span", "strong", "sub", "sup"}


def _numbers(element: Element) -> Iterator[str]:
    """Yield the numbers of an ordered list's items as HTML counts them."""
    count = sum(isinstance(child, Element) and child.tag == "li" for child in element.children)
    is_reversed = "reversed" in element.attributes
    first = int(element.attributes.get("start") or (count if is_reversed else 1))
    markers = {"a": "abc", "i": ("i", "ii", "iii")}.get(element.attributes.get("type") or "")
    for index in range(count):
        number = first - index if is_reversed else first + index
        yield str(markers[number - 1] if markers else number)
