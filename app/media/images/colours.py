"""Colour conversion: to eight bits a channel and sRGB, with or without transparency."""

import io
from contextlib import suppress

from PIL import Image, ImageCms, ImageMath

_PROFILE_AT_MOST = 4 * 1024 * 1024  # bytes; a camera's profile has a few thousand
_SRGB = ImageCms.createProfile("sRGB")
_SEE_THROUGH = frozenset({"RGBA", "LA", "PA", "La", "RGBa"})
_SPACE = slice(16, 20)  # of a profile: its colour space
_GREY = frozenset({"1", "L", "LA"})
_DEEP = ("I", "F")  # and I;16, I;16B …: more than eight bits a channel
_SIXTEEN_TO_EIGHT = 1 / 257
_OPAQUE = 255


def in_srgb(picture: Image.Image, profile: bytes | None) -> Image.Image:
    """Convert to RGB, or to RGBA if the picture has transparency.

    Args:
        picture: in any mode.
        profile: its ICC profile; None, or one that cannot be read, means sRGB.
    """
    picture = _eight_bits(picture)
    alpha = _alpha(picture)
    seen = _converted(picture, profile)
    if alpha is not None:
        seen.putalpha(alpha)
    seen.info = {}
    return seen


def on_white(picture: Image.Image) -> Image.Image:
    """Flatten onto white, since a JPEG has no transparency."""
    if picture.mode != "RGBA":
        return picture
    paper = Image.new("RGB", picture.size, "white")
    paper.paste(picture, mask=picture.getchannel("A"))
    return paper


def _eight_bits(picture: Image.Image) -> Image.Image:
    if not (picture.mode.startswith("I;16") or picture.mode in _DEEP):
        return picture
    grey = picture.convert("F").point(lambda value: value * _SIXTEEN_TO_EIGHT).convert("L")
    clear = picture.info.get("transparency")
    grey.info = {}
    if not isinstance(clear, int):
        return grey
    # Compared at full depth: at eight bits, many greys would equal the transparent one.
    whole = picture.convert("I")
    seen = ImageMath.lambda_eval(lambda given: (given["whole"] != clear) * _OPAQUE, whole=whole)
    return Image.merge("LA", (grey, seen.convert("L")))


def _alpha(picture: Image.Image) -> Image.Image | None:
    if "transparency" not in picture.info and picture.mode not in _SEE_THROUGH:
        return None
    alpha = picture.convert("RGBA").getchannel("A")
    return None if alpha.getextrema() == (_OPAQUE, _OPAQUE) else alpha


def _converted(picture: Image.Image, profile: bytes | None) -> Image.Image:
    has_palette = picture.mode in {"P", "PA"} or "transparency" in picture.info
    mode = _mode_for(profile, picture.mode)
    if profile and mode:
        plain = picture
        if picture.mode != mode:
            plain = picture.convert("RGBA").convert(mode)
        # The profile may be damaged.
        with suppress(ImageCms.PyCMSError, OSError, ValueError, TypeError):
            given = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            converted = ImageCms.profileToProfile(plain, given, _SRGB, outputMode="RGB")
            if converted is not None:
                return converted
    if picture.mode == "RGB":
        return picture.copy()
    return (picture.convert("RGBA") if has_palette else picture).convert("RGB")


def _mode_for(profile: bytes | None, mode: str) -> str | None:
    """Return the mode in which a profile takes pixels; None if it is for another colour space."""
    if not profile or len(profile) > _PROFILE_AT_MOST:
        return None
    space = profile[_SPACE]
    if space == b"CMYK" or mode == "CMYK":
        return mode if space == b"CMYK" and mode == "CMYK" else None
    if space == b"GRAY":
        return "L" if mode in _GREY else None
    return "RGB" if space == b"RGB " else None
