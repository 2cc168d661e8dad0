"""A video of one second, 160 by 90 pixels, recorded by the browser itself."""

import base64
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Page

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


def record_webm(page: "Page") -> bytes:
    """Return a WebM file as the browser's MediaRecorder writes it."""
    return base64.b64decode(page.evaluate(_RECORD))
