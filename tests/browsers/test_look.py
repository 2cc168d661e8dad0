"""Layout of the pages at all widths, in print, and from right to left."""

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.browsers.desk import until
from tests.browsers.page_viewer import PageViewer
from tests.browsers.specimen import import_specimen, write_pictures
from tests.contract.newsrooms import running_newsroom

if TYPE_CHECKING:
    from playwright.sync_api import Route

_SAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "theme"
_PATHS = (
    *("/", "/coverages/flood", "/coverages/ar", "/coverages/flood/entries/quote"),
    *("/coverages/after", "/coverages/after-ar"),
)
_LITE = "/coverages/flood?lite=true"
_OVERHANG = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
_SHOWN = "(names) => names.filter((name) => document.querySelector(name)?.checkVisibility())"
# Of each picture the place and width on the page, its shape, the one of its attributes, and whether
# it is loaded.
_BOXES = """(pictures) => pictures.map((picture) => {
  const { top, left, width, height } = picture.getBoundingClientRect();
  const attributes = picture.getAttribute("width") / picture.getAttribute("height");
  const isLoaded = picture.complete && picture.naturalWidth > 0;
  return [top + scrollY, left, width, width / height, attributes, isLoaded];
})"""
_LOADED_BOXES = f"""async (pictures) => {{
  for (const picture of pictures) picture.loading = "eager";
  await Promise.all(pictures.map((picture) => picture.decode()));
  return ({_BOXES})(pictures);
}}"""
_SCREEN_ONLY = [".skip", ".bar", ".key-events", ".tags", ".ways", "video"]


@pytest.mark.full("further widths", but=["360"])
@pytest.mark.parametrize("width", [320, 360, 390, 640, 1024, 1280, 2560])
def test_no_page_moves_sideways(viewer: PageViewer, width: int) -> None:
    """No page scrolls horizontally, at any width."""
    with viewer.window(viewport={"width": width, "height": 800}) as page:
        for path in (*_PATHS, _LITE):
            page.goto(path)
            assert page.evaluate(_OVERHANG) == 0, path


@pytest.mark.full("further widths")
def test_text_twice_as_large_still_fits(viewer: PageViewer) -> None:
    """At a font size of 200 % no page scrolls horizontally."""
    with viewer.window(viewport={"width": 640, "height": 800}) as page:
        for path in _PATHS:
            page.goto(path)
            page.evaluate("document.documentElement.style.fontSize = '200%'")
            assert page.evaluate(_OVERHANG) == 0, path


def test_a_wide_table_moves_by_itself_and_by_keys(viewer: PageViewer) -> None:
    """A table wider than a phone scrolls inside its frame, by Tab and the arrow keys.

    The page does not move.
    """
    with viewer.open("/coverages/flood", viewport={"width": 360, "height": 800}) as page:
        table = page.locator("#entry-table .sideways")
        assert table.evaluate("(frame) => frame.scrollWidth > frame.clientWidth")
        assert table.evaluate("(frame) => frame.getBoundingClientRect().right <= innerWidth")
        page.locator("#entry-table").focus()
        for _ in range(page.locator("#entry-table a, #entry-table button").count() + 1):
            page.keyboard.press("Tab")
            if table.evaluate("(frame) => frame === document.activeElement"):
                break
        page.keyboard.press("ArrowRight")
        until(page, "document.querySelector('#entry-table .sideways').scrollLeft > 0")
        assert page.evaluate("scrollX") == 0
        assert page.evaluate(_OVERHANG) == 0


def test_pictures_are_shown_whole_and_keep_their_room(viewer: PageViewer) -> None:
    """Pictures are shown in their own aspect ratio, as their width and height attributes say.

    They have this room before they are loaded, so that nothing moves when they are.
    """
    held: list[Route] = []
    for viewport in ({"width": 390, "height": 800}, {"width": 1280, "height": 800}):
        with viewer.window(viewport=viewport) as page:
            page.route("**/*.svg", lambda route: held.append(route))  # noqa: PLW0108  no built-in
            page.goto("/coverages/flood", wait_until="domcontentloaded")
            pictures = page.locator(".feed img")
            before = pictures.evaluate_all(_BOXES)
            assert not any(is_loaded for *_, is_loaded in before)
            page.route("**/*.svg", lambda route: route.continue_())
            while held:
                held.pop().continue_()
            after = pictures.evaluate_all(_LOADED_BOXES)
            assert len(after) == 11
            for (*room, _), (*box, is_loaded) in zip(before, after, strict=True):
                assert is_loaded
                assert room == pytest.approx(box)
                *_, shape, expected = box
                assert shape == pytest.approx(expected, rel=0.02)


@pytest.mark.full("a further look")
def test_paper_has_the_words_and_nothing_to_press(viewer: PageViewer) -> None:
    """In print, navigation and controls are hidden, links show their URLs, and paper is white."""
    with viewer.open("/coverages/flood", color_scheme="dark") as page:
        page.emulate_media(media="print")
        assert page.evaluate(_SHOWN, _SCREEN_ONLY) == []
        assert page.locator("#entry-warning").is_visible()
        after = "(link) => getComputedStyle(link, '::after').content"
        link = page.locator("#entry-rich .body a")
        assert "https://example.org/text" in link.evaluate(after)
        background = page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert background == "rgb(255, 255, 255)"


@pytest.mark.full("a further look")
def test_the_marks_of_a_list_are_seen_whichever_way_an_item_runs(viewer: PageViewer) -> None:
    """List markers have room on the side where an item begins, in both directions of writing."""
    with viewer.window(viewport={"width": 360, "height": 800}) as page:
        for path in ("/coverages/ar", "/coverages/flood"):
            for lite in ("", "?lite=true"):
                page.goto(path + lite)
                marker_room = page.evaluate(
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
                assert len(marker_room) == 2
                assert min(marker_room) >= 1.2, path + lite


def test_a_page_from_right_to_left_is_the_mirror_of_the_other(viewer: PageViewer) -> None:
    """From right to left, key events and times are on the right side."""
    left_edge = "(inner) => inner.getBoundingClientRect().left"
    with viewer.window(viewport={"width": 1280, "height": 800}) as page:
        for path, mirrored in (("/coverages/hy", False), ("/coverages/ar", True)):
            page.goto(path)
            for first, second in ((".key-events", ".timeline"), (".feed .stamp", ".feed .words")):
                edges = [page.locator(name).first.evaluate(left_edge) for name in (first, second)]
                assert (edges[0] > edges[1]) is mirrored


@pytest.mark.full("a further look")
def test_letters_that_touch_are_not_drawn_together(viewer: PageViewer) -> None:
    """Headlines in Arabic, Armenian and Georgian have no letter spacing and no text transform."""
    measured = "(e) => [getComputedStyle(e).letterSpacing, getComputedStyle(e).textTransform]"
    with viewer.window() as page:
        for path in ("/coverages/ar", "/coverages/hy", "/coverages/paused"):
            page.goto(path)
            for name in (".title", ".feed .headline"):
                spacing, transform = page.locator(name).first.evaluate(measured)
                assert spacing in {"normal", "0px"}
                assert transform == "none"


_SHADOW = """async ([sheet, entry]) => {
  document.body.innerHTML = "<div lang=ar></div>";
  document.body.style.cssText = "font: 30px cursive; color: red; --accent: lime";
  const root = document.body.firstChild.attachShadow({ mode: "open" });
  root.innerHTML = `<link rel="stylesheet" href="${sheet}"><div class="ground"><div class="feed">`
    + `${entry}</div></div>`;
  await new Promise((done) => (root.firstChild.onload = done));
  const style = (name) => getComputedStyle(root.querySelector(name));
  return [style(".ground").backgroundColor, style(".headline").color, style(".mark-key").color,
    style(".body").fontFamily.includes("cursive")];
}"""


def test_an_entry_looks_the_same_inside_another_page(viewer: PageViewer) -> None:
    """Inside a shadow root an entry keeps its own colours and fonts."""
    with viewer.open("/coverages/flood") as page:
        sheet = page.locator("link[href$='/entry.css']").get_attribute("href")
        entry = page.locator("#entry-latest").evaluate("(e) => e.outerHTML")
    with viewer.open("/") as page:
        background, text_colour, accent, has_site_font = page.evaluate(_SHADOW, [sheet, entry])
        assert (background, text_colour) == ("rgb(255, 254, 251)", "rgb(22, 24, 27)")
        assert accent == "rgb(176, 16, 42)"
        assert not has_site_font


@pytest.mark.full("a server of its own")
def test_a_themes_colours_reach_the_reader(viewer: PageViewer, tmp_path: Path) -> None:
    """A theme's colours apply to the page and its entries, in light and dark mode."""
    theme = tmp_path / "theme"
    write_pictures(theme)
    shutil.copytree(_SAMPLE, theme, dirs_exist_ok=True)
    with running_newsroom(tmp_path, theme_dir=str(theme)) as newsroom:
        import_specimen(newsroom, "flood")
        for scheme, background, accent in (
            ("light", "rgb(255, 255, 255)", "rgb(0, 89, 122)"),
            ("dark", "rgb(13, 23, 29)", "rgb(124, 199, 232)"),
        ):
            with viewer.open(f"{newsroom.server.url}/coverages/flood", color_scheme=scheme) as page:
                colour = "(e, name) => getComputedStyle(e)[name]"
                body, key_mark = page.locator("body"), page.locator(".feed .mark-key").first
                assert body.evaluate(colour, "backgroundColor") == background
                assert key_mark.evaluate(colour, "color") == accent
