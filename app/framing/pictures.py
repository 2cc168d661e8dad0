"""Pictures: their sizes, for a browser to choose from, and what stands for them in words."""

import re
from html import escape

from app.timeline.entry import Media

# Every browser shows these; newer types stand in a <source> that the browser may pass over.
_PLAIN_TYPES = frozenset({"image/jpeg", "image/png", "image/gif"})
# As the sanitiser writes them: values in double quotes, escaped.
_PICTURE = re.compile(r"""<img\b(?:[^>"]|"[^"]*")*>""")
_ATTRIBUTE = re.compile(r'''([a-z]+)="([^"]*)"''')


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
