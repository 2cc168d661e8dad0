"""What a page weighs on its way to a phone, compressed: a network in a crowd is slow."""

import gzip
import re

from app.reader.pages import STATIC
from app.reader.sheets import SHEETS
from tests.conftest import Newsroom
from tests.contract.newsrooms import new_slug, new_timeline
from tests.framing.parsed import parse

_KB = 1000
_TEXT = (
    "The water at gauge {n} stood {n}.{n} metres above normal at {n} minutes past the hour, which "
    "is {n} centimetres less than before. The fire service has moved everybody out of street {n} "
    "and asks those who left to wait for word from the *council*, which meets at {n} o'clock.\n\n"
    "Line {n} of the [buses](https://example.org/{n}) is free of charge until Monday."
)


def _filled(newsroom: Newsroom) -> str:
    timeline = new_timeline(newsroom, new_slug(), kicker="Floods", standfirst="A river rises.")
    for n in range(20):
        timeline.publish(
            f"Water stands at {n} metres", body=_TEXT.format(n=n), tags=["river", f"street {n}"]
        )
    return f"/coverages/{timeline.slug}"


def _weight(newsroom: Newsroom, address: str) -> int:
    return len(gzip.compress(newsroom.reader.get(address).raise_for_status().content, 9))


def _modules(newsroom: Newsroom, address: str, found: set[str]) -> set[str]:
    """A script and all that it imports."""
    if address not in found:
        found.add(address)
        text = newsroom.reader.get(address).raise_for_status().text
        for name in re.findall(r"""(?:from|import\()\s*["']\./([a-z-]+\.js)["']""", text):
            _modules(newsroom, address.rpartition("/")[0] + "/" + name, found)
    return found


def test_a_page_of_20_entries_with_style_and_script_is_small(newsroom: Newsroom) -> None:
    """At most 30 KB, of which its style is at most 6 and its script at most 10."""
    path = _filled(newsroom)
    page = parse(newsroom.reader.get(path).text)
    sheets = {link.attributes["href"] for link in page.all("link", rel="stylesheet")}
    scripts: set[str] = set()
    for script in page.all("script", type="module"):
        _modules(newsroom, script.attributes["src"], scripts)
    html, style, script = (
        sum(_weight(newsroom, address) for address in part) for part in ([path], sheets, scripts)
    )
    print(f"page {html}, style {style}, script {script}: {html + style + script} bytes")  # noqa: T201
    assert len(sheets) == 2
    assert style <= 6 * _KB
    assert script <= 10 * _KB
    assert html + style + script <= 30 * _KB


def test_what_an_embed_takes_of_the_style_is_small(newsroom: Newsroom) -> None:
    """At most 2.5 KB: a whole embed has 10."""
    icon = parse(newsroom.reader.get("/").text).one("link", rel="icon").attributes["href"]
    weight = _weight(newsroom, icon.replace("dateline.svg", "entry.css"))
    print(f"entry.css {weight} bytes")  # noqa: T201
    assert weight <= 2.5 * _KB


def test_the_page_in_words_is_smaller(newsroom: Newsroom) -> None:
    """20 entries with their style, and no script, take at most 15 KB."""
    path = f"{_filled(newsroom)}?lite=true"
    answer = newsroom.reader.get(path)
    page = parse(answer.text)
    assert not page.all("script")
    sheets = [link.attributes["href"] for link in page.all("link", rel="stylesheet")]
    weight = sum(_weight(newsroom, address) for address in (path, *sheets))
    print(f"in words {weight} bytes, the page alone {len(answer.content)} uncompressed")  # noqa: T201
    assert weight <= 15 * _KB


def test_what_is_made_small_says_the_same(newsroom: Newsroom) -> None:
    """The space before a pseudo-class stands for "in it": without it a rule is another's."""
    icon = parse(newsroom.reader.get("/").text).one("link", rel="icon").attributes["href"]
    inside = re.compile(r"[\w\])] :[a-z]")
    for sheet, parts in SHEETS.items():
        small = newsroom.reader.get(icon.replace("dateline.svg", sheet)).text
        written = "".join((STATIC / part).read_text() for part in parts)
        assert len(inside.findall(small)) == len(inside.findall(written)), sheet


def test_every_style_sheet_is_written_for_both_ways_of_reading() -> None:
    """No property names left or right: pages run either way."""
    sides = re.compile(r"(?:^|[-\s])(?:left|right)(?:-\w+)*\s*:|:\s*(?:left|right)\b", re.MULTILINE)
    for sheet in STATIC.rglob("*.css"):
        assert not sides.search(sheet.read_text()), sheet
