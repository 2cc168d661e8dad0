"""Video and pictures of a telephone (HEVC in QuickTime, HEIC) in readers' browsers."""

import math

import pytest

from tests.browsers.browser import Browser
from tests.contract.timeline import Timeline
from tests.media.heif import heic
from tests.media.pictures import picture
from tests.media.videos import made
from tests.servers import require

_CAN_PLAY = """document.createElement("video").canPlayType(
  'video/mp4; codecs="avc1.64001f, mp4a.40.2"')"""
_PLAYS = """(async () => {
  const video = document.querySelector("video");
  video.muted = true;
  video.loop = true;
  await video.play();
  while (!(video.currentTime > 0.1)) await new Promise(requestAnimationFrame);
  return [video.videoWidth, video.videoHeight];
})()"""
_SHOWN = """(async () => {
  const picture = document.querySelector(".media picture img");
  picture.scrollIntoView();
  await picture.decode();
  return picture.naturalHeight / picture.naturalWidth;
})()"""
_CORNERS = """((shown) => {
  const canvas = document.createElement("canvas");
  const [width, height] = [shown.videoWidth ?? shown.naturalWidth,
                           shown.videoHeight ?? shown.naturalHeight];
  Object.assign(canvas, { width, height });
  const pen = canvas.getContext("2d");
  pen.drawImage(shown, 0, 0, width, height);
  const at = (x, y) => [...pen.getImageData(x * width, y * height, 1, 1).data];
  return [at(0.1, 0.1), at(0.9, 0.1), at(0.1, 0.9), at(0.9, 0.9)].map(([red, green, blue]) =>
    [red, green, blue].map((value) => Number(value > 128)).join(""));
})"""
_NAMES = {"100": "red", "010": "lime", "001": "blue", "111": "white"}


@pytest.mark.full("tests/media has what is made of them, and test_video plays it")
@pytest.mark.parametrize("browser", ["chromium", "firefox"], indirect=True)
def test_a_telephones_video_and_picture_are_shown(browser: Browser, timeline: Timeline) -> None:
    """The video plays and the picture is drawn, both upright and in the right colours."""
    # Debian's Firefox decodes H.264 with FFmpeg's library, which may not be installed.
    require("FFmpeg's library for the browser", browser.run(_CAN_PLAY))
    editor = timeline.newsroom.editor
    ids = []
    for content in (made("an iPhone's"), heic(picture(640, 360), orientation=6)):
        answer = editor.post("/v1/media", files={"file": ("IMG_0001", content)}, timeout=120)
        assert answer.status_code == 201, answer.text
        ids.append(answer.json()["id"])
    timeline.publish("From the harbour", media=ids)
    browser.open(f"{timeline.newsroom.server.url}/coverages/{timeline.slug}")
    assert browser.run(_PLAYS) == [360, 640]
    assert math.isclose(browser.run(_SHOWN), 640 / 360, rel_tol=0.01)
    for selector in ("video", ".media picture img"):
        corners = browser.run(f"{_CORNERS}(document.querySelector({selector!r}))")
        assert [_NAMES.get(corner) for corner in corners] == ["blue", "red", "white", "lime"]
