"""Videos in a real browser: those of other sites load when they are asked for, ours play."""

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from tests.browsers.sight import Sight
from tests.conftest import Newsroom
from tests.contract.newsrooms import new_slug, new_timeline
from tests.contract.timeline import Timeline
from tests.media.films import Mp4, box

if TYPE_CHECKING:
    from playwright.sync_api import Page

_FIRST = "https://www.youtube.com/watch?v=S9HdPi9Ikhk"
_SECOND = "https://vimeo.com/76979871"
_FRAME = "https://www.youtube-nocookie.com/embed/S9HdPi9Ikhk?autoplay=1"
_STANDS = "() => document.querySelector('.player').shadowRoot?.querySelector('iframe')"
_ROOM = "(place) => [place.offsetTop, place.offsetWidth, place.offsetHeight]"
_LINK = ".player > a.picture"
_RECORD = """async () => {
  const canvas = document.createElement("canvas");
  canvas.width = 160; canvas.height = 90;
  const pen = canvas.getContext("2d");
  const recorder = new MediaRecorder(canvas.captureStream(30), { mimeType: "video/webm" });
  const pieces = [];
  recorder.ondataavailable = ({ data }) => pieces.push(data);
  const stopped = new Promise((done) => (recorder.onstop = done));
  recorder.start();
  for (let n = 0; n < 30; n++) {
    pen.fillStyle = n % 2 ? "teal" : "navy";
    pen.fillRect(n, 0, 160, 90);
    await new Promise((next) => requestAnimationFrame(next));
  }
  recorder.stop();
  await stopped;
  const bytes = new Uint8Array(await new Blob(pieces).arrayBuffer());
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
}"""
_ENCODE = """async () => {
  const canvas = new OffscreenCanvas(160, 90);
  const pen = canvas.getContext("2d");
  const frames = [];
  const encoder = new VideoEncoder({
    output: (chunk) => {
      const bytes = new Uint8Array(chunk.byteLength);
      chunk.copyTo(bytes);
      frames.push(btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join("")));
    },
    error: (error) => { throw error; },
  });
  encoder.configure({ codec: "vp09.00.10.08", width: 160, height: 90 });
  for (let n = 0; n < 30; n++) {
    pen.fillStyle = n % 2 ? "teal" : "navy";
    pen.fillRect(n, 0, 160, 90);
    const frame = new VideoFrame(canvas, { timestamp: n * 100_000 });
    encoder.encode(frame, { keyFrame: true });
    frame.close();
  }
  await encoder.flush();
  return frames;
}"""


@contextmanager
def _page(sight: Sight, timeline: Timeline) -> Iterator[tuple["Page", list[str]]]:
    """A coverage's page under its own policy, and what it asks of other sites, who answer here."""
    url = timeline.newsroom.server.url
    context = sight._process.new_context(base_url=url)
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
def told(flooded: Newsroom) -> Timeline:
    """A coverage of its own."""
    return new_timeline(flooded, new_slug())


def test_another_site_is_asked_when_its_video_is_pressed(sight: Sight, told: Timeline) -> None:
    """Not before; then its player has the focus, plays on through amendments, and goes in time."""
    first, second = (
        _embed(told.newsroom, url, alt) for url, alt in ((_FIRST, "A step"), (_SECOND, "A leap"))
    )
    entry = told.publish("On television", media=[first])
    with _page(sight, told) as (page, asked):
        room = page.locator(".player").evaluate(_ROOM)
        assert asked == []
        page.locator(_LINK).focus()
        page.keyboard.press("Enter")
        page.wait_for_function(_STANDS)
        page.wait_for_function("() => document.activeElement.matches('.player')")
        assert asked == [_FRAME]
        frame = page.locator(".player iframe")
        assert frame.get_attribute("title") == "A step"
        assert "allow-same-origin" in (frame.get_attribute("sandbox") or "")
        assert "allow-top-navigation" not in (frame.get_attribute("sandbox") or "")
        assert page.locator(".player").evaluate(_ROOM) == room
        told.amend(entry["id"], headline="On every television")
        page.get_by_text("On every television").wait_for()
        assert page.evaluate(f"!!({_STANDS})()")
        assert asked == [_FRAME]
        told.amend(entry["id"], media=[second])
        page.get_by_text("A leap").wait_for()
        assert not page.evaluate(f"!!({_STANDS})()")
        page.locator(_LINK).click()
        page.wait_for_function(_STANDS)
        assert [urlsplit(address).netloc for address in asked[1:]] == ["player.vimeo.com"]
        with page.expect_event("framedetached"):
            told.retract(entry["id"])
        assert not page.locator(".player").count()


@pytest.mark.parametrize("kind", ["webm", "mp4"])
def test_a_video_that_came_in_plays(sight: Sight, told: Timeline, kind: str) -> None:
    """One that a browser recorded, and one with real frames in the boxes of a telephone's."""
    with sight.of("/") as page:
        if kind == "webm":
            film = base64.b64decode(page.evaluate(_RECORD))
        else:
            frames = [base64.b64decode(frame) for frame in page.evaluate(_ENCODE)]
            setup = box(b"vpcC", b"\1\0\0\0", b"\0\x0a\x82\1\1\1", b"\0\0")
            film = Mp4(frames, [], video=b"vp09", setup=setup, size=(160, 90)).dump()
    answer = told.newsroom.editor.post("/v1/media", files={"file": ("film", film)})
    assert answer.status_code == 201, answer.text
    assert answer.json()["url"].endswith(f".{kind}")
    told.publish("The wave", media=[answer.json()["id"]])
    with _page(sight, told) as (page, asked):
        video = page.locator("video")
        assert video.get_attribute("preload") == "metadata"
        page.wait_for_function("() => document.querySelector('video').readyState > 0")
        page.evaluate(
            "() => { const v = document.querySelector('video'); v.muted = true; v.play() }"
        )
        page.wait_for_function("() => document.querySelector('video').currentTime > 0.2")
        assert video.evaluate("(v) => [v.videoWidth, v.videoHeight]") == [160, 90]
        assert asked == []
