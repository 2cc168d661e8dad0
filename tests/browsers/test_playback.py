"""A playback: a closed or past page is played again, from moment to moment."""

import time
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from tests.browsers.page_viewer import PageViewer
from tests.browsers.specimen import import_specimen
from tests.conftest import Newsroom
from tests.contract.newsrooms import new_slug, new_timeline
from tests.contract.timeline import Timeline

if TYPE_CHECKING:
    from playwright.sync_api import Page

_PAUSED = {"reduced_motion": "reduce"}  # then a playback does not start by itself


def _begin(page: "Page") -> None:
    page.locator("a.playback").click()
    page.locator(".playback-bar .playback-time").wait_for()


def _value(page: "Page") -> int:
    """Return the seconds from the first moment to the one that is shown."""
    return int(page.locator(".playback-bar input").input_value())


def _press(page: "Page", key: str) -> int:
    """Press a key that leads to another moment; returns its seconds."""
    before = _value(page)
    page.locator(".playback-bar input").press(key)
    page.wait_for_function(f"document.querySelector('.playback-bar input').value !== '{before}'")
    return _value(page)


def _ids(page: "Page") -> list[str]:
    ids: list[str] = page.evaluate(
        "[...document.querySelectorAll('.days .entry')].map((each) => each.dataset.entry)"
    )
    return ids


def _expect_ids(page: "Page", ids: list[str]) -> None:
    """Wait until these entries are shown, and no others."""
    page.wait_for_function(
        "(ids) => [...document.querySelectorAll('.days .entry')]"
        ".map((each) => each.dataset.entry).join() === ids.join()",
        arg=ids,
    )


def test_each_step_shows_what_the_page_showed_then(
    viewer: PageViewer, specimen_newsroom: Newsroom
) -> None:
    """Step by step to the end and back, the entries are those of the page as of that moment."""
    timeline = Timeline(specimen_newsroom, "over")
    first = datetime.fromisoformat(timeline.journal()[0]["at"])
    moments = sorted({datetime.fromisoformat(event["at"]) for event in timeline.journal()})
    seconds = [int((moment - first).total_seconds()) for moment in moments]
    with viewer.open("/coverages/over", **_PAUSED) as page:
        _begin(page)
        assert _value(page) == seconds[0]
        for key, steps in (("ArrowRight", seconds[1:]), ("ArrowLeft", seconds[-2::-1])):
            for second in steps:
                assert _press(page, key) == second
                at = (first + timedelta(seconds=second)).isoformat()
                _expect_ids(page, timeline.shown(at=at))
        assert _press(page, "End") == seconds[-1]
        _expect_ids(page, timeline.shown())
        assert page.locator(".playback-bar input").get_attribute("aria-valuetext") == (
            "15 March 2026, 10:50:00 UTC"
        )


def test_a_silence_of_hours_is_cut(viewer: PageViewer) -> None:
    """Even at its own speed a playback goes on from one evening to the next morning."""
    with viewer.open("/coverages/over", **_PAUSED) as page:
        _begin(page)
        page.locator(".playback-bar select").select_option("1")
        page.locator(".playback-bar .play").click()
        page.locator("#entry-table").wait_for()
        status = page.locator(".playback-bar [role=status]")
        page.wait_for_function("(element) => element.textContent", arg=status.element_handle())
        page.locator(".playback-bar input").press("Space")
        assert page.locator(".playback-bar .play").text_content() == "Play"


def test_a_playback_starts_at_once_unless_the_reader_wants_it_still(viewer: PageViewer) -> None:
    """A playback starts by itself, except for who prefers reduced motion."""
    for context_options, label in (({}, "Pause"), (_PAUSED, "Play")):
        with viewer.open("/coverages/over", **context_options) as page:
            _begin(page)
            page.locator(".playback-bar .play", has_text=label).wait_for()


def test_from_a_past_page_it_goes_on_from_there(viewer: PageViewer) -> None:
    """On a past page the playback begins with the next moment, and ends on the present page."""
    with viewer.open("/coverages/flood?at=2026-03-15T08:05:00Z", **_PAUSED) as page:
        assert page.locator("#entry-two").count() == 0
        _begin(page)
        page.locator("#entry-two").wait_for()
        assert _ids(page)[:2] == ["two", "one"]
        page.locator(".playback-bar .leave").click()
        page.wait_for_url("**/coverages/flood")


def test_where_writing_runs_to_the_left_so_do_the_arrows(
    viewer: PageViewer, specimen_newsroom: Newsroom
) -> None:
    """From right to left, the left arrow leads on and the right one back; days have their names."""
    import_specimen(specimen_newsroom, "played-ar", "closed", "ar")
    with viewer.open("/coverages/played-ar", **_PAUSED) as page:
        _begin(page)
        second = _press(page, "ArrowLeft")
        assert second > 0
        page.locator(".day .entry").wait_for()
        made_by_script = page.locator(".day-name").text_content()
        assert _press(page, "ArrowRight") == 0
        _press(page, "End")
        made_by_server = page.locator(".day-name").text_content()
        assert (made_by_script or "").strip() == (made_by_server or "").strip()


def test_what_is_retracted_meanwhile_is_not_played(
    viewer: PageViewer, specimen_newsroom: Newsroom
) -> None:
    """A retraction changes what is shown at once, and what is loaded but still to come."""
    import_specimen(specimen_newsroom, "played", "closed")
    timeline = Timeline(specimen_newsroom, "played")
    with viewer.open("/coverages/played", **_PAUSED) as page:
        _begin(page)
        for _ in range(2):  # the second step has loaded what comes after it
            _press(page, "ArrowRight")
        timeline.retract("table", "It was a drill.")
        timeline.retract("warning", "It was not so.")
        page.locator("#entry-warning.tombstone").wait_for()
        assert "Flood warning" not in (page.locator("main").text_content() or "")
        _press(page, "ArrowRight")
        page.locator("#entry-table.tombstone").wait_for()
        assert "The figures so far" not in (page.locator("main").text_content() or "")


def test_the_figures_are_those_of_the_moment(
    viewer: PageViewer, specimen_newsroom: Newsroom
) -> None:
    """The section of figures follows from moment to moment, and loses at once what is retracted."""
    timeline = new_timeline(specimen_newsroom, new_slug())
    ids = []
    for number in (104, 107, 112):
        time.sleep(1)  # a moment is a second
        killed = {"metric": "killed", "low": number, "high": number, "source": "Ministry"}
        ids.append(timeline.publish(f"Killed: {number}", figures=[killed])["id"])
    timeline.change(status="closed")
    figures = "document.querySelector('.figures').innerText"
    with viewer.open(f"/coverages/{timeline.slug}", **_PAUSED) as page:
        _begin(page)
        assert page.locator("section.figures").is_hidden()
        for number in (104, 107, 112):
            _press(page, "ArrowRight")
            page.locator(".figures .value", has_text=str(number)).wait_for()
        timeline.retract(ids[2])
        page.wait_for_function(f"!{figures}.includes('112') && {figures}.includes('107')")
        _press(page, "Home")
        page.wait_for_function("document.querySelector('.figures').hidden")
