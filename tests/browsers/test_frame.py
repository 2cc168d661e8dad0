"""A coverage in a frame of another site, as oEmbed tells it, and in a page with hostile styles."""

from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.browsers.another_site import another_site
from tests.conftest import Newsroom
from tests.contract.newsrooms import new_slug, new_timeline
from tests.contract.timeline import Timeline

if TYPE_CHECKING:
    from playwright.sync_api import Browser as ChromiumBrowser
    from playwright.sync_api import Page, Route

# The listener is the one of docs/reference/embed.md.
_LISTENER = (
    (Path(__file__).parents[2] / "docs/reference/embed.md")
    .read_text()
    .partition("<script>\n")[2]
    .partition("</script>")[0]
)
_HOSTILE = """
  * { color: red !important; font: italic 900 40px/3 fantasy !important; direction: rtl !important;
      text-transform: uppercase !important; letter-spacing: 9px !important; text-align: right
      !important; visibility: hidden !important; white-space: pre !important; cursor: wait
      !important; word-spacing: 2em !important; text-indent: 5em !important }
  :root { font-size: 40px; --ink: red; writing-mode: vertical-rl }
  a, h1, article, section { all: unset !important; display: none !important }
"""
_INSIDE = (
    "(names) => { const inside = document.querySelector('dateline-coverage').shadowRoot;"
    " return names.map((name) => ['.headline', '.body p', '.foot a'].map((selector) =>"
    " getComputedStyle(inside.querySelector(selector))[name])); }"
)
_INHERITED = (
    *("color", "fontFamily", "fontSize", "fontStyle", "fontWeight", "lineHeight", "direction"),
    *("textTransform", "letterSpacing", "textAlign", "visibility", "whiteSpace", "cursor"),
    *("wordSpacing", "textIndent", "writingMode"),
)


@pytest.fixture
def timeline(quiet_newsroom: Newsroom) -> Timeline:
    """A coverage with one entry."""
    timeline = new_timeline(quiet_newsroom, new_slug(), title="Floods")
    timeline.publish("The river rises", body="[On](/coverages/any) the river")
    return timeline


@pytest.fixture
def site(chromium: "ChromiumBrowser", tmp_path: Path) -> Iterator[tuple["Page", str, Path]]:
    """A page of a browser, and another site: its URL and its folder."""
    context = chromium.new_context()
    context.set_default_timeout(15_000)
    with another_site(tmp_path) as url:
        yield context.new_page(), url, tmp_path
        context.close()


def _oembed(newsroom: Newsroom, timeline: Timeline) -> str:
    address = f"{newsroom.server.url}/coverages/{timeline.slug}"
    code: str = newsroom.reader.get("/oembed", params={"url": address}).json()["html"]
    return code


def test_a_frame_follows_the_coverage_and_fits_its_height(
    site: tuple["Page", str, Path], quiet_newsroom: Newsroom, timeline: Timeline
) -> None:
    """What oEmbed says shows new entries as they come; the documented listener sets its height.

    No scroll bar is left, and no error of the content security policy is reported.
    """
    page, url, folder = site
    code = _oembed(quiet_newsroom, timeline)
    listener = _LISTENER.replace("https://live.example.org", quiet_newsroom.server.url)
    icon = '<link rel="icon" href="data:,">'  # else the browser asks the site for one: an error
    markup = f"<!DOCTYPE html>{icon}<h1>A story</h1>{code}<script>{listener}</script>"
    (folder / "story.html").write_text(markup)
    errors: list[str] = []
    page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
    page.goto(f"{url}/story.html")
    frame = page.frame_locator("iframe")
    frame.get_by_text("The river rises").wait_for()
    height = "document.querySelector('iframe').height"
    page.wait_for_function(f"{height} !== '800'")
    before = int(page.evaluate(height))
    timeline.publish("The bridge holds", body="Nobody was hurt.\n\n" * 5)
    frame.get_by_text("The bridge holds").wait_for()
    page.wait_for_function(f"{height} > {before}")
    root = frame.locator("html")
    assert root.evaluate("(root) => root.scrollHeight <= root.clientHeight")
    timeline.change(title="The floods")
    frame.get_by_role("heading", name="The floods").wait_for()
    assert errors == []


def test_a_link_in_a_frame_opens_outside_it(
    site: tuple["Page", str, Path], quiet_newsroom: Newsroom, timeline: Timeline
) -> None:
    """A frame keeps its coverage: links open in a page of their own, since none may be framed."""
    page, url, folder = site
    (folder / "story.html").write_text(_oembed(quiet_newsroom, timeline))
    page.goto(f"{url}/story.html")
    with page.expect_popup() as opened:
        page.frame_locator("iframe").get_by_role("link", name="All updates").click()
    opened.value.wait_for_load_state()
    assert opened.value.url == f"{quiet_newsroom.server.url}/coverages/{timeline.slug}"


def test_a_frame_says_why_its_coverage_is_gone(
    site: tuple["Page", str, Path], quiet_newsroom: Newsroom, timeline: Timeline
) -> None:
    """The frame of a coverage that is withdrawn shows the note; its links open outside it."""
    page, url, folder = site
    (folder / "story.html").write_text(_oembed(quiet_newsroom, timeline))
    page.goto(f"{url}/story.html")
    frame = page.frame_locator("iframe")
    frame.get_by_text("The river rises").wait_for()
    address = f"/v1/coverages/{timeline.slug}/withdrawal"
    quiet_newsroom.chief.put(address, json={"note": "By order."}).raise_for_status()
    for _ in range(2):
        frame.get_by_text("By order.").wait_for()
        page.reload()
    with page.expect_popup() as opened:
        frame.get_by_role("link", name="All live coverage").click()
    assert opened.value.url == f"{quiet_newsroom.server.url}/"


def test_a_frame_in_a_sandbox_is_live_too(
    site: tuple["Page", str, Path], quiet_newsroom: Newsroom, timeline: Timeline
) -> None:
    """Sites that sandbox what oEmbed says (`allow-scripts` alone) get a live coverage."""
    page, url, folder = site
    code = _oembed(quiet_newsroom, timeline).replace("<iframe ", '<iframe sandbox="allow-scripts" ')
    (folder / "story.html").write_text(code)
    page.goto(f"{url}/story.html")
    frame = page.frame_locator("iframe")
    frame.get_by_text("The river rises").wait_for()
    timeline.publish("The bridge holds")
    frame.get_by_text("The bridge holds").wait_for()


def test_a_frame_waits_for_a_server_that_is_away(
    site: tuple["Page", str, Path], quiet_newsroom: Newsroom, timeline: Timeline
) -> None:
    """A frame that has to begin anew asks until the server is back, and shows what it has so long.

    An error page would stay in it.
    """
    page, url, folder = site
    asked: list[str] = []

    def answer(route: "Route") -> None:
        asked.append(route.request.resource_type)
        if len(asked) == 2:
            route.fulfill(status=503, content_type="application/problem+json", body="{}")
        else:
            route.continue_()

    def stream(route: "Route") -> None:
        if asked.count("document") > 1:
            route.continue_()
        else:
            details = '{"reason": "unknown-cursor", "cursor": "aaaaaaaa-1"}'
            reset = f"event: reset\ndata: {details}\n\n"
            route.fulfill(content_type="text/event-stream", body=reset)

    page.route("**/embed", answer)
    page.route("**/events?*", stream)
    (folder / "story.html").write_text(_oembed(quiet_newsroom, timeline))
    page.goto(f"{url}/story.html")
    frame = page.frame_locator("iframe")
    frame.get_by_text("The river rises").wait_for()
    timeline.publish("The bridge holds")
    frame.get_by_text("The bridge holds").wait_for()
    assert asked == ["document", "fetch", "fetch", "document"]


def test_a_frame_without_its_stream_says_so_and_begins_anew(
    site: tuple["Page", str, Path], quiet_newsroom: Newsroom, timeline: Timeline
) -> None:
    """If a module cannot be loaded, the updates and the link stay, and it is tried again later."""
    page, url, folder = site
    page.clock.install()
    page.route("**/tabs.js", lambda route: route.abort())
    (folder / "story.html").write_text(_oembed(quiet_newsroom, timeline))
    page.goto(f"{url}/story.html")
    frame = page.frame_locator("iframe")
    frame.get_by_text("Reconnecting…").wait_for()
    assert frame.get_by_text("The river rises").is_visible()
    assert frame.get_by_role("link", name="All updates").is_visible()
    timeline.publish("The bridge holds")
    page.unroute("**/tabs.js")
    page.clock.run_for(90_000)
    frame.get_by_text("The bridge holds").wait_for()
    frame.get_by_text("Reconnecting…").wait_for(state="hidden")


def test_nothing_is_inherited_from_a_hostile_page(
    site: tuple["Page", str, Path], quiet_newsroom: Newsroom, timeline: Timeline
) -> None:
    """`!important` rules on everything, other directions and sizes do not change the embed."""
    page, url, folder = site
    script = f'<script src="{quiet_newsroom.server.url}/embed.js" data-coverage="{timeline.slug}">'
    found = []
    for style in ("", _HOSTILE):
        markup = f"<!DOCTYPE html><style>{style}</style><h1>A story</h1>{script}</script>"
        (folder / "story.html").write_text(markup)
        page.goto(f"{url}/story.html")
        page.locator("dateline-coverage .headline").wait_for()
        found.append(page.evaluate(_INSIDE, _INHERITED))
    for name, quiet, hostile in zip(_INHERITED, *found, strict=True):
        assert quiet == hostile, name


@pytest.mark.parametrize(
    ("of_page", "of_script", "expected"),
    [
        ("", "", "light"),
        ('<meta name="color-scheme" content="light dark">', "", "dark"),
        ("<style>:root { color-scheme: light dark }</style>", "", "dark"),
        ("<style>:root { color-scheme: light dark }</style>", "light", "light"),
        ("", "dark", "dark"),
    ],
)
def test_an_embed_has_the_pages_colour_scheme(
    chromium: "ChromiumBrowser",
    quiet_newsroom: Newsroom,
    timeline: Timeline,
    tmp_path: Path,
    of_page: str,
    of_script: str,
    expected: str,
) -> None:
    """A reader's dark scheme applies if the page has one, unless `data-scheme` names another."""
    own = f'data-scheme="{escape(of_script)}"' if of_script else ""
    source = f"{quiet_newsroom.server.url}/embed.js"
    script = f'<script src="{source}" data-coverage="{timeline.slug}" {own}></script>'
    (tmp_path / "story.html").write_text(f"<!DOCTYPE html>{of_page}<h1>A story</h1>{script}")
    context = chromium.new_context(color_scheme="dark")
    page = context.new_page()
    with another_site(tmp_path) as url:
        page.goto(f"{url}/story.html")
        section = page.locator("dateline-coverage .embed")
        section.wait_for()
        paper = section.evaluate("(section) => getComputedStyle(section).backgroundColor")
    context.close()
    assert paper == {"light": "rgb(255, 254, 251)", "dark": "rgb(19, 21, 24)"}[expected]


def test_an_embed_asks_once_for_what_does_not_exist(
    site: tuple["Page", str, Path], quiet_newsroom: Newsroom
) -> None:
    """After Dateline's 404 an embed shows the link and sends no further request.

    It is asked again after a 404 of a proxy, which finds no server while that restarts.
    """
    page, url, folder = site
    source = f"{quiet_newsroom.server.url}/embed.js"
    script = '<script src="{}" data-coverage="{}"></script>'
    (folder / "story.html").write_text(
        "<h1>A story</h1>" + script.format(source, "nowhere") + script.format(source, "elsewhere")
    )
    asked: list[str] = []
    page.clock.install()
    page.route("**/coverages/elsewhere/embed?*", lambda route: route.fulfill(status=404))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{url}/story.html")
    page.locator("dateline-coverage a").nth(1).wait_for()
    for _ in range(3):
        with page.expect_response("**/coverages/elsewhere/embed?*"):
            page.clock.run_for(120_000)
    assert sum("/nowhere/embed" in each for each in asked) == 1
