"""Accessibility checks by axe of the readers' pages, in every state."""

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.browsers.another_site import another_site
from tests.browsers.page_viewer import PageViewer
from tests.browsers.specimen import import_specimen
from tests.conftest import Newsroom
from tests.contract.newsrooms import new_slug, new_timeline
from tests.media.pictures import encoded, picture
from tests.media.sending import sent
from tests.servers import require

if TYPE_CHECKING:
    from playwright.sync_api import Page

_DARK = {"color_scheme": "dark"}
_PHONE = {"viewport": {"width": 390, "height": 844}}
_OPTIONS = {"resultTypes": ["violations"], "rules": {"target-size": {"enabled": True}}}
_STATES: dict[str, tuple[str, dict[str, Any]]] = {
    "page": ("/coverages/flood", {}),
    "page, dark": ("/coverages/flood", _DARK),
    "page, phone": ("/coverages/flood", _PHONE),
    "page, phone, dark": ("/coverages/flood", _PHONE | _DARK),
    "page, wide": ("/coverages/flood", {"viewport": {"width": 2560, "height": 1300}}),
    "page, high contrast": ("/coverages/flood", {"forced_colors": "active"}),
    "Arabic": ("/coverages/ar", {}),
    "Arabic, phone, dark": ("/coverages/ar", _PHONE | _DARK),
    "Armenian": ("/coverages/hy", {}),
    "Georgian, paused": ("/coverages/paused", {}),
    "closed": ("/coverages/over", {}),
    "key events": ("/coverages/flood?key_events=true", {}),
    "tag": ("/coverages/flood?tag=river", {}),
    "nothing": ("/coverages/flood?tag=none", {}),
    "oldest first": ("/coverages/flood?order=oldest", {}),
    "as of": ("/coverages/flood?at=2026-03-15T08:00:00Z", {}),
    "as of, dark": ("/coverages/flood?at=2026-03-15T08:00:00Z", _DARK),
    "entry": ("/coverages/flood/entries/corrected", {}),
    "entry, dark": ("/coverages/flood/entries/corrected", _DARK),
    "entry, phone": ("/coverages/flood/entries/roundup", _PHONE),
    "tombstone": ("/coverages/flood/entries/retracted", {}),
    "edition": ("/coverages/after", {}),
    "edition, phone, dark": ("/coverages/after", _PHONE | _DARK),
    "edition, Arabic": ("/coverages/after-ar", {}),
    "edition, Arabic, phone, dark": ("/coverages/after-ar", _PHONE | _DARK),
    "edition, Arabic, lite": ("/coverages/after-ar?lite=true", _PHONE),
    "index": ("/", {}),
    "index, dark": ("/", _DARK),
    "index, phone": ("/", _PHONE),
    "refusal": ("/coverages/none", {}),
    "refusal, dark": ("/coverages/none", _DARK),
    "difference": ("/coverages/flood?from=0", {}),
    "difference, phone, dark": ("/coverages/flood?from=0", _PHONE | _DARK),
    "difference, Arabic": ("/coverages/ar?from=0", {}),
    "difference, lite": ("/coverages/flood?from=0&lite=true", {}),
    "register": ("/coverages/flood/corrections", {}),
    "register, phone, dark": ("/coverages/flood/corrections", _PHONE | _DARK),
    "search": ("/coverages/flood/search?q=river", {}),
    "search, phone, dark": ("/coverages/flood/search?q=nothing", _PHONE | _DARK),
    "search, Arabic": ("/coverages/ar/search", _PHONE),
    "search, lite": ("/coverages/flood/search?q=river&lite=true", {}),
    "register, lite": ("/coverages/flood/corrections?lite=true", {}),
    "register, Arabic": ("/coverages/after-ar/corrections", {}),
    "register of all": ("/corrections", {}),
    "lite": ("/coverages/flood?lite=true", {}),
    "lite, dark": ("/coverages/flood?lite=true", _DARK),
    "lite, Arabic, phone": ("/coverages/ar?lite=true", _PHONE),
    "lite, entry": ("/coverages/flood/entries/corrected?lite=true", {}),
}


@pytest.mark.full(
    "further states",
    but=[
        "page, phone, dark",
        "edition, Arabic, phone, dark",
        "lite",
        "index",
        "difference, phone, dark",
        "register",
    ],
)
@pytest.mark.parametrize("state", _STATES)
def test_axe_finds_nothing(viewer: PageViewer, state: str) -> None:
    """Axe finds no violation, target sizes included, in each state of each page."""
    path, context_options = _STATES[state]
    with viewer.open(path, **context_options) as page:
        _check(page)


def test_claims_and_figures_can_be_read(viewer: PageViewer, specimen_newsroom: Newsroom) -> None:
    """Axe finds no violation where claims are doubted and figures differ, in words too.

    Nor does it in what has changed, and in the register of corrections.
    """
    timeline = new_timeline(specimen_newsroom, new_slug(), language="ar")
    source = {"name": "Ministry", "url": "https://mod.example/"}
    killed = {"metric": "killed", "group": "soldiers"}
    for number in (16, 31, 107):
        timeline.publish(
            None, figures=[{**killed, "low": number, "high": number, "source": source}]
        )
    entry = timeline.publish(
        "The village",
        claims=[{"source": source, "text": "We took it"}, {"source": "Mayor"}],
        figures=[
            {**killed, "low": 11, "high": 13, "source": "Centre"},
            *({"metric": "injured", "group": f"group {n}", "source": "Mayor"} for n in range(12)),
        ],
    )
    for target in ({"claim": entry["claims"][0]["id"]}, {"figure": 0}):
        doubt = {**target, "status": "disputed", "note": "Others deny it."}
        timeline.act(entry["id"], "assessment", doubt)
    for query, context_options in (
        ("", {}),
        ("", _PHONE | _DARK),
        ("?lite=true", _DARK),
        ("?from=0", _PHONE),
        ("?from=0", _DARK),
        ("/corrections", _PHONE | _DARK),
    ):
        with viewer.open(f"/coverages/{timeline.slug}{query}", **context_options) as page:
            page.evaluate("document.querySelectorAll('details').forEach((e) => e.open = true)")
            _check(page)


def test_covers_can_be_told_and_pressed(viewer: PageViewer, specimen_newsroom: Newsroom) -> None:
    """Axe finds no violation in covers of graphic pictures, closed and open."""
    timeline = new_timeline(specimen_newsroom, new_slug(), language="ar")
    media = [
        sent(specimen_newsroom.editor, encoded(picture()), alt="A wounded man", graphic="true")
        for _ in range(2)
    ]
    timeline.publish("At the hospital", media=[each["id"] for each in media])
    for context_options in ({}, _PHONE | _DARK):
        with viewer.open(f"/coverages/{timeline.slug}", **context_options) as page:
            _check(page)
            page.evaluate("document.querySelectorAll('details').forEach((e) => e.open = true)")
            _check(page)


def test_places_can_be_told_and_pressed(viewer: PageViewer, specimen_newsroom: Newsroom) -> None:
    """Axe finds no violation in the page of places, on a phone, in the dark and in words."""
    timeline = new_timeline(specimen_newsroom, new_slug(), language="ar")
    for number in range(3):
        timeline.publish(f"Number {number}", place={"name": "Pier 4", "lat": 53.54, "lon": 9.98})
    timeline.publish(None, body="Nobody is hurt.", language="en", place={"name": "Town hall"})
    for query, context_options in (("", {}), ("", _PHONE | _DARK), ("?lite=true", _PHONE)):
        with viewer.open(f"/coverages/{timeline.slug}/places{query}", **context_options) as page:
            _check(page)


@pytest.mark.full("each state is brought about")
def test_what_waits_can_be_heard_seen_and_pressed(
    viewer: PageViewer, specimen_newsroom: Newsroom
) -> None:
    """The button for waiting entries is at least 44 pixels high, and axe finds no violation."""
    import_specimen(specimen_newsroom, "waiting")
    for context_options in ({}, _PHONE | _DARK):
        with viewer.open("/coverages/waiting", **context_options) as page:
            page.locator("[data-state=live]").wait_for()
            page.evaluate("scrollTo(0, document.body.scrollHeight)")
            path = "/v1/coverages/waiting/entries"
            specimen_newsroom.editor.post(
                path, json={"headline": "The water falls"}
            ).raise_for_status()
            button = page.locator(".waiting button")
            button.wait_for()
            box = button.bounding_box()
            assert box is not None
            assert box["height"] >= 44
            _check(page)


@pytest.mark.full("each state is brought about")
def test_what_is_told_on_return_can_be_read_and_sent_away(
    viewer: PageViewer, specimen_newsroom: Newsroom
) -> None:
    """The summary of changes since the last visit passes axe and can be closed."""
    import_specimen(specimen_newsroom, "absent")
    long_ago = (
        "Object.entries(localStorage).forEach(([key, value]) => localStorage.setItem(key,"
        " JSON.stringify({ ...JSON.parse(value), at: 0 })))"
    )
    for context_options in ({}, _PHONE | _DARK):
        with viewer.open("/coverages/absent", **context_options) as page:
            page.locator("[data-state=live]").wait_for()
            page.goto("/")
            page.evaluate(long_ago)
            path = "/v1/coverages/absent/entries"
            specimen_newsroom.editor.post(
                path, json={"headline": "The water falls"}
            ).raise_for_status()
            page.goto("/coverages/absent")
            page.locator(".since").wait_for()
            _check(page)
            page.locator(".since .close").click()
            assert page.locator(".since").is_hidden()


@pytest.mark.full("each state is brought about")
def test_pictures_enlarged_can_be_told_and_left(viewer: PageViewer) -> None:
    """The dialog with enlarged pictures passes axe, and gives the focus back once closed."""
    for context_options in ({}, _PHONE):
        with viewer.open("/coverages/flood", **context_options) as page:
            page.locator("[data-state=live]").wait_for()
            picture = page.locator(".gallery a.picture").first
            picture.focus()
            page.keyboard.press("Enter")
            page.locator("dialog[open]").wait_for()
            _check(page)
            page.keyboard.press("Escape")
            page.locator("dialog[open]").wait_for(state="detached")
            assert picture.evaluate("(link) => link === document.activeElement")


@pytest.mark.full("further pages", but=["over, phone, dark"])
@pytest.mark.parametrize("state", ["over", "over, phone, dark", "over-ar"])
def test_a_playback_can_be_told_and_pressed(
    viewer: PageViewer, specimen_newsroom: Newsroom, state: str
) -> None:
    """The controls of a playback pass axe, target sizes included."""
    slug = state.partition(",")[0]
    if slug == "over-ar":
        import_specimen(specimen_newsroom, slug, "closed", "ar")
    context_options = _PHONE | _DARK if "phone" in state else {}
    with viewer.open(f"/coverages/{slug}", reduced_motion="reduce", **context_options) as page:
        page.locator("a.playback").click()
        page.locator(".playback-bar").wait_for()
        _check(page)


@pytest.mark.full("each state is brought about")
def test_a_coverage_in_another_page_is_as_clear(
    viewer: PageViewer, specimen_newsroom: Newsroom, tmp_path: Path
) -> None:
    """Embeds in both directions of writing pass axe, in light and dark mode."""
    embed_url = f"{specimen_newsroom.server.url}/embed.js"
    scripts = (
        f'<script async src="{embed_url}" data-coverage="{slug}"></script>'
        for slug in ("flood", "ar")
    )
    (tmp_path / "story.html").write_text(
        '<!DOCTYPE html><html lang="en"><title>A story</title><body><main><h1>A story</h1>'
        f"{''.join(scripts)}</main>"
    )
    with another_site(tmp_path) as site:
        for context_options in ({}, _PHONE | _DARK):
            with viewer.open(f"{site}/story.html", **context_options) as page:
                page.locator("dateline-coverage .entry").nth(12).wait_for()
                _check(page)


def _check(page: "Page") -> None:
    require("axe-playwright-python", find_spec("axe_playwright_python"))
    from axe_playwright_python.sync_playwright import Axe

    results = Axe().run(page, options=_OPTIONS)
    assert not results.response["violations"], results.generate_report()
