"""Colour conversion: to eight bits a channel and sRGB, with or without transparency."""

import io
from contextlib import suppress

from PIL import Image, ImageCms, ImageMath

from app.media.images.metadata import without_metadata

_PROFILE_AT_MOST = 4 * 1024 * 1024  # bytes; a camera's profile has a few thousand
_SRGB = ImageCms.createProfile("sRGB")
_WITH_ALPHA = frozenset({"RGBA", "LA", "PA", "La", "RGBa"})
_SPACE = slice(16, 20)  # of a profile: its colour space
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
    alpha = None
    if "transparency" in picture.info or picture.mode in _WITH_ALPHA:
        alpha = picture.convert("RGBA").getchannel("A")
        if alpha.getextrema() == (_OPAQUE, _OPAQUE):
            alpha = None
    converted = _converted(picture, profile)
    if alpha is not None:
        converted.putalpha(alpha)
    return without_metadata(converted)


def on_white(picture: Image.Image) -> Image.Image:
    """Flatten onto white, since a JPEG has no transparency."""
    if picture.mode != "RGBA":
        return picture
    background = Image.new("RGB", picture.size, "white")
    background.paste(picture, mask=picture.getchannel("A"))
    return background


def _eight_bits(picture: Image.Image) -> Image.Image:
    if not (picture.mode.startswith("I;16") or picture.mode in _DEEP):
        return picture
    grey = picture.convert("F").point(lambda value: value * _SIXTEEN_TO_EIGHT).convert("L")
    transparent = picture.info.get("transparency")
    grey.info = {}
    if not isinstance(transparent, int):
        return grey
    # Compared at full depth: at eight bits, many greys would equal the transparent one.
    alpha = ImageMath.lambda_eval(
        lambda images: (images["deep"] != transparent) * _OPAQUE, deep=picture.convert("I")
    )
    return Image.merge("LA", (grey, alpha.convert("L")))


def _converted(picture: Image.Image, profile: bytes | None) -> Image.Image:
    has_palette = picture.mode in {"P", "PA"} or "transparency" in picture.info
    mode = None  # in which the profile takes pixels; None if it is for another colour space
    if profile and len(profile) <= _PROFILE_AT_MOST:
        match profile[_SPACE], picture.mode:
            case b"CMYK", "CMYK":
                mode = "CMYK"
            case b"GRAY", "1" | "L" | "LA":
                mode = "L"
            case b"RGB ", space if space != "CMYK":
                mode = "RGB"
    if profile and mode:
        plain = picture if picture.mode == mode else picture.convert("RGBA").convert(mode)
        # The profile may be damaged.
        with suppress(ImageCms.PyCMSError, OSError, ValueError, TypeError):
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            converted = ImageCms.profileToProfile(plain, source, _SRGB, outputMode="RGB")
            if converted is not None:
                return converted
    if picture.mode == "RGB":
        return picture.copy()
    return (picture.convert("RGBA") if has_palette else picture).convert("RGB")
