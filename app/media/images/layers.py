"""Animations whose frames are laid one on the other (GIF and APNG), as browsers compose them.

Each layer is a small picture of its own, so that Pillow decodes pictures and keeps no state between
them. What no layer covers is transparent.

Source: GIF89a, section 23; PNG (third edition), section 11.3.6.
"""

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

from PIL import Image

from app.media.images.colours import in_srgb


class Disposal(Enum):
    """What becomes of a layer's place before the next is laid."""

    KEEP = 0
    CLEAR = 1
    PREVIOUS = 2


@dataclass(frozen=True, slots=True)
class Layer:
    """One picture of an animation.

    Args:
        content: a file with this picture alone.
        corner: its left and upper edge, in pixels of the canvas.
        size: in pixels.
        duration: milliseconds, as the file says.
        disposal: what becomes of it.
        covers: it takes the place of what is below, where it is transparent too.
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
    """The frames, in RGBA and sRGB, each valid until the next is asked for.

    Args:
        layers: in the order of time.
        kind: what each is a file of, as Pillow calls it.
        size: of the canvas.
        profile: an ICC profile of all; None for sRGB.

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
