"""The table of sites, and the ones that a newsroom allows.

An address is parsed by the rules of its site. Every address that is not of content on an allowed
site is refused. A site that may be at any host has a card and a link, but no player: the policy of
pages names the origins that they may frame. Name the host (`peertube:HOST`) for a player.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlencode

from app.formats.embeds import post_sites, video_sites
from app.formats.embeds.address import is_host_name, split_address
from app.formats.embeds.site import EmbedKind, Site
from app.timeline.entry import Media

# In the order in which they are asked: those of any host come last.
SITES = {
    "x": post_sites.X,
    "telegram": post_sites.TELEGRAM,
    "facebook": post_sites.FACEBOOK,
    "instagram": post_sites.INSTAGRAM,
    "tiktok": post_sites.TIKTOK,
    "bluesky": post_sites.BLUESKY,
    "youtube": video_sites.YOUTUBE,
    "vimeo": video_sites.VIMEO,
    "dailymotion": video_sites.DAILYMOTION,
    "soundcloud": video_sites.SOUNDCLOUD,
    "mastodon": post_sites.MASTODON,
    "peertube": video_sites.PEERTUBE,
    "documents": post_sites.DOCUMENTS,
}
_INSTANCES = {"mastodon": post_sites.mastodon_at, "peertube": video_sites.peertube_at}
_LABELS = {"mastodon": "Mastodon", "peertube": "PeerTube", "documents": "any site (PDF)"}


class UnknownSite(ValueError):
    """No site of that name is known; the message lists the known ones."""


@dataclass(frozen=True, slots=True)
class Embed:
    """Content of another site.

    Args:
        site: the site's name.
        kind: what it is.
        page: the address of its page.
        frame: the address of its player, which starts at once; None without one.
        oembed: the address of its description by oEmbed; None without one.
        quotes: whether the HTML of that description quotes the post.
    """

    site: str
    kind: EmbedKind
    page: str
    frame: str | None
    oembed: str | None
    quotes: bool


class EmbedSites:
    """The sites that a newsroom allows.

    Args:
        names: any of `SITES`, `mastodon:HOST` and `peertube:HOST`.

    Raises:
        UnknownSite: a name is none of these.
    """

    def __init__(self, names: Iterable[str] = ()) -> None:
        self._sites: dict[str, Site] = {}
        for name in dict.fromkeys(names):
            kind, _, host = name.partition(":")
            if name in SITES:
                self._sites[name] = SITES[name]
            elif kind in _INSTANCES and is_host_name(host):
                self._sites[name] = _INSTANCES[kind](host)
            else:
                known = ", ".join(SITES)
                raise UnknownSite(f"expected names among {known}, mastodon:HOST and peertube:HOST")
        self._names = sorted(self._sites, key=lambda name: not self._sites[name].hosts)

    @property
    def names(self) -> list[str]:
        """The names of the sites, as people know them."""
        return [_LABELS.get(name) or site.name for name, site in self._sites.items()]

    @property
    def origins(self) -> tuple[str, ...]:
        """The origins of the players."""
        return tuple(site.origin for site in self._sites.values() if site.origin)

    def find(self, address: str) -> Embed | None:
        """The content at an address; None if it is not on one of the sites."""
        parts = split_address(address)
        if parts is None:
            return None
        for site in (self._sites[name] for name in self._names):
            if parts.host not in site.hosts if site.hosts else not is_host_name(parts.host):
                continue
            if (found := site.find(parts)) is not None:
                oembed = site.oembed and site.oembed.format(host=parts.host)
                query = urlencode({"url": found.page, "format": "json", "dnt": "true"})
                return Embed(
                    site.name or parts.host,
                    site.kind,
                    found.page,
                    found.frame,
                    f"{oembed}?{query}" if oembed else None,
                    site.quotes,
                )
        return None


_EVERY_SITE = EmbedSites(SITES)


def is_video(media: Media) -> bool:
    """Whether a medium is a video, stored here or on any site that is known.

    An embed of another site was accepted when a setting named that site: PeerTube, most likely.
    """
    if media.kind != "embed":
        return media.kind == "video"
    embed = _EVERY_SITE.find(media.url)
    return embed is None or embed.kind == "video"
