"""A second of film, 160 pixels by 90, that a browser makes by itself."""

import base64
from typing import TYPE_CHECKING

from tests.media.films import Mp4, box

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


def record_webm(page: "Page") -> bytes:
    """As the browser writes it."""
    return base64.b64decode(page.evaluate(_RECORD))


def record_mp4(page: "Page") -> bytes:
    """Real frames in the boxes of a telephone's film."""
    frames = [base64.b64decode(frame) for frame in page.evaluate(_ENCODE)]
    setup = box(b"vpcC", b"\1\0\0\0", b"\0\x0a\x82\1\1\1", b"\0\0")
    return Mp4(frames, [], video=b"vp09", setup=setup, size=(160, 90)).dump()
