"""Pictures: their sizes, for a browser to choose from, and what stands for them in words."""

import re
from html import escape

from app.timeline.entry import Media, Rendition

# Every browser shows these; newer types stand in a <source> that the browser may pass over.
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
    """A picture's renditions as `srcset` by media type; `""` stands for what all browsers show."""
    sets: dict[str, list[str]] = {}
    for rendition in sorted(media.renditions, key=lambda r: (r.type, r.width)):
        media_type = "" if rendition.type in _PLAIN_TYPES else rendition.type
        # Both characters would end the address inside a srcset.
        url = rendition.url.replace(" ", "%20").replace(",", "%2C")
        sets.setdefault(media_type, []).append(f"{url} {rendition.width}w")
    return {media_type: ", ".join(addresses) for media_type, addresses in sets.items()}


def pictures_as_links(markup: str, name: str) -> str:
    """Sanitised HTML with a link in place of each picture.

    Args:
        markup: of a body.
        name: the link's words where a picture has none of its own.
    """

    def link(picture: re.Match[str]) -> str:
        told = dict(_ATTRIBUTE.findall(picture[0]))
        return f'<a href="{told.get("src", "")}">{told.get("alt") or escape(name)}</a>'

    return _PICTURE.sub(link, markup)


def media_type(media: Media) -> str | None:
    """The type of what is at its address; None if there is no telling."""
    known = {rendition.url: rendition.type for rendition in media.renditions}
    suffix = media.url.partition("?")[0].rpartition(".")[2].lower()
    return known.get(media.url) or _TYPES.get(suffix)


def poster(media: Media) -> Rendition | None:
    """The still picture that stands for a video until it plays; None without one."""
    return max(
        (size for size in media.renditions if size.type in _PLAIN_TYPES),
        key=lambda size: size.width,
        default=None,
    )


def fitting_size(picture: Media, width: int | None, height: int | None) -> Rendition | None:
    """The largest size of a picture that every program shows and that fits; None without one.

    Args:
        picture: with its sizes.
        width: in pixels, at most; None for any.
        height: in pixels, at most; None for any.
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
