"""The description of a site whose content can be embedded."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from app.formats.embeds.address import Address

EmbedKind = Literal["video", "audio", "post", "document"]


@dataclass(frozen=True, slots=True)
class Found:
    """What a site's rules find in an address.

    Args:
        page: the canonical address of the content's page.
        frame: the address of the site's own player, which starts at once; None without one.
    """

    page: str
    frame: str | None


@dataclass(frozen=True, slots=True)
class Site:
    """A site, and how to embed its content.

    Args:
        name: its name, as readers know it; empty for the name of the host.
        kind: what it has.
        find: finds content by the rules of the site; None for an address of anything else.
        hosts: its hosts; empty if any host may be such a site.
        origin: the origin of its player; None without one.
        oembed: the address of its oEmbed service, with `{host}` for the host; None without a public
            one.
        quotes: whether the HTML of its oEmbed responses quotes the post, so that its words are
            known.
    """

    name: str
    kind: EmbedKind
    find: Callable[[Address], Found | None]
    hosts: frozenset[str] = frozenset()
    origin: str | None = None
    oembed: str | None = None
    quotes: bool = False
