"""Malicious and damaged files, built byte by byte.

Each of `REFUSED` must get a 4xx. `HARMLESS` are pictures with something in or after them; each is
refused, or converted to new pictures without it.
"""

import io
import random
import struct
import zipfile
import zlib
from collections.abc import Callable

from PIL import Image

from tests.media.pictures import animation, encoded, picture

SCRIPT = b"<script>alert(document.domain)</script>"
Make = Callable[[], bytes]

_JPEG, _PNG = encoded(picture(), "JPEG"), encoded(picture(), "PNG")
_GIF, _WEBP = encoded(picture(), "GIF"), encoded(picture(), "WEBP")
_AVIF = encoded(picture(), "AVIF", speed=10)
_WELL_FORMED = {"jpeg": _JPEG, "png": _PNG, "gif": _GIF, "webp": _WEBP, "avif": _AVIF}


def chunk(name: bytes, body: bytes, length: int | None = None) -> bytes:
    """Return a PNG chunk; `length` overrides the length that it declares."""
    size = struct.pack(">I", len(body) if length is None else length)
    return size + name + body + struct.pack(">I", zlib.crc32(name + body))


def png(
    width: int, height: int, pixels: bytes, *extra: bytes, depth: int = 8, colour: int = 0
) -> bytes:
    """Return a greyscale PNG that declares that size; `colour` 2 is RGB."""
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0))
    data = chunk(b"IDAT", zlib.compress(pixels, 9))
    return b"\x89PNG\r\n\x1a\n" + head + b"".join(extra) + data + chunk(b"IEND", b"")


def _sized_jpeg(width: int, height: int) -> bytes:
    at = _JPEG.index(b"\xff\xc0")
    return _JPEG[: at + 5] + struct.pack(">HH", height, width) + _JPEG[at + 9 :]


def _sized_gif(width: int, height: int) -> bytes:
    return _GIF[:6] + struct.pack("<HH", width, height) + _GIF[10:]


def _sized_webp(width: int, height: int) -> bytes:
    head = b"VP8X" + struct.pack("<I", 10) + b"\x00" * 4
    head += (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    body = b"WEBP" + head + _WEBP[12:]
    return b"RIFF" + struct.pack("<I", len(body)) + body


def _sized_avif(width: int, height: int) -> bytes:
    at = _AVIF.index(b"ispe") + 8
    return _AVIF[:at] + struct.pack(">II", width, height) + _AVIF[at + 8 :]


def _zip() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("evil.html", SCRIPT)
    return buffer.getvalue()


def _segment(marker: int, body: bytes, length: int | None = None) -> bytes:
    size = len(body) + 2 if length is None else length
    return bytes([0xFF, marker]) + struct.pack(">H", size) + body


def _in_jpeg(*segments: bytes) -> bytes:
    return _JPEG[:2] + b"".join(segments) + _JPEG[2:]


def _circular_exif() -> bytes:
    """Return a JPEG whose EXIF directory points to itself."""
    loop = b"II*\x00\x08\x00\x00\x00" + struct.pack("<HHHIII", 1, 0x8769, 4, 1, 8, 8)
    return _in_jpeg(_segment(0xE1, b"Exif\x00\x00" + loop))


def _exif_without_end() -> bytes:
    entries = b"".join(struct.pack("<HHII", 0x0110 + n, 2, 0x7FFFFFFF, 8) for n in range(500))
    head = b"II*\x00\x08\x00\x00\x00" + struct.pack("<H", 500)
    return _in_jpeg(_segment(0xE1, b"Exif\x00\x00" + head + entries))


def _icc_bomb() -> bytes:
    profile = b"x\x00" + b"\x00" + zlib.compress(b"\x00" * 200_000_000, 9)
    return png(8, 8, b"\x00" * 72, chunk(b"iCCP", profile))


def _text_bomb() -> bytes:
    bombs = [
        chunk(b"zTXt", b"k%d\x00\x00" % n + zlib.compress(b"A" * 50_000_000)) for n in range(4)
    ]
    return png(8, 8, b"\x00" * 72, *bombs)


def _false_profile() -> bytes:
    return _in_jpeg(_segment(0xE2, b"ICC_PROFILE\x00\x01\x01" + random.Random(1).randbytes(3000)))


def _many_frames(count: int) -> bytes:
    at = _small_gif.index(b"\x2c")
    frame = _small_gif[at:-1]
    return _small_gif[:at] + frame * count + b";"


_small_gif = encoded(Image.new("P", (2, 2)), "GIF")


def _animated_png(count: int) -> bytes:
    control = chunk(b"acTL", struct.pack(">II", count, 0))
    return png(8, 8, b"\x00" * 72, control)


def _xmp_bomb(encoding: str = "utf-8") -> bytes:
    entities = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10 if n else "lol"}">' for n in range(12))
    packet = f"<!DOCTYPE x [{entities}]><x>&a11;</x>".encode(encoding)
    return _in_jpeg(_segment(0xE1, b"http://ns.adobe.com/xap/1.0/\x00" + packet))


def _garbled(whole: bytes, seed: int) -> bytes:
    rng, body = random.Random(seed), bytearray(whole)
    for _ in range(60):
        body[rng.randrange(16, len(body))] = rng.randrange(256)
    return bytes(body)


REFUSED: dict[str, Make] = {
    "nothing at all": lambda: b"",
    "one byte": lambda: b"\xff",
    "zeros": lambda: b"\x00" * 100_000,
    "noise": lambda: random.Random(2).randbytes(100_000),
    "text": lambda: b"This is no picture.",
    "SVG": lambda: b'<svg xmlns="http://www.w3.org/2000/svg">' + SCRIPT + b"</svg>",
    "SVG behind a declaration": lambda: b'<?xml version="1.0"?><svg onload="alert(1)"/>',
    "SVG, compressed": lambda: b"\x1f\x8b" + zlib.compress(b"<svg/>"),
    "HTML": lambda: b"<!doctype html>" + SCRIPT,
    "HTML behind a JPEG's beginning": lambda: b"\xff\xd8\xff\xe0" + SCRIPT * 20,
    "HTML behind a GIF's beginning": lambda: b"GIF89a/*" + SCRIPT,
    "HTML behind a PNG's beginning": lambda: b"\x89PNG\r\n\x1a\n" + SCRIPT,
    "script as GIF": lambda: b"GIF89a=1;alert(1)//",
    "PHP behind a GIF's beginning": lambda: b"GIF89a<?php system($_GET[0]); ?>",
    "PDF": lambda: b"%PDF-1.7\n1 0 obj\n<< /OpenAction << /S /JavaScript >> >>",
    "a program": lambda: b"\x7fELF\x02\x01\x01" + b"\x00" * 200,
    "a program for Windows": lambda: b"MZ" + b"\x00" * 200,
    "ZIP": _zip,
    "TIFF": lambda: encoded(picture(), "TIFF"),
    "BMP": lambda: encoded(picture(), "BMP"),
    "ICO": lambda: encoded(picture(64, 64), "ICO"),
    "PSD": lambda: b"8BPS\x00\x01" + b"\x00" * 6 + struct.pack(">HIIHH", 3, 8, 8, 8, 3),
    "PPM": lambda: encoded(picture(), "PPM"),
    "TGA": lambda: encoded(picture(), "TGA"),
    "JPEG 2000": lambda: encoded(picture(), "JPEG2000"),
    "EPS": lambda: b"%!PS-Adobe-3.0 EPSF-3.0\n(/etc/passwd) (r) file\n",
    "HEIC by its brand": lambda: b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic",
    "AVIF by its brand alone": lambda: b"\x00\x00\x00\x18ftypavif\x00\x00\x00\x00mif1avif",
    "WebP by its name alone": lambda: b"RIFF\xff\xff\xff\xffWEBPVP8 ",
    "WebP of the wrong length": lambda: _WEBP[:4] + b"\xff\xff\xff\x7f" + _WEBP[8:200],
    "PNG of 30,000 by 30,000": lambda: png(30_000, 30_000, b"\x00" * 30_001 * 300),
    "PNG of two thousand million by one": lambda: png(2_000_000_000, 1, b"\x00" * 100),
    "PNG of no size": lambda: png(0, 0, b""),
    "PNG of negative size": lambda: png(0xFFFFFFFF, 0xFFFFFFFF, b""),
    "PNG whose pixels never end": lambda: png(9_000, 9_000, b"\x00" * 50),
    "PNG without pixels": lambda: _PNG[:33] + chunk(b"IEND", b""),
    "PNG with a wrong checksum": lambda: _PNG[:29] + b"\x00\x00\x00\x00" + _PNG[33:],
    "JPEG of 65,500 by 65,500": lambda: _sized_jpeg(65_500, 65_500),
    "JPEG of no height": lambda: _sized_jpeg(640, 0),
    "JPEG that is all markers": lambda: b"\xff\xd8" + b"\xff\xe0\x00\x02" * 50_000,
    "JPEG whose segment passes its end": lambda: b"\xff\xd8" + _segment(0xE0, b"", 65_535),
    "JPEG without scans": lambda: _JPEG[: _JPEG.index(b"\xff\xda")] + b"\xff\xd9",
    "GIF of 65,535 by 65,535": lambda: _sized_gif(65_535, 65_535),
    "GIF of a hundred thousand frames": lambda: _many_frames(100_000),
    "GIF without a frame": lambda: _GIF[:13] + b";",
    "WebP of 16,000 by 16,000": lambda: _sized_webp(16_000, 16_000),
    "WebP that moves six hundred times": lambda: animation(600, (8, 8), "WEBP"),
    "AVIF of 60,000 by 60,000": lambda: _sized_avif(60_000, 60_000),
    "PNG that says it has a million frames": lambda: _animated_png(1_000_000),
} | {
    f"{kind} that ends after {part} %": lambda whole=whole, part=part: whole[
        : max(4, len(whole) * part // 100)
    ]
    for kind, whole in _WELL_FORMED.items()
    for part in (1, 10, 50, 90)
}

HARMLESS: dict[str, Make] = {
    "GIF of no size": lambda: _sized_gif(0, 0),
    "PNG whose chunk says 2 GB": lambda: _PNG[:33] + struct.pack(">I", 0x7FFFFFFF) + _PNG[37:],
    "JPEG with a ZIP behind it": lambda: _JPEG + _zip(),
    "JPEG with a page behind it": lambda: _JPEG + SCRIPT,
    "PNG with a program behind it": lambda: _PNG + b"MZ" + SCRIPT,
    "GIF with a script behind it": lambda: _GIF + b"*/=1;" + SCRIPT,
    "GIF with a script as comment": lambda: encoded(picture(), "GIF", comment=SCRIPT),
    "JPEG with a script as comment": lambda: encoded(picture(), "JPEG", comment=SCRIPT),
    "JPEG with PHP as EXIF": lambda: _in_jpeg(_segment(0xE1, b"Exif\x00\x00<?php" + SCRIPT)),
    "JPEG with endless EXIF": _exif_without_end,
    "JPEG with EXIF in a circle": _circular_exif,
    "JPEG with a false profile": _false_profile,
    "JPEG with entities in its XMP": _xmp_bomb,
    "JPEG with entities in its XMP in UTF-16": lambda: _xmp_bomb("utf-16"),
    "JPEG with sixty kilobytes of markers": lambda: _in_jpeg(*[_segment(0xEB, b"x")] * 15_000),
    "PNG with a profile that bursts": _icc_bomb,
    "PNG with texts that burst": _text_bomb,
    "PNG of one colour, nearly as large as may be": lambda: png(
        9_990, 9_990, b"\0" * 9_991 * 9_990
    ),
    "PNG of one pixel": lambda: png(1, 1, b"\x00\x00"),
    "PNG of 20,000 by 1": lambda: png(20_000, 1, b"\x00" * 20_001),
    "PNG of 1 by 20,000": lambda: png(1, 20_000, b"\x00\x00" * 20_000),
    "PNG of sixteen bits": lambda: png(8, 8, b"\x00" * 17 * 8, depth=16),
    "JPEG in CMYK": lambda: encoded(picture(mode="CMYK"), "JPEG"),
    "JPEG with a second picture (MPO)": lambda: encoded(
        picture(), "MPO", save_all=True, append_images=[picture(64, 48)]
    ),
} | {
    f"{kind}, garbled {seed}": lambda whole=whole, seed=seed: _garbled(whole, seed)
    for kind, whole in _WELL_FORMED.items()
    for seed in (1, 2)
}
