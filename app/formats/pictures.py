"""Pictures: `srcset`s of their renditions, media types, stills, and links in their place."""

import re
from html import escape

from app.timeline.entry import Media, Rendition

# Every browser shows these; newer types stand in a <source> that the browser may skip.
_PLAIN_TYPES = frozenset({"image/jpeg", "image/png", "image/gif"})
# As the sanitiser writes them: values in double quotes, escaped.
_PICTURE = re.compile(r"""<img\b(?:[^>"]|"[^"]*")*>""")
_ATTRIBUTE = re.compile(r'''([a-z]+)="([^"]*)"''')
# By the end of the address: a picture's first size need not be among its renditions.
_TYPES = {
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "png": "image/png",
    "gif": "image/gif",
    "webp": "image/webp",
    "avif": "image/avif",
    "mp4": "video/mp4",
    "webm": "video/webm",
}


def source_sets(media: Media) -> dict[str, str]:
    """A picture's `srcset` by media type; the key `""` has the types that all browsers show."""
    sets: dict[str, list[str]] = {}
    for rendition in sorted(media.renditions, key=lambda r: (r.type, r.width)):
        media_type = "" if rendition.type in _PLAIN_TYPES else rendition.type
        # Both characters would end the address inside a srcset.
        url = rendition.url.replace(" ", "%20").replace(",", "%2C")
        sets.setdefault(media_type, []).append(f"{url} {rendition.width}w")
    return {media_type: ", ".join(addresses) for media_type, addresses in sets.items()}


def pictures_as_links(markup: str, name: str) -> str:
    """Replace each picture in sanitised HTML by a link.

    Args:
        markup: the HTML of a body.
        name: the link's text for a picture without alternative text.
    """

    def link(picture: re.Match[str]) -> str:
        attributes = dict(_ATTRIBUTE.findall(picture[0]))
        text = attributes.get("alt") or escape(name)
        return f'<a href="{attributes.get("src", "")}">{text}</a>'

    return _PICTURE.sub(link, markup)


def media_type(media: Media) -> str | None:
    """The media type of the file at its address; None if it is unknown."""
    types = {rendition.url: rendition.type for rendition in media.renditions}
    suffix = media.url.partition("?")[0].rpartition(".")[2].lower()
    return types.get(media.url) or _TYPES.get(suffix)


def poster(media: Media) -> Rendition | None:
    """The still picture that is shown until a video plays; None if there is none."""
    return max(
        (size for size in media.renditions if size.type in _PLAIN_TYPES),
        key=lambda size: size.width,
        default=None,
    )


def fitting_size(picture: Media, width: int | None, height: int | None) -> Rendition | None:
    """The largest fitting size of a picture in a type that all programs show; None if none fits.

    Args:
        picture: a picture with its renditions.
        width: the greatest width in pixels; None for any.
        height: the greatest height in pixels; None for any.
    """
    sizes = list(picture.renditions)
    kind = media_type(picture)
    if picture.width and picture.height and kind:
        sizes.append(Rendition(picture.url, picture.width, picture.height, kind))
    fitting = [
        size
        for size in sizes
        if size.type in _PLAIN_TYPES
        and (width is None or size.width <= width)
        and (height is None or size.height <= height)
    ]
    return max(fitting, key=lambda size: size.width, default=None)
