"""Themes: a newsroom changes templates, styles and files without a fork."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from app.reader.pages import STATIC
from app.reader.stylesheets import PAGE_STYLESHEETS, STYLESHEETS
from tests.conftest import Newsroom
from tests.contract.newsrooms import new_timeline, running_newsroom
from tests.dateline import DatelineServer
from tests.formats.parsed import parse

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "docs" / "examples" / "theme"
REFERENCE = ROOT / "docs" / "reference" / "themes.md"
PAGES = ("/", "/coverages/themed", "/coverages/none")


@pytest.fixture(scope="module")
def themed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Newsroom]:
    """A newsroom with the sample theme, extended by a static file, a style part and a template."""
    theme = tmp_path_factory.mktemp("theme") / "courier"
    shutil.copytree(SAMPLE, theme)
    (theme / "static" / "dateline.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    (theme / "static" / "page").mkdir()
    (theme / "static" / "page" / "print.css").write_text("@media print { body { color: navy } }")
    entry = '{% extends "dateline/entry.html" %}'
    (theme / "templates" / "entry.html").write_text(f"{entry}{{# ours #}}")
    base = (theme / "templates" / "base.html").read_text()
    counter = '<script src="https://stats.example.org/count.js"></script>'
    slots = ("analytics", "consent", "advert_above", "advert_below")
    (theme / "templates" / "base.html").write_text(
        base
        + "".join(
            f'{{% block {slot} %}}<i class="{slot}"></i>{{% endblock %}}' for slot in slots
        ).replace('<i class="analytics"></i>', counter)
    )
    (theme / "templates" / "words.html").write_text("<p>{{ entry.headline }} (Courier)</p>")
    folder = tmp_path_factory.mktemp("themed")
    hosts = "https://stats.example.org, scripts=https://cdn.example.net"
    with running_newsroom(
        folder, theme_dir=str(theme), name="Orle Courier", csp_hosts=hosts
    ) as newsroom:
        new_timeline(newsroom, "themed").publish("Water falls")
        yield newsroom


def _page(newsroom: Newsroom, path: str):
    return parse(newsroom.reader.get(path, headers={"Accept": "text/html"}).text)


def _sheets(page) -> list[str]:
    return [link.attributes["href"] for link in page.all("link", rel="stylesheet")]


@pytest.mark.parametrize("path", PAGES)
def test_a_themes_style_sheet_has_the_last_word(themed: Newsroom, path: str) -> None:
    """On every page, the theme's style sheet is linked after the two built-in ones."""
    *builtin, theme_sheet = _sheets(_page(themed, path))
    assert [address.rpartition("/")[2] for address in builtin] == list(PAGE_STYLESHEETS)
    assert theme_sheet.endswith("/theme.css")
    assert "Source Serif 4" in themed.reader.get(theme_sheet).text


@pytest.mark.parametrize("path", PAGES)
def test_a_template_may_extend_the_one_that_it_replaces(themed: Newsroom, path: str) -> None:
    """A theme's template may extend the built-in one; blocks that it does not override stay."""
    page = _page(themed, path)
    logo = page.one("header", "masthead").one("img").attributes
    assert logo["alt"] == "Orle Courier"
    assert themed.reader.get(logo["src"]).headers["content-type"] == "image/svg+xml"
    assert page.one("main")


def test_a_template_holds_for_the_stream_too(themed: Newsroom) -> None:
    """A theme's template renders the entries of the page and of the HTML stream."""
    assert "Water falls (Courier)" in themed.reader.get("/coverages/themed").text
    stream = "/v1/coverages/themed/events?after=0&format=html"
    headers = {"Accept": "text/event-stream"}
    with themed.reader.stream("GET", stream, headers=headers) as events:
        assert any("Water falls (Courier)" in line for line in events.iter_lines())


def test_a_file_takes_the_place_of_ours(themed: Newsroom) -> None:
    """A theme replaces a static file, and a part of a style sheet."""
    icon = _page(themed, "/").one("link", rel="icon").attributes["href"]
    assert "rect" not in themed.reader.get(icon).text
    sheet = themed.reader.get(_sheets(_page(themed, "/"))[1]).text
    assert "color:navy" in sheet
    assert "@page" not in sheet


@pytest.mark.full("a process of its own")
def test_a_template_that_cannot_be_read_stops_the_server_with_one_line(tmp_path: Path) -> None:
    """A template with a syntax error stops the server at its start.

    The one line that it prints names the setting and the file.
    """
    broken = tmp_path / "theme" / "templates" / "head.html"
    broken.parent.mkdir(parents=True)
    broken.write_text("{% if coverage %}")
    server = DatelineServer(tmp_path, theme_dir=str(tmp_path / "theme"))
    completed = server.command("serve", check=False)
    assert completed.returncode != 0
    (line,) = completed.stderr.splitlines()
    assert "DATELINE_THEME_DIR" in line
    assert str(broken) in line


def test_every_variable_is_in_the_reference() -> None:
    """The reference names exactly the CSS variables that are declared or have a default."""
    declared = set()
    for part in STATIC.rglob("*.css"):
        declared |= set(re.findall(r"^\s+(--[a-z-]+):", part.read_text(), re.MULTILINE))
        declared |= set(re.findall(r"var\((--[a-z-]+), ", part.read_text()))
    rows = re.findall(r"^\| `(--[a-z-]+)` \|", REFERENCE.read_text(), re.MULTILINE)
    assert sorted(rows) == sorted(declared)


def test_every_variable_that_is_used_is_there() -> None:
    """Every CSS variable in use is declared. A misspelt one would be the browser's default."""
    declared = set(re.findall(r"`(--[a-z-]+)`", REFERENCE.read_text()))
    for part in STATIC.rglob("*.css"):
        assert set(re.findall(r"var\((--[a-z-]+)", part.read_text())) <= declared, part


def test_the_reference_tells_the_colours_as_they_are() -> None:
    """The reference has the colours of the style sheet, for the light and the dark scheme."""
    light, dark = (STATIC / "entry" / "variables.css").read_text().split("@media", 1)
    rows = re.findall(
        r"^\| `(--[a-z-]+)` \| `(#\w+)` \| `(#\w+)` \|", REFERENCE.read_text(), re.MULTILINE
    )
    assert len(rows) == light.count(": #")
    for name, light_value, dark_value in rows:
        assert f"{name}: {light_value};" in light
        assert f"{name}: {dark_value};" in dark


def test_every_part_of_a_style_sheet_is_in_the_reference() -> None:
    """The reference names every style sheet part, and every part belongs to a style sheet."""
    text = REFERENCE.read_text()
    parts = {path.relative_to(STATIC).as_posix() for path in STATIC.glob("*/*.css")}
    assert parts == {part for sheet in STYLESHEETS.values() for part in sheet}
    for part in parts:
        assert f"`{part}`" in text or f"`{Path(part).name}`" in text


def test_a_page_without_a_theme_links_none(newsroom: Newsroom) -> None:
    """Without a theme, a page links two minified style sheets that are cached as immutable."""
    sheets = _sheets(_page(newsroom, "/"))
    assert len(sheets) == len(PAGE_STYLESHEETS)
    for sheet in sheets:
        answer: httpx.Response = newsroom.reader.get(sheet)
        assert answer.headers["content-type"] == "text/css; charset=utf-8"
        assert "immutable" in answer.headers["cache-control"]
        assert "/*" not in answer.text


def test_a_request_for_the_icon_of_a_site_finds_it(themed: Newsroom, newsroom: Newsroom) -> None:
    """`/favicon.ico`, which browsers request unasked, is the icon of the pages, a theme's too."""
    for each, is_themed in ((newsroom, False), (themed, True)):
        answer = each.reader.get("/favicon.ico").raise_for_status()
        assert answer.headers["content-type"] == "image/svg+xml"
        assert ("rect" not in answer.text) == is_themed


@pytest.mark.parametrize("path", PAGES)
def test_named_services_fill_the_slots_of_readers_pages(themed: Newsroom, path: str) -> None:
    """A theme puts a counter and adverts into every page, whose policy permits the named hosts."""
    answer = themed.reader.get(path, headers={"Accept": "text/html"})
    page = parse(answer.text)
    for slot in ("consent", "advert_above", "advert_below"):
        assert page.one("i", slot)
    assert "https://stats.example.org/count.js" in answer.text
    policy = dict(
        part.strip().split(" ", 1) for part in answer.headers["content-security-policy"].split(";")
    )
    for kind in ("script-src", "frame-src", "img-src", "connect-src"):
        assert "https://stats.example.org" in policy[kind].split()
        assert ("https://cdn.example.net" in policy[kind].split()) == (kind == "script-src")


def test_other_pages_know_nothing_of_these_services(themed: Newsroom) -> None:
    """The desk, the text-only page and the embed have no slots, and permit no other host."""
    for path in ("/desk/sign-in", "/coverages/themed?lite=true", "/coverages/themed/embed"):
        answer = themed.reader.get(path).raise_for_status()
        assert "advert" not in answer.text
        assert "stats.example.org" not in answer.text + str(answer.headers)
