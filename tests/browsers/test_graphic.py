"""Graphic pictures in browsers: covered until a reader asks for them."""

from typing import TYPE_CHECKING, Any

import pytest

from tests.browsers.desk import Desk, publish_text, until, write
from tests.conftest import Newsroom
from tests.contract.newsrooms import new_slug, new_timeline
from tests.contract.timeline import Timeline
from tests.media.pictures import encoded, picture
from tests.media.sending import Json, sent

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.fixture
def timeline(staffed_newsroom: Newsroom) -> Timeline:
    """A live coverage for one test."""
    return new_timeline(staffed_newsroom, new_slug())


def _upload(newsroom: Newsroom, alt: str, width: int, **words: str) -> Json:
    return sent(newsroom.editor, encoded(picture(width, 480)), alt=alt, **words)


@pytest.mark.parametrize("below", ["", "/embed"])
def test_it_is_not_loaded_before_the_press(
    chromium: "Browser", timeline: Timeline, below: str
) -> None:
    """No file of a covered picture is requested until its cover is pressed."""
    media = _upload(timeline.newsroom, "A wounded man", 640, graphic="true")
    other = _upload(timeline.newsroom, "The hospital", 600)
    timeline.publish("At the hospital", media=[media["id"], other["id"]])
    requests: list[str] = []
    page = chromium.new_page(base_url=timeline.newsroom.server.url)
    try:
        page.on("request", lambda request: requests.append(request.url))
        with page.expect_event("requestfinished", lambda request: other["id"] in request.url):
            page.goto(f"/coverages/{timeline.slug}{below}")
        assert not any(media["id"] in address for address in requests)
        with page.expect_request(lambda request: media["id"] in request.url):
            page.locator(".graphic > summary").click()
    finally:
        page.close()


def test_the_cover_opens_without_scripts(chromium: "Browser", timeline: Timeline) -> None:
    """Where scripts are switched off, the picture is seen only after a press, too."""
    media = _upload(timeline.newsroom, "A wounded man", 640, graphic="true")
    timeline.publish("At the hospital", media=[media["id"]])
    page = chromium.new_page(base_url=timeline.newsroom.server.url, java_script_enabled=False)
    try:
        page.goto(f"/coverages/{timeline.slug}")
        shown = page.locator(".graphic img")
        assert not shown.is_visible()
        page.locator(".graphic > summary").click()
        assert shown.is_visible()
    finally:
        page.close()


def test_the_viewer_leaves_out_what_is_covered(chromium: "Browser", timeline: Timeline) -> None:
    """Pictures enlarged are those in view; a graphic one is among them once it was uncovered."""
    covered = _upload(timeline.newsroom, "A wounded man", 640, graphic="true")
    others = [_upload(timeline.newsroom, f"Picture {n}", 600 + n) for n in range(2)]
    ids = [others[0]["id"], covered["id"], others[1]["id"]]
    timeline.publish("At the hospital", media=ids)
    page = chromium.new_page(base_url=timeline.newsroom.server.url)
    try:
        page.goto(f"/coverages/{timeline.slug}")
        page.locator("[data-state=live]").wait_for()
        for number in (2, 3):
            page.locator("a.picture").first.click()
            page.locator("dialog[open]").wait_for()
            assert page.locator("dialog .strip img").count() == number
            page.keyboard.press("Escape")
            page.locator("dialog[open]").wait_for(state="detached")
            if number == 2:
                page.locator(".graphic > summary").click()
    finally:
        page.close()


def test_what_was_opened_does_not_uncover_another(chromium: "Browser", timeline: Timeline) -> None:
    """After an amendment the opened picture stays open, and one in its place is covered."""
    first, second = (
        _upload(timeline.newsroom, alt, 640 + n, graphic="true")
        for n, alt in enumerate(("A wounded man", "A burnt car"))
    )
    entry = timeline.publish("At the hospital", media=[first["id"]])
    page = chromium.new_page(base_url=timeline.newsroom.server.url)
    try:
        page.goto(f"/coverages/{timeline.slug}")
        page.locator("[data-state=live]").wait_for()
        page.locator(".graphic > summary").click()
        timeline.amend(entry["id"], headline="Later", media=[first["id"]])
        until(page, "document.querySelector('.entry .headline').textContent === 'Later'")
        assert page.evaluate("document.querySelector('.graphic').open")
        timeline.amend(entry["id"], media=[second["id"]])
        until(page, "document.querySelector('.graphic').textContent.includes('A burnt car')")
        assert not page.evaluate("document.querySelector('.graphic').open")
    finally:
        page.close()


def test_the_cover_stays_on_paper(chromium: "Browser", timeline: Timeline) -> None:
    """A covered picture is not printed, though other folded parts of a page are."""
    media = _upload(timeline.newsroom, "A wounded man", 640, graphic="true")
    timeline.publish("At the hospital", media=[media["id"]])
    page = chromium.new_page(base_url=timeline.newsroom.server.url)
    try:
        page.goto(f"/coverages/{timeline.slug}")
        page.emulate_media(media="print")
        assert page.locator(".graphic > summary").is_visible()
        assert not page.locator(".graphic img").is_visible()
    finally:
        page.close()


def test_the_desk_sets_it_beside_the_texts(desk: Desk, timeline: Timeline) -> None:
    """The check box of a picture makes it graphic, also if it is checked while the file is sent."""
    page = desk.open(timeline.slug)
    write(page, "At the hospital")
    content: Any = {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": encoded(picture())}
    page.set_input_files("[name=files]", files=[content])
    page.locator(".picture-field").wait_for()
    page.fill("[name=_alt]", "A wounded man")
    page.check("[name=_graphic]")
    until(page, "!document.querySelector('.picture-field .sending').checkVisibility()")
    publish_text(page)
    (entry,) = timeline.page()["entries"]
    assert [media.get("graphic") for media in entry["media"]] == [True]
