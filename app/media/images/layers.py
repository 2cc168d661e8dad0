"""Layered animations (GIF and APNG), composed as browsers do.

Each layer is a picture of its own, so Pillow decodes still pictures only and keeps no state
between them. Areas that no layer covers are transparent.

Source: GIF89a, section 23; PNG (third edition), section 11.3.6.
"""

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

from PIL import Image

from app.media.images.colours import in_srgb


class Disposal(Enum):
    """What happens to a layer's area before the next layer is drawn."""

    KEEP = 0
    CLEAR = 1
    PREVIOUS = 2


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer of an animation.

    Args:
        content: a file that contains this picture alone.
        corner: its left and upper edge, in pixels of the canvas.
        size: in pixels.
        duration: milliseconds, as the file declares.
        disposal: what happens to its area afterwards.
        covers: its transparent pixels too replace those below.
    """

    content: bytes
    corner: tuple[int, int]
    size: tuple[int, int]
    duration: float
    disposal: Disposal = Disposal.KEEP
    covers: bool = False


def compose(
    layers: Sequence[Layer], kind: str, size: tuple[int, int], profile: bytes | None
) -> Iterator[Image.Image]:
    """Yield the frames, in RGBA and sRGB; each is valid until the next is requested.

    Args:
        layers: in order of time.
        kind: the format of each layer's file, by Pillow's name.
        size: of the canvas.
        profile: an ICC profile for all layers; None for sRGB.

    Raises:
        OSError: a layer ends too early.
    """
    canvas = Image.new("RGBA", size)
    for layer in layers:
        with Image.open(io.BytesIO(layer.content), formats=[kind]) as picture:
            part = in_srgb(picture, profile).convert("RGBA")
        left, top = layer.corner
        part = part.crop((0, 0, max(0, min(part.width, size[0] - left)), part.height))
        part = part.crop((0, 0, part.width, max(0, min(part.height, size[1] - top))))
        before = canvas.copy() if layer.disposal is Disposal.PREVIOUS else None
        if layer.covers:
            canvas.paste(part, layer.corner)
        elif part.width and part.height:
            canvas.alpha_composite(part, layer.corner)
        yield canvas
        if before is not None:
            canvas = before
        elif layer.disposal is Disposal.CLEAR:
            canvas.paste((0, 0, 0, 0), (left, top, left + part.width, top + part.height))
