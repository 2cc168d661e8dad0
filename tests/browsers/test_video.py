"""Videos in Chromium: embeds load on request only, and uploaded videos play."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from tests.browsers.desk import until
from tests.browsers.page_viewer import PageViewer
from tests.browsers.video_recorder import record_webm
from tests.conftest import Newsroom
from tests.contract.newsrooms import new_slug, new_timeline
from tests.contract.timeline import Timeline
from tests.media.videos import Recipe

if TYPE_CHECKING:
    from playwright.sync_api import Page

_FIRST = "https://www.youtube.com/watch?v=S9HdPi9Ikhk"
_SECOND = "https://vimeo.com/76979871"
_FRAME = "https://www.youtube-nocookie.com/embed/S9HdPi9Ikhk?autoplay=1"
_IFRAME = "document.querySelector('.player').shadowRoot?.querySelector('iframe')"
_BOX = "(place) => [place.offsetTop, place.offsetWidth, place.offsetHeight]"
_LINK = ".player > a.picture"


@contextmanager
def _page(viewer: PageViewer, timeline: Timeline) -> Iterator[tuple["Page", list[str]]]:
    """Open a coverage's page under its policy; yields it and its requests to other sites.

    Those requests are answered here.
    """
    url = timeline.newsroom.server.url
    context = viewer._process.new_context(base_url=url)
    requests: list[str] = []
    context.on(
        "request",
        lambda request: (
            requests.append(request.url)
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
        yield page, requests
    finally:
        context.close()


def _embed(newsroom: Newsroom, url: str, alt: str) -> str:
    answer = newsroom.editor.post("/v1/media", json={"url": url, "alt": alt})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


@pytest.fixture
def coverage(specimen_newsroom: Newsroom) -> Timeline:
    """A coverage for one test."""
    return new_timeline(specimen_newsroom, new_slug())


@pytest.mark.full("a server of another site")
def test_another_site_is_asked_when_its_video_is_pressed(
    viewer: PageViewer, coverage: Timeline
) -> None:
    """A player is loaded and focused only once it is activated, and removed with its entry.

    Amendments of the entry's text keep it; another video replaces it.
    """
    first, second = (
        _embed(coverage.newsroom, url, alt)
        for url, alt in ((_FIRST, "A step"), (_SECOND, "A leap"))
    )
    entry = coverage.publish("On television", media=[first])
    with _page(viewer, coverage) as (page, requests):
        box = page.locator(".player").evaluate(_BOX)
        assert requests == []
        page.locator(_LINK).focus()
        page.keyboard.press("Enter")
        until(page, _IFRAME)
        until(page, "document.activeElement.matches('.player')")
        assert requests == [_FRAME]
        frame = page.locator(".player iframe")
        assert frame.get_attribute("title") == "A step"
        assert "allow-same-origin" in (frame.get_attribute("sandbox") or "")
        assert "allow-top-navigation" not in (frame.get_attribute("sandbox") or "")
        assert page.locator(".player").evaluate(_BOX) == box
        coverage.amend(entry["id"], headline="On every television")
        page.get_by_text("On every television").wait_for()
        assert page.evaluate(f"!!({_IFRAME})")
        assert requests == [_FRAME]
        coverage.amend(entry["id"], media=[second])
        page.get_by_text("A leap").wait_for()
        assert not page.evaluate(f"!!({_IFRAME})")
        page.locator(_LINK).click()
        until(page, _IFRAME)
        assert [urlsplit(address).netloc for address in requests[1:]] == ["player.vimeo.com"]
        with page.expect_event("framedetached"):
            coverage.retract(entry["id"])
        assert not page.locator(".player").count()


@pytest.mark.full("further types", but=["mp4"])
@pytest.mark.parametrize("kind", ["webm", "mp4"])
def test_a_video_that_came_in_plays(viewer: PageViewer, coverage: Timeline, kind: str) -> None:
    """An uploaded WebM or MP4 has a poster and no preload, and plays."""
    video_file = Recipe(size=(160, 90)).make()
    if kind == "webm":
        with viewer.open("/") as page:
            video_file = record_webm(page)
    answer = coverage.newsroom.editor.post("/v1/media", files={"file": ("film", video_file)})
    assert answer.status_code == 201, answer.text
    assert answer.json()["url"].endswith(f".{kind}")
    coverage.publish("The wave", media=[answer.json()["id"]])
    with _page(viewer, coverage) as (page, requests):
        video = page.locator("video")
        assert video.get_attribute("preload") == "none"
        assert video.get_attribute("poster")
        page.evaluate(
            "() => { const v = document.querySelector('video'); v.muted = true; v.play() }"
        )
        until(page, "document.querySelector('video').currentTime > 0.2")
        assert video.evaluate("(v) => [v.videoWidth, v.videoHeight]") == [160, 90]
        assert requests == []
