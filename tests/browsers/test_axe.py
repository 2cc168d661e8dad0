"""What axe finds on the pages, in every state that a reader may meet: nothing."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import pytest

from tests.browsers.specimen import archive, write_pictures
from tests.conftest import Newsroom
from tests.contract.newsrooms import running_newsroom
from tests.servers import require

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

_COVERAGES = [("flood", "live", "en"), ("over", "closed", "en"), ("paused", "paused", "ka")]
_COVERAGES += [(language, "live", language) for language in ("ar", "hy")]
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


@pytest.fixture(scope="module")
def chromium() -> Iterator["Browser"]:
    """A Chromium without a page yet: each state is a context of its own."""
    require("playwright", find_spec("playwright"))
    require("axe-playwright-python", find_spec("axe_playwright_python"))
    program = require("chromium", shutil.which("chromium") or shutil.which("chromium-browser"))
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        process = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield process
        process.close()


@pytest.fixture(scope="module")
def flooded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Newsroom]:
    """A newsroom with a specimen of everything, and a few entries in other scripts."""
    theme = tmp_path_factory.mktemp("theme")
    write_pictures(theme)
    folder = tmp_path_factory.mktemp("flooded")
    with running_newsroom(folder, theme_dir=str(theme)) as newsroom:
        for coverage in _COVERAGES:
            _import(newsroom, *coverage)
        yield newsroom


@pytest.mark.parametrize("state", _STATES)
def test_axe_finds_nothing(chromium: "Browser", flooded: Newsroom, state: str) -> None:
    """Names, roles, order, contrast and targets hold in each state of each page."""
    path, manner = _STATES[state]
    with _opened(chromium, flooded, path, manner) as page:
        _check(page)


def test_what_waits_can_be_heard_seen_and_pressed(chromium: "Browser", flooded: Newsroom) -> None:
    """The button over the timeline, with everything that came while a reader read further down."""
    _import(flooded, "waiting")
    for manner in ({}, _PHONE | _DARK):
        with _opened(chromium, flooded, "/coverages/waiting", manner) as page:
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


def _import(newsroom: Newsroom, *coverage: str) -> None:
    headers = {"Content-Type": "application/x-ndjson"}
    answer = newsroom.chief.post("/v1/imports", content=archive(*coverage), headers=headers)
    assert answer.status_code == 201, answer.text


@contextmanager
def _opened(
    chromium: "Browser", newsroom: Newsroom, path: str, manner: dict[str, Any]
) -> Iterator["Page"]:
    """A page, to which the checker can be added: its policy lets no such script in."""
    context = chromium.new_context(bypass_csp=True, base_url=newsroom.server.url, **manner)
    try:
        page = context.new_page()
        page.goto(path)
        yield page
    finally:
        context.close()


def _check(page: "Page") -> None:
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page, options=_OPTIONS)
    assert not found.response["violations"], found.generate_report()
