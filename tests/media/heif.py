"""HEIC pictures as phones write them, and hostile ones."""

import io
import random
import struct
from collections.abc import Callable
from functools import cache
from typing import Any

import pillow_heif
from PIL import Image

from tests.media.pictures import GPS_TAG, MODEL, ORIENTATION_TAG, picture
from tests.media.videos import made

_COUNT = b"\x7f\xff\xff\xff"


def heic(
    image: Image.Image, orientation: int = 1, more: Image.Image | None = None, **options: Any
) -> bytes:
    """Return a HEIC with position and camera in its EXIF.

    Args:
        image: its picture.
        orientation: the EXIF orientation.
        more: a second picture after it.
        options: of the encoder.
    """
    exif = Image.Exif()
    exif[ORIENTATION_TAG] = orientation
    exif[0x0110] = MODEL
    exif[GPS_TAG] = {1: "N", 2: (59.0, 54.0, 50.0), 3: "E", 4: (10.0, 45.0, 8.0)}
    file = pillow_heif.from_pillow(image)
    if more is not None:
        file.add_from_pillow(more)
    buffer = io.BytesIO()
    file.save(buffer, exif=exif.tobytes(), **({"quality": 90} | options))
    return buffer.getvalue()


@cache
def plain() -> bytes:
    """Return a HEIC with four colours; cached."""
    return heic(picture())


def _with(kind: bytes, offset: int, new: bytes) -> bytes:
    """Return the picture with bytes replaced at an offset from a box's type."""
    at = plain().index(kind) + offset
    return plain()[:at] + new + plain()[at + len(new) :]


def _cut(part: int) -> bytes:
    return plain()[: len(plain()) * part // 100]


def _zeroed() -> bytes:
    at = plain().index(b"mdat") + 4
    return plain()[:at] + bytes(len(plain()) - at)


def _garbled(seed: int) -> bytes:
    rng, body = random.Random(seed), bytearray(plain())
    for _ in range(30):
        body[rng.randrange(24, len(body))] = rng.randrange(256)
    return bytes(body)


REFUSED: dict[str, Callable[[], bytes]] = {
    **{f"HEIC that ends after {part} %": lambda part=part: _cut(part) for part in (2, 10, 50, 90)},
    "HEIC by its head alone": lambda: plain()[:28],
    "noise behind a HEIC's head": lambda: plain()[:28] + random.Random(5).randbytes(20_000),
    "HEIC of 60,000 by 60,000": lambda: _with(b"ispe", 8, struct.pack(">II", 60_000, 60_000)),
    "HEIC of no size": lambda: _with(b"ispe", 8, bytes(8)),
    "HEIC without a setup of its decoder": lambda: _with(b"hvcC", 4, bytes(40)),
    "HEIC whose pixels are zeros": _zeroed,
    "HEIC without places": lambda: _with(b"iloc", 0, b"xxxx"),
    "HEIC without a first picture": lambda: _with(b"pitm", 8, b"\x7f\xff"),
    "HEIC without items": lambda: _with(b"iinf", 0, b"xxxx"),
    "HEIC with an item of another codec": lambda: plain().replace(b"hvc1", b"zzz1"),
    "a HEIC's head before a film": lambda: plain()[:28] + made("MP4")[32:],
}
HARMLESS: dict[str, Callable[[], bytes]] = {
    **{f"HEIC, garbled {seed}": lambda seed=seed: _garbled(seed) for seed in range(8)},
    **{
        f"{what} in a HEIC's {kind.decode()}": lambda kind=kind, new=new: _with(kind, -4, new)
        for what, new in {"a length of 2 GB": _COUNT, "no length": b"\0\0\0\3"}.items()
        for kind in (b"meta", b"iloc", b"iinf", b"iprp", b"ipco", b"ispe", b"hvcC", b"mdat")
    },
    "HEIC with a page behind it": lambda: plain() + b"<script>alert(1)</script>",
    "HEIC of two pictures": lambda: heic(picture(), more=picture(64, 48)),
}
