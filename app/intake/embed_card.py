"""Cards of embeds: what the oEmbed response of another site says of its content.

Every word is taken as plain text. The HTML of a response is never shown: only the quotation in it
is read, where a site is known to quote the post there.

Source: oEmbed 1.0 (oembed.com), section 2.3.
"""

import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

import orjson

from app.formats.embeds.sites import Embed
from app.intake.body import clean_html
from app.intake.text_types import replace_controls
from app.timeline.entry import Card
from app.timeline.plain_text import plain_text
from app.timeline.truncation import truncate
from app.timeline.visible_text import is_visible

_AUTHOR, _TEXT = 100, 600  # characters at most
_MARKUP = 4000  # characters of a quotation that are read: what is longer costs too much
_SHORT_NAME = re.compile(r"/(@[\w.]{1,30})/?\Z|(?:x|twitter)\.com/(\w{1,15})/?\Z", re.ASCII)
# After the quotation, in the language that the service uses without being asked for another one.
_DAY = re.compile(r"([A-Z][a-z]{2,8} [0-9]{1,2}, [0-9]{4})")
# Overrides and embeddings, whose effect could reach beyond the text.
_BIDI = re.compile("[\u202a-\u202e\u2066-\u2069]")


@dataclass(frozen=True, slots=True)
class Description:
    """What a site says of its content.

    Args:
        card: its words; None if there are none.
        picture: the address of a picture on another site; None without one.
    """

    card: Card | None
    picture: str | None


def read_description(response: bytes, embed: Embed) -> Description:
    """Read an oEmbed response about an embed.

    Raises:
        ValueError: it is not a JSON object.
    """
    members = orjson.loads(response)
    if not isinstance(members, dict):
        raise ValueError("not a JSON object")  # noqa: TRY004  a response, and no argument
    author = _words(members.get("author_name"), _AUTHOR)
    # Only texts are searched: the text of a deeply nested list is a RecursionError.
    name = _SHORT_NAME.search(_text(members.get("author_url")))
    if author and name:
        author = f"{author} (@{(name[1] or name[2]).removeprefix('@')})"
    text, day = _words(members.get("title"), _TEXT), None
    if embed.quotes:
        # The first paragraph quotes the post; the day stands behind it.
        beginning = _text(members.get("html")).partition("<p")[2]
        quoted, _, after = beginning.partition(">")[2].partition("</p>")
        text = _words(plain_text(clean_html(quoted[:_MARKUP])), _TEXT)
        with suppress(IndexError, ValueError):
            found = _DAY.findall(after)[-1]
            day = datetime.strptime(found, "%B %d, %Y").date()  # noqa: DTZ007  it has no time
    picture = members.get("thumbnail_url")
    return Description(
        Card(embed.site, author, text, day) if author or text else None,
        picture if isinstance(picture, str) and picture.startswith("https://") else None,
    )


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _words(value: object, limit: int) -> str:
    line = " ".join(_BIDI.sub("", replace_controls(_text(value))).split())
    return truncate(line, limit) if is_visible(line) else ""
