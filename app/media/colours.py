"""Pixels as every screen shows them: eight bits a channel, sRGB, with or without transparency."""

import io
from contextlib import suppress

from PIL import Image, ImageCms

_PROFILE_AT_MOST = 4 * 1024 * 1024  # bytes; a camera's has some thousand
_SRGB = ImageCms.createProfile("sRGB")
_SEE_THROUGH = frozenset({"RGBA", "LA", "PA", "La", "RGBa"})
_DEEP = ("I", "F")  # and I;16, I;16B …: more than eight bits a channel
_SIXTEEN_TO_EIGHT = 1 / 257


def in_srgb(picture: Image.Image, profile: bytes | None) -> Image.Image:
    """The same pixels as RGB, or as RGBA where something is seen through.

    Args:
        picture: in any mode.
        profile: its ICC profile; one that cannot be read counts as none, which means sRGB.
    """
    picture = _eight_bits(picture)
    alpha = _alpha(picture)
    seen = _converted(picture, profile)
    if alpha is not None:
        seen.putalpha(alpha)
    seen.info = {}
    return seen


def on_white(picture: Image.Image) -> Image.Image:
    """The same without transparency, for a JPEG."""
    if picture.mode != "RGBA":
        return picture
    paper = Image.new("RGB", picture.size, "white")
    paper.paste(picture, mask=picture.getchannel("A"))
    return paper


def _eight_bits(picture: Image.Image) -> Image.Image:
    if picture.mode.startswith("I;16") or picture.mode in _DEEP:
        return picture.convert("F").point(lambda value: value * _SIXTEEN_TO_EIGHT).convert("L")
    return picture


def _alpha(picture: Image.Image) -> Image.Image | None:
    if "transparency" not in picture.info and picture.mode not in _SEE_THROUGH:
        return None
    alpha = picture.convert("RGBA").getchannel("A")
    return None if alpha.getextrema() == (255, 255) else alpha


def _converted(picture: Image.Image, profile: bytes | None) -> Image.Image:
    if profile and len(profile) <= _PROFILE_AT_MOST:
        plain = picture
        if picture.mode not in {"RGB", "L", "CMYK"}:
            plain = picture.convert("RGBA").convert("RGB")
        # A profile that is damaged, or made for other channels.
        with suppress(ImageCms.PyCMSError, OSError, ValueError, TypeError):
            given = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            converted = ImageCms.profileToProfile(plain, given, _SRGB, outputMode="RGB")
            if converted is not None:
                return converted
    if picture.mode == "RGB":
        return picture.copy()
    has_palette = picture.mode in {"P", "PA"} or "transparency" in picture.info
    return (picture.convert("RGBA") if has_palette else picture).convert("RGB")
