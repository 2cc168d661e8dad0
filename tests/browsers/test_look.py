"""How the pages stand in windows of all widths, on paper, and from right to left."""

import shutil
from pathlib import Path

import pytest

from tests.browsers.desk import until
from tests.browsers.sight import PageViewer
from tests.browsers.specimen import import_specimen, write_pictures
from tests.contract.newsrooms import running_newsroom

_SAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "theme"
_PATHS = ("/", "/coverages/flood", "/coverages/ar", "/coverages/flood/entries/quote")
_LITE = "/coverages/flood?lite=true"
_OVERHANG = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
_SHOWN = "(names) => names.filter((name) => document.querySelector(name)?.checkVisibility())"
_CHROME = [".skip", ".bar", ".key-events", ".tags", ".ways", "video"]


@pytest.mark.full("further widths", but=["360"])
@pytest.mark.parametrize("width", [320, 360, 390, 640, 1024, 1280, 2560])
def test_no_page_moves_sideways(viewer: PageViewer, width: int) -> None:
    """Wide tables and rows of pictures move by themselves; the page does not."""
    with viewer.window(viewport={"width": width, "height": 800}) as page:
        for path in (*_PATHS, _LITE):
            page.goto(path)
            assert page.evaluate(_OVERHANG) == 0, path


@pytest.mark.full("further widths")
def test_text_twice_as_large_still_fits(viewer: PageViewer) -> None:
    """A reader who has set a text of 200 % in the browser reads without moving sideways."""
    with viewer.window(viewport={"width": 640, "height": 800}) as page:
        for path in _PATHS:
            page.goto(path)
            page.evaluate("document.documentElement.style.fontSize = '200%'")
            assert page.evaluate(_OVERHANG) == 0, path


def test_a_wide_table_moves_by_itself_and_by_keys(viewer: PageViewer) -> None:
    """On a phone its last column is reached without a finger."""
    with viewer.open("/coverages/flood", viewport={"width": 360, "height": 800}) as page:
        table = page.locator("#entry-table .sideways")
        table.focus()
        assert table.evaluate("(frame) => frame.scrollWidth > frame.clientWidth")
        page.keyboard.press("ArrowRight")
        until(page, "document.activeElement.scrollLeft > 0")


def test_pictures_are_shown_whole_and_keep_their_room(viewer: PageViewer) -> None:
    """Whatever their shape and number: none is cut, and none moves what is below when it comes."""
    told = "i.getAttribute('width') / i.getAttribute('height')"
    shape = f"(all) => all.map((i) => [i.width / i.height, {told}])"
    for viewport in ({"width": 390, "height": 800}, {"width": 1280, "height": 800}):
        with viewer.open("/coverages/flood", viewport=viewport) as page:
            shapes = page.locator(".feed img").evaluate_all(shape)
            assert len(shapes) == 11
            for shown, expected in shapes:
                assert shown == pytest.approx(expected, rel=0.02)


@pytest.mark.full("a further look")
def test_paper_has_the_words_and_nothing_to_press(viewer: PageViewer) -> None:
    """And the addresses of what a text links to, which nobody can follow there."""
    with viewer.open("/coverages/flood", color_scheme="dark") as page:
        page.emulate_media(media="print")
        assert page.evaluate(_SHOWN, _CHROME) == []
        assert page.locator("#entry-warning").is_visible()
        after = "(link) => getComputedStyle(link, '::after').content"
        link = page.locator("#entry-rich .body a")
        assert "https://example.org/text" in link.evaluate(after)
        paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert paper == "rgb(255, 255, 255)"


@pytest.mark.full("a further look")
def test_the_marks_of_a_list_are_seen_whichever_way_an_item_runs(viewer: PageViewer) -> None:
    """Two scripts in one list, on the page and on the one in words: no mark is off the page."""
    with viewer.window(viewport={"width": 360, "height": 800}) as page:
        for path in ("/coverages/ar", "/coverages/flood"):
            for lite in ("", "?lite=true"):
                page.goto(path + lite)
                rooms = page.evaluate(
                    """() => {
                      const list = document.createElement("ul");
                      list.innerHTML = '<li dir="auto">one</li><li dir="auto">\u0627\u062b</li>';
                      const place = document.querySelector(".feed .body")
                        ?? document.querySelector("article");
                      place.append(list);
                      const edge = place.getBoundingClientRect();
                      return Array.from(list.children, (item) => {
                        const box = item.getBoundingClientRect();
                        const isRight = getComputedStyle(item).direction === "rtl";
                        const room = isRight ? edge.right - box.right : box.left - edge.left;
                        return room / parseFloat(getComputedStyle(item).fontSize);
                      });
                    }"""
                )
                assert len(rooms) == 2
                assert min(rooms) >= 1.2, path + lite


def test_a_page_from_right_to_left_is_the_mirror_of_the_other(viewer: PageViewer) -> None:
    """Key events and times stand at the side where reading begins."""
    begins = "(inner) => inner.getBoundingClientRect().left"
    with viewer.window(viewport={"width": 1280, "height": 800}) as page:
        for path, mirrored in (("/coverages/hy", False), ("/coverages/ar", True)):
            page.goto(path)
            for first, second in ((".key-events", ".timeline"), (".feed .stamp", ".feed .words")):
                places = [page.locator(name).first.evaluate(begins) for name in (first, second)]
                assert (places[0] > places[1]) is mirrored


@pytest.mark.full("a further look")
def test_letters_that_touch_are_not_drawn_together(viewer: PageViewer) -> None:
    """Headlines have no negative spacing in Arabic, Armenian and Georgian, and are no capitals."""
    told = "(e) => [getComputedStyle(e).letterSpacing, getComputedStyle(e).textTransform]"
    with viewer.window() as page:
        for path in ("/coverages/ar", "/coverages/hy", "/coverages/paused"):
            page.goto(path)
            for name in (".title", ".feed .headline"):
                spacing, transform = page.locator(name).first.evaluate(told)
                assert spacing in {"normal", "0px"}
                assert transform == "none"


_SHADOW = """async ([sheet, entry]) => {
  document.body.innerHTML = "<div lang=ar></div>";
  document.body.style.cssText = "font: 30px cursive; color: red; --accent: lime";
  const root = document.body.firstChild.attachShadow({ mode: "open" });
  root.innerHTML = `<link rel="stylesheet" href="${sheet}"><div class="ground"><div class="feed">`
    + `${entry}</div></div>`;
  await new Promise((done) => (root.firstChild.onload = done));
  const told = (name) => getComputedStyle(root.querySelector(name));
  return [told(".ground").backgroundColor, told(".headline").color, told(".mark-key").color,
    told(".body").fontFamily.includes("cursive")];
}"""


def test_an_entry_looks_the_same_inside_another_page(viewer: PageViewer) -> None:
    """In a shadow root of a page with colours and faces of its own, which it does not take."""
    with viewer.open("/coverages/flood") as page:
        sheet = page.locator("link[href$='/entry.css']").get_attribute("href")
        entry = page.locator("#entry-latest").evaluate("(e) => e.outerHTML")
    with viewer.open("/") as page:
        paper, ink, accent, foreign = page.evaluate(_SHADOW, [sheet, entry])
        assert (paper, ink) == ("rgb(255, 254, 251)", "rgb(22, 24, 27)")
        assert accent == "rgb(176, 16, 42)"
        assert not foreign


@pytest.mark.full("a server of its own")
def test_a_themes_colours_reach_the_reader(viewer: PageViewer, tmp_path: Path) -> None:
    """By day and by night, on the page as in its entries."""
    theme = tmp_path / "theme"
    write_pictures(theme)
    shutil.copytree(_SAMPLE, theme, dirs_exist_ok=True)
    with running_newsroom(tmp_path, theme_dir=str(theme)) as newsroom:
        import_specimen(newsroom, "flood")
        for scheme, paper, accent in (
            ("light", "rgb(255, 255, 255)", "rgb(0, 89, 122)"),
            ("dark", "rgb(13, 23, 29)", "rgb(124, 199, 232)"),
        ):
            with viewer.open(f"{newsroom.server.url}/coverages/flood", color_scheme=scheme) as page:
                colour = "(e, name) => getComputedStyle(e)[name]"
                body, mark = page.locator("body"), page.locator(".feed .mark-key").first
                assert body.evaluate(colour, "backgroundColor") == paper
                assert mark.evaluate(colour, "color") == accent
