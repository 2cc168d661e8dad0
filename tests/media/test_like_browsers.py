"""Renditions look as Chromium shows the original: colours, frames and repetitions.

Chromium is the reference: its canvas for still pictures, its `ImageDecoder` for animations.
"""

import base64
import struct
import zlib
from bisect import bisect_right
from collections.abc import Iterator
from itertools import accumulate
from pathlib import Path
from typing import Any

import pytest

from app.media.images.renditions import make_sizes
from app.media.images.source import ImageLimits
from app.media.sniff import picture_kind
from tests.browsers.chromium import Chromium, chromium
from tests.media.hostile import chunk
from tests.media.pictures import encoded
from tests.media.written import (
    ADOBE,
    P3,
    PATCH,
    SIDE,
    apng,
    avif_with,
    chrm,
    cicp,
    deep_png,
    gama,
    gif,
    iccp,
    moving,
    patches,
    png_with,
    shallow_png,
    swapped_profile,
    turned,
    without_adobe,
)

TOLERANCE = 10  # of 255: the error of lossy compression in the middle of a patch
HDR_TOLERANCE = 100  # for saturated HDR colours, which Chromium maps by the brightest channel
LIMITS = ImageLimits(100_000_000, 500)
# Draws a canvas from an <img>, and decodes all frames, both in eight bits.
DECODE_SCRIPT = """async ([content, type, side]) => {
  const bytes = Uint8Array.from(atob(content), (c) => c.charCodeAt(0));
  const middles = (source, width, height) => {
    const canvas = new OffscreenCanvas(width, height);
    const pen = canvas.getContext('2d');
    pen.drawImage(source, 0, 0);
    const seen = [];
    for (let y = side / 2; y < height; y += side)
      for (let x = side / 2; x < width; x += side)
        seen.push([...pen.getImageData(x, y, 1, 1).data]);
    return seen;
  };
  const image = new Image();
  image.src = URL.createObjectURL(new Blob([bytes], {type}));
  await image.decode();
  const {naturalWidth: width, naturalHeight: height} = image;
  const still = middles(image, width, height);
  const decoder = new ImageDecoder({data: bytes, type});
  await decoder.completed;
  await decoder.tracks.ready;
  const track = decoder.tracks.selectedTrack;
  const again = String(track.repetitionCount);
  const frames = [];
  for (let number = 0; number < track.frameCount; number += 1) {
    const {image: frame} = await decoder.decode({frameIndex: number});
    const pixels = middles(frame, frame.displayWidth, frame.displayHeight);
    frames.push({duration: frame.duration / 1000, pixels});
    frame.close();
  }
  decoder.close();
  URL.revokeObjectURL(image.src);
  return {width, height, still, frames, again};
}"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Chromium]:
    """A browser with a page in a secure context, which `ImageDecoder` requires."""
    with chromium() as browser:
        browser.page.route(
            "http://localhost/",
            lambda route: route.fulfill(body="<!doctype html>", content_type="text/html"),
        )
        browser.open("http://localhost/")
        yield browser


def decode_in_browser(browser: Chromium, content: bytes) -> dict[str, Any]:
    """Decode a file in the browser."""
    kind = picture_kind(content[:64])
    assert kind is not None
    arguments = [base64.b64encode(content).decode(), f"image/{kind.lower()}", PATCH]
    decoded: dict[str, Any] = browser.page.evaluate(DECODE_SCRIPT, arguments)
    return decoded


def convert(content: bytes, folder: Path) -> bytes:
    """Convert a file, and return the WebP in its full size."""
    (folder / "upload").write_bytes(content)
    kind = picture_kind(content[:64])
    assert kind is not None
    files, _, _ = make_sizes(folder / "upload", kind, folder, LIMITS)
    return (folder / next(file.name for file in files if file.name.endswith(".webp"))).read_bytes()


def assert_near(ours: list[list[int]], theirs: list[list[int]], tolerance: int = TOLERANCE) -> None:
    """Compare colours with a tolerance; transparent pixels have no colour."""
    assert len(ours) == len(theirs)
    for our_pixel, their_pixel in zip(ours, theirs, strict=True):
        assert abs(our_pixel[3] - their_pixel[3]) <= tolerance, (our_pixel, their_pixel)
        visible = min(our_pixel[3], their_pixel[3]) / 255
        for one, other in zip(our_pixel[:3], their_pixel[:3], strict=True):
            assert abs(one - other) * visible <= tolerance, (our_pixel, their_pixel)


ICC = swapped_profile()
CMYK = encoded(patches("CMYK"), "JPEG", quality=95)
COLOURS = {
    "of no profile": png_with(),
    **{f"of gamma {g}": png_with(gama(g)) for g in (45455, 43000, 48000, 55556, 100000, 22727, 0)},
    "of gamma 1 that is sRGB": png_with(gama(100000), chunk(b"sRGB", b"\0")),
    "of gamma 1 with a profile": png_with(gama(100000), iccp(ICC)),
    "of sRGB with a profile": png_with(chunk(b"sRGB", b"\0"), iccp(ICC)),
    "of a profile": png_with(iccp(ICC)),
    "of primaries alone": png_with(chrm(P3)),
    "of gamma and primaries of P3": png_with(gama(45455), chrm(P3)),
    "of gamma 1 and Adobe's primaries": png_with(gama(100000), chrm(ADOBE)),
    "of gamma and no primaries": png_with(gama(45455), chrm((0,) * 8)),
    **{
        f"of code points {p} and {t}": png_with(cicp(p, t))
        for p, t in ((12, 13), (9, 13), (5, 13), (1, 1), (9, 14), (1, 8), (1, 4), (2, 2), (3, 13))
    },
    "of code points before a profile": png_with(cicp(12, 13), iccp(ICC)),
    "in grey, of gamma 1": png_with(gama(100000), image=patches("L")),
    "in grey, with a profile of red, green and blue": png_with(iccp(ICC), image=patches("L")),
    "of a palette, of gamma 1": png_with(gama(100000), image=patches("P")),
    "of a palette, transparent": encoded(
        patches("P"), "PNG", transparency=bytes([0, 128, 255, 60, 0, 200] * 40)
    ),
    "in grey, of which one is transparent": encoded(patches("L"), "PNG", transparency=128),
    "of which one colour is transparent": encoded(patches(), "PNG", transparency=(255, 0, 0)),
    **{f"of {depth} bits, one transparent": shallow_png(depth, 1) for depth in (1, 2, 4)},
    **{f"of sixteen bits, type {colour}": deep_png(colour) for colour in (0, 2, 4, 6)},
    "of sixteen bits, one grey transparent": deep_png(0, struct.pack(">H", 128 * 257)),
    "of sixteen bits, one near grey transparent": deep_png(0, struct.pack(">H", 128 * 257 + 1)),
    "a JPEG in CMYK with Adobe's marker": CMYK,
    "a JPEG in CMYK without it": without_adobe(CMYK),
    "a JPEG in YCCK": CMYK.replace(b"Adobe\0d\0\0\0\0\0", b"Adobe\0d\0\0\0\0\2"),
    "a JPEG in CMYK with a profile of red, green and blue": encoded(
        patches("CMYK"), "JPEG", quality=95, icc_profile=ICC
    ),
    "a JPEG in RGB": encoded(patches(), "JPEG", quality=95, keep_rgb=True),
    "a JPEG with a profile": encoded(patches(), "JPEG", quality=95, icc_profile=ICC),
    "a JPEG in grey with a profile": encoded(patches("L"), "JPEG", quality=95, icc_profile=ICC),
    "a WebP with a profile": encoded(patches(), "WEBP", lossless=True, icc_profile=ICC),
    "an AVIF with a profile": encoded(patches(), "AVIF", quality=95, icc_profile=ICC),
    **{
        f"an AVIF of code points {p} and {t}": avif_with(p, t)
        for p, t in ((12, 13), (9, 13), (1, 1), (9, 14), (1, 8), (1, 4), (2, 2))
    },
}


@pytest.mark.parametrize("name", COLOURS)
def test_colours_are_those_that_a_browser_draws(browser: Chromium, tmp_path: Path, name: str):
    """The colours equal the browser's for every colour space, bit depth and pixel format."""
    content = COLOURS[name]
    theirs = decode_in_browser(browser, content)
    ours = decode_in_browser(browser, convert(content, tmp_path))
    assert (ours["width"], ours["height"]) == (theirs["width"], theirs["height"]) == (SIDE, SIDE)
    assert_near(ours["still"], theirs["still"])


@pytest.mark.parametrize("transfer", [16, 18])
def test_hdr_comes_to_a_common_screen(browser: Chromium, tmp_path: Path, transfer: int):
    """PQ and HLG are mapped to SDR: greys equal the browser's, colours are close to them."""
    for content in (
        png_with(cicp(9, transfer), image=patches("L").convert("RGB")),
        avif_with(1, transfer),
    ):
        theirs = decode_in_browser(browser, content)
        ours = decode_in_browser(browser, convert(content, tmp_path))
        greys = [len(set(pixel[:3])) == 1 for pixel in theirs["still"]]
        assert any(greys)
        for grey, our_pixel, their_pixel in zip(greys, ours["still"], theirs["still"], strict=True):
            assert_near([our_pixel], [their_pixel], TOLERANCE if grey else HDR_TOLERANCE)


@pytest.mark.full("further turns", but=["JPEG", "6-PNG", "6-AVIF"])
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "AVIF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_picture_stands_as_a_browser_holds_it(
    browser: Chromium, tmp_path: Path, kind: str, orientation: int
):
    """All eight EXIF orientations are applied as in the browser."""
    content = turned(kind, orientation)
    theirs = decode_in_browser(browser, content)
    ours = decode_in_browser(browser, convert(content, tmp_path))
    assert (ours["width"], ours["height"]) == (theirs["width"], theirs["height"])
    assert_near(ours["still"], theirs["still"])


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_webp_stands_as_the_same_jpeg_does(browser: Chromium, tmp_path: Path, orientation: int):
    """The EXIF orientation of a WebP is applied as that of a JPEG, which Chromium does not do."""
    theirs = decode_in_browser(browser, turned("JPEG", orientation))
    ours = decode_in_browser(browser, convert(turned("WEBP", orientation), tmp_path))
    assert (ours["width"], ours["height"]) == (theirs["width"], theirs["height"])
    assert_near(ours["still"], theirs["still"])


HUNDREDTHS = [(5, 100)] * 3
ANIMATIONS = {
    **{f"a GIF that says {n} repetitions": gif([5, 5, 5], n) for n in (None, 0, 1, 2, 5, 65_534)},
    "a GIF with the other label": gif([5, 5, 5], 3, label=b"ANIMEXTS1.0"),
    "a GIF that says it late": gif([5, 5, 5], 4, late=True),
    "a GIF in a hurry": gif([0, 1, 2, 3], 0),
    "a GIF that says nothing of time": gif([None, None], 0),
    "a GIF that lasts": gif([65_535, 7_000], 0),
    **{f"a GIF of dice, {seed}": gif([5] * 6, 0, seed=seed) for seed in range(6)},
    "a GIF without its end": gif([5, 5, 5], 0)[:-1],
    "a GIF with something behind it": gif([5, 5, 5], 0)[:-1] + b"something",
    "a GIF whose canvas is too small": gif([5, 5], 0).replace(
        struct.pack("<HH", SIDE, SIDE), struct.pack("<HH", PATCH, PATCH), 1
    ),
    **{f"an APNG of {n} plays": apng(HUNDREDTHS, n) for n in (0, 1, 2, 5)},
    "an APNG in a hurry": apng([(0, 1), (1, 1000), (10, 1000), (11, 1000), (1, 0), (3, 0)], 1),
    "an APNG of sixty frames a second": apng([(1, 60)] * 7, 0),
    "an APNG with a hidden picture": apng(HUNDREDTHS, 0, hidden=True),
    **{
        f"an APNG of dice in {mode}, {seed}": apng([(5, 100)] * 6, 0, mode=mode, seed=seed)
        for mode in ("L", "RGB", "RGBA")
        for seed in range(2)
    },
    **{
        f"an APNG of dice in {mode} with a hidden picture": apng(
            [(5, 100)] * 6, 0, mode=mode, hidden=True, seed=9
        )
        for mode in ("L", "RGB", "RGBA")
    },
    **{f"a WebP of {n} plays": moving("WEBP", [50, 50, 50], n) for n in (0, 1, 2, 5)},
    "a WebP in a hurry": moving("WEBP", [0, 1, 10, 11, 16]),
    "an AVIF": moving("AVIF", [50, 50, 50]),
    "an AVIF in a hurry": moving("AVIF", [1, 10, 11, 16]),
}


@pytest.mark.full("further dice", but=[name for name in ANIMATIONS if name[-1] not in "2345"])
@pytest.mark.parametrize("name", ANIMATIONS)
def test_an_animation_moves_as_in_a_browser(browser: Chromium, tmp_path: Path, name: str):
    """Frames, durations and repetitions equal the browser's."""
    content = ANIMATIONS[name]
    theirs = decode_in_browser(browser, content)
    ours = decode_in_browser(browser, convert(content, tmp_path))
    assert ours["again"] == theirs["again"]
    assert_near(ours["still"], theirs["still"], 2 * TOLERANCE)
    # Identical frames may be merged, so that frames are compared by time.
    ends = list(accumulate(frame["duration"] for frame in ours["frames"]))
    elapsed = 0.0
    for frame in theirs["frames"]:
        duration = shown_for(frame["duration"])
        at = bisect_right(ends, elapsed + duration / 2)
        assert_near(ours["frames"][at]["pixels"], frame["pixels"], 2 * TOLERANCE)
        elapsed += duration
    # The decoder truncates fractions of a millisecond.
    assert 0 <= ends[-1] - elapsed < max(1, len(theirs["frames"]))


def shown_for(duration: float) -> float:
    """Return the milliseconds that browsers show a frame of that duration."""
    return 100 if duration <= 10 else duration


def test_one_frame_behind_a_hidden_picture_stands(browser: Chromium, tmp_path: Path):
    """An APNG of one frame with a hidden default image becomes a still picture."""
    content = apng([(5, 100)], 0, hidden=True)
    theirs = decode_in_browser(browser, content)
    ours = decode_in_browser(browser, convert(content, tmp_path))
    assert len(ours["frames"]) == len(theirs["frames"]) == 1
    assert_near(ours["still"], theirs["still"])


WHOLE = encoded(patches(), "PNG")
DATA = WHOLE.index(b"IDAT") - 4
LENGTH = int.from_bytes(WHOLE[DATA : DATA + 4], "big")
WEBP = encoded(patches(), "WEBP", quality=90)
JPEG = encoded(patches(), "JPEG", quality=95)
DAMAGED = {
    "a PNG with a text whose sum is wrong": png_with(chunk(b"tEXt", b"a\0b")[:-1] + b"?"),
    "a PNG with a gamma whose sum is wrong": png_with(gama(100000)[:-1] + b"?"),
    **{
        f"a PNG with a short {name.decode()}": png_with(chunk(name, b"\0"))
        for name in (b"gAMA", b"cHRM", b"pHYs", b"tRNS", b"acTL", b"cICP", b"iCCP", b"eXIf")
    },
    "a PNG with a profile that cannot be unpacked": png_with(chunk(b"iCCP", b"x\0\0abc")),
    "a PNG with a profile packed otherwise": png_with(chunk(b"iCCP", b"x\0\1abc")),
    "a PNG with a text that bursts": png_with(
        chunk(b"zTXt", b"k\0\0" + zlib.compress(b"A" * 50_000_000))
    ),
    "a PNG with a profile that bursts": png_with(
        chunk(b"iCCP", b"k\0\0" + zlib.compress(b"A" * 9_000_000))
    ),
    "a PNG with a long text": png_with(chunk(b"tEXt", b"k\0" + b"a" * 2_000_000)),
    "a PNG with an empty piece of pixels": png_with(chunk(b"IDAT", b"")),
    "a PNG with something behind it": WHOLE + b"something",
    "a PNG without the sum of its pixels": WHOLE[:DATA]
    + chunk(b"IDAT", WHOLE[DATA + 8 : DATA + 4 + LENGTH])
    + WHOLE[-12:],
    "a JPEG with something behind it": JPEG + b"something",
    "a JPEG with filled markers": JPEG[:2] + b"\xff\xff\xff" + JPEG[2:],
    "a WebP with something behind it": WEBP + b"something",
    "an AVIF with something behind it": encoded(patches(), "AVIF", quality=95) + b"\0\0\0\x08free",
}


@pytest.mark.parametrize("name", DAMAGED)
def test_harm_that_no_browser_minds_costs_no_picture(browser: Chromium, tmp_path: Path, name: str):
    """Damage outside the pixel data does not lose the picture."""
    content = DAMAGED[name]
    theirs = decode_in_browser(browser, content)
    ours = decode_in_browser(browser, convert(content, tmp_path))
    assert_near(ours["still"], theirs["still"])
