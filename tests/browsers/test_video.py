"""Videos in a real browser: those of other sites load when they are asked for, ours play."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from tests.browsers.camera import record_webm
from tests.browsers.desk import until
from tests.browsers.sight import PageViewer
from tests.conftest import Newsroom
from tests.contract.newsrooms import new_slug, new_timeline
from tests.contract.timeline import Timeline
from tests.media.videos import Recipe

if TYPE_CHECKING:
    from playwright.sync_api import Page

_FIRST = "https://www.youtube.com/watch?v=S9HdPi9Ikhk"
_SECOND = "https://vimeo.com/76979871"
_FRAME = "https://www.youtube-nocookie.com/embed/S9HdPi9Ikhk?autoplay=1"
_STANDS = "document.querySelector('.player').shadowRoot?.querySelector('iframe')"
_ROOM = "(place) => [place.offsetTop, place.offsetWidth, place.offsetHeight]"
_LINK = ".player > a.picture"


@contextmanager
def _page(viewer: PageViewer, timeline: Timeline) -> Iterator[tuple["Page", list[str]]]:
    """A coverage's page under its own policy, and what it asks of other sites, who answer here."""
    url = timeline.newsroom.server.url
    context = viewer._process.new_context(base_url=url)
    asked: list[str] = []
    context.on(
        "request",
        lambda request: (
            asked.append(request.url)
            if urlsplit(request.url).netloc not in {urlsplit(url).netloc, ""}
            else None
        ),
    )
    context.route(
        lambda address: not address.startswith((url, "blob:", "data:")),
        lambda route: route.fulfill(content_type="text/html", body="<title>A film</title>"),
    )
    try:
        page = context.new_page()
        page.goto(f"/coverages/{timeline.slug}")
        yield page, asked
    finally:
        context.close()


def _embed(newsroom: Newsroom, url: str, alt: str) -> str:
    answer = newsroom.editor.post("/v1/media", json={"url": url, "alt": alt})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


@pytest.fixture
def told(specimen_newsroom: Newsroom) -> Timeline:
    """A coverage of its own."""
    return new_timeline(specimen_newsroom, new_slug())


@pytest.mark.full("a server of another site")
def test_another_site_is_asked_when_its_video_is_pressed(
    viewer: PageViewer, told: Timeline
) -> None:
    """Not before; then its player has the focus, plays on through amendments, and goes in time."""
    first, second = (
        _embed(told.newsroom, url, alt) for url, alt in ((_FIRST, "A step"), (_SECOND, "A leap"))
    )
    entry = told.publish("On television", media=[first])
    with _page(viewer, told) as (page, asked):
        room = page.locator(".player").evaluate(_ROOM)
        assert asked == []
        page.locator(_LINK).focus()
        page.keyboard.press("Enter")
        until(page, _STANDS)
        until(page, "document.activeElement.matches('.player')")
        assert asked == [_FRAME]
        frame = page.locator(".player iframe")
        assert frame.get_attribute("title") == "A step"
        assert "allow-same-origin" in (frame.get_attribute("sandbox") or "")
        assert "allow-top-navigation" not in (frame.get_attribute("sandbox") or "")
        assert page.locator(".player").evaluate(_ROOM) == room
        told.amend(entry["id"], headline="On every television")
        page.get_by_text("On every television").wait_for()
        assert page.evaluate(f"!!({_STANDS})")
        assert asked == [_FRAME]
        told.amend(entry["id"], media=[second])
        page.get_by_text("A leap").wait_for()
        assert not page.evaluate(f"!!({_STANDS})")
        page.locator(_LINK).click()
        until(page, _STANDS)
        assert [urlsplit(address).netloc for address in asked[1:]] == ["player.vimeo.com"]
        with page.expect_event("framedetached"):
            told.retract(entry["id"])
        assert not page.locator(".player").count()


@pytest.mark.full("further types", but=["mp4"])
@pytest.mark.parametrize("kind", ["webm", "mp4"])
def test_a_video_that_came_in_plays(viewer: PageViewer, told: Timeline, kind: str) -> None:
    """One that a browser recorded, and one of a camera; a frame stands for it until it plays."""
    film = Recipe(size=(160, 90)).make()
    if kind == "webm":
        with viewer.open("/") as page:
            film = record_webm(page)
    answer = told.newsroom.editor.post("/v1/media", files={"file": ("film", film)})
    assert answer.status_code == 201, answer.text
    assert answer.json()["url"].endswith(f".{kind}")
    told.publish("The wave", media=[answer.json()["id"]])
    with _page(viewer, told) as (page, asked):
        video = page.locator("video")
        assert video.get_attribute("preload") == "none"
        assert video.get_attribute("poster")
        page.evaluate(
            "() => { const v = document.querySelector('video'); v.muted = true; v.play() }"
        )
        until(page, "document.querySelector('video').currentTime > 0.2")
        assert video.evaluate("(v) => [v.videoWidth, v.videoHeight]") == [160, 90]
        assert asked == []
