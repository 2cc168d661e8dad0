"""Pictures and videos of the Guardian's renderer, converted into Media.

A picture's `url` is its master file; the files that the site made from it are its renditions. The
copies that its image server makes on request are used only if no file is named.
"""

import re
from dataclasses import replace

from app.intake.document import Part
from app.intake.html.embeds import web_address
from app.intake.html.plain_text import plain_words
from app.intake.picture import MediaFile, MediaTexts, make_media, read_media_file, read_media_texts
from app.timeline.entry import Media

_FILE_TYPE = re.compile(  # excludes video/youtube, for instance, which is another site's page
    r"video/(mp4|webm|ogg|m4v|x-m4v|quicktime|m3u8|3gp.*)|application/(x-mpegurl|vnd\.apple\..*)",
    re.ASCII | re.IGNORECASE,
)


def image_media(element: Part) -> Media | None:
    """Return the picture of an image element; None if it names no file."""
    files = [_file(part) for part in element.at("media").at("allImages").items()]
    copies = [
        read_media_file(copy, "src", "")
        for source in element.at("imageSources").items()
        for copy in source.at("srcSet").items()
    ]
    return make_media("image", files if any(files) else copies, image_texts(element))


def image_texts(element: Part) -> MediaTexts:
    """Return the alternative text, caption and credit of an image element."""
    return read_media_texts(element.at("data"))


def cartoon_media(element: Part) -> Media | None:
    """Return a cartoon: its variants for wide and narrow screens become renditions."""
    variants = element.at("variants").items()
    files = [_file(part) for variant in variants for part in variant.at("images").items()]
    return make_media("image", files, read_media_texts(element))


def video_media(element: Part) -> Media | None:
    """Return one of the Guardian's own videos, its MP4 first; None without a file to fetch."""
    files = [_file(part) for part in element.at("assets").items()]
    return make_media(
        "video",
        [
            replace(file, is_original="mp4" in file.type)
            for file in files
            if file and _FILE_TYPE.fullmatch(file.type)
        ],
        read_media_texts(element),
    )


def cover_media(element: Part) -> Media | None:
    """Return the still picture of an element that is not a picture itself."""
    title = plain_words(_first(element, "mediaTitle", "title", "caption"))
    alt = plain_words(_first(element, "altText", "alt")) or title
    own = [
        MediaFile(url)
        for key in ("overrideImage", "coverUrl", "img", "imageUrl")
        if (url := web_address(element.peek(key).text_if_any()))
    ]
    posters = [read_media_file(part, "url", "mimeType") for part in _list(element, "posterImage")]
    stills = [_file(part) for part in _list(element.peek("imageMedia"), "allImages")]
    return make_media("image", [*own, *posters, *stills], MediaTexts(alt, title))


def _first(element: Part, *keys: str) -> str:
    return next(filter(None, (element.peek(key).text_if_any() for key in keys)), "")


def _list(element: Part, key: str) -> list[Part]:
    return element.peek(key).items_if_any()


def _file(part: Part) -> MediaFile | None:
    """Return a file with its pixels, which this format stores apart from its address."""
    file = read_media_file(part, "url", "mimeType")
    fields = part.peek("fields")
    return file and replace(
        file,
        width=fields.peek("width").size(),
        height=fields.peek("height").size(),
        is_original=fields.peek("isMaster").value in ("true", True),
    )
