"""What axe finds on the pages, in every state that a reader may meet: nothing."""

from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import pytest

from tests.browsers.sight import Sight
from tests.browsers.specimen import import_specimen
from tests.conftest import Newsroom
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
    "index": ("/", {}),
    "index, dark": ("/", _DARK),
    "index, phone": ("/", _PHONE),
    "refusal": ("/coverages/none", {}),
    "refusal, dark": ("/coverages/none", _DARK),
    "lite": ("/coverages/flood?lite=true", {}),
    "lite, dark": ("/coverages/flood?lite=true", _DARK),
    "lite, Arabic, phone": ("/coverages/ar?lite=true", _PHONE),
    "lite, entry": ("/coverages/flood/entries/corrected?lite=true", {}),
}


@pytest.mark.parametrize("state", _STATES)
def test_axe_finds_nothing(sight: Sight, state: str) -> None:
    """Names, roles, order, contrast and targets hold in each state of each page."""
    path, manner = _STATES[state]
    with sight.of(path, **manner) as page:
        _check(page)


def test_what_waits_can_be_heard_seen_and_pressed(sight: Sight, flooded: Newsroom) -> None:
    """The button over the timeline, with everything that came while a reader read further down."""
    import_specimen(flooded, "waiting")
    for manner in ({}, _PHONE | _DARK):
        with sight.of("/coverages/waiting", **manner) as page:
            page.locator("[data-state=live]").wait_for()
            page.evaluate("scrollTo(0, document.body.scrollHeight)")
            path = "/v1/coverages/waiting/entries"
            flooded.editor.post(path, json={"headline": "The water falls"}).raise_for_status()
            button = page.locator(".waiting button")
            button.wait_for()
            box = button.bounding_box()
            assert box is not None
            assert box["height"] >= 44
            _check(page)


def _check(page: "Page") -> None:
    require("axe-playwright-python", find_spec("axe_playwright_python"))
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page, options=_OPTIONS)
    assert not found.response["violations"], found.generate_report()
