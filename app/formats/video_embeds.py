"""Video embeds: videos of other sites, which a page loads once a reader requests them.

An address is parsed by the rules of its site, and the player's address is built from the video's id
and start alone. Every address that is not of a video on an allowed site is refused.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from urllib.parse import SplitResult, parse_qs, urlsplit

LONGEST = 2048  # characters of an address
# No backslash and no invisible character: programs interpret these in different ways.
ADDRESS = r"[Hh][Tt][Tt][Pp][Ss]?://[!#-;=?-\[\]_A-Za-z~]+"
_ADDRESS = re.compile(ADDRESS, re.ASCII)
_HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]")
_YOUTUBE = re.compile(r"[A-Za-z0-9_-]{11}", re.ASCII)
_VIMEO = re.compile(
    r"/(?:video/|channels/[\w-]+/|groups/[\w-]+/videos/)?([0-9]{1,12})(?:/([0-9a-f]{6,20}))?/?",
    re.ASCII,
)
_VIMEO_HASH = re.compile(r"[0-9a-f]{6,20}", re.ASCII)
_DAILYMOTION = re.compile(r"(?:/embed)?(?:/video)?/([A-Za-z0-9]{3,20})(?:_[\w-]*)?/?", re.ASCII)
_PEERTUBE = re.compile(r"/(?:w|videos/watch|videos/embed)/([A-Za-z0-9-]{8,40})/?", re.ASCII)
_START = re.compile(r"(?:([0-9]{1,2})h)?(?:([0-9]{1,3})m)?(?:([0-9]{1,6})s?)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Player:
    """The addresses of a video on another site.

    Args:
        site: the site's name.
        page: the address of the video's page.
        frame: the address of its player, which starts to play at once.
    """

    site: str
    page: str
    frame: str


@dataclass(frozen=True, slots=True)
class _Site:
    name: str
    hosts: frozenset[str]
    origin: str  # of its player
    find: Callable[[SplitResult, dict[str, str]], tuple[str, str] | None]  # page and frame


class UnknownSite(ValueError):
    """No site of that name is known; the message lists the known ones."""


class Players:
    """The video sites that a newsroom allows.

    Args:
        names: any of `youtube`, `vimeo`, `dailymotion` and `peertube:HOST`.

    Raises:
        UnknownSite: a name is none of these.
    """

    def __init__(self, names: Iterable[str] = ()) -> None:
        self._sites = []
        for name in dict.fromkeys(names):
            kind, _, host = name.partition(":")
            if name in _SITES:
                site = _SITES[name]
            elif kind == "peertube" and _HOST.fullmatch(host):
                hosts = frozenset({host.removeprefix("www.")})
                site = _Site(host, hosts, f"https://{host}", partial(_peertube, host))
            else:
                raise UnknownSite(f"expected names among {', '.join(_SITES)} and peertube:HOST")
            self._sites.append(site)

    @property
    def sites(self) -> list[str]:
        """The names of the sites."""
        return [site.name for site in self._sites]

    @property
    def origins(self) -> tuple[str, ...]:
        """The origins of the players."""
        return tuple(site.origin for site in self._sites)

    def find(self, address: str) -> Player | None:
        """The player of a video; None for any other address."""
        parts = _split(address)
        if parts is None:
            return None
        host = parts.netloc.removeprefix("www.")
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        for site in self._sites:
            addresses = site.find(parts, query) if host in site.hosts else None
            if addresses:
                return Player(site.name, *addresses)
        return None


def host_of(address: str) -> str:
    """The host of an address, without `www.`; empty if it is not a valid address."""
    parts = _split(address)
    return parts.netloc.removeprefix("www.") if parts else ""


def _split(address: str) -> SplitResult | None:
    if len(address) > LONGEST or not _ADDRESS.fullmatch(address):
        return None
    try:
        parts = urlsplit(address)
        parse_qs(parts.query)  # raises for too many fields
    except ValueError:
        return None
    return parts._replace(netloc=parts.netloc.lower())


def _youtube(parts: SplitResult, query: dict[str, str]) -> tuple[str, str] | None:
    if parts.netloc == "youtu.be":
        video = parts.path[1:]
    elif parts.path == "/watch":
        video = query.get("v", "")
    else:
        kind, _, video = parts.path[1:].partition("/")
        video = video.rstrip("/") if kind in {"shorts", "live", "embed"} else ""
    if not _YOUTUBE.fullmatch(video) or video == "videoseries":
        return None
    # A start is a time such as `90`, `90s` or `1m30s`; any other text is ignored.
    match = _START.fullmatch(query.get("t") or query.get("start") or "")
    hours, minutes, seconds = (int(part or 0) for part in match.groups()) if match else (0, 0, 0)
    start = (hours * 60 + minutes) * 60 + seconds
    page = f"https://www.youtube.com/watch?v={video}" + (f"&t={start}s" if start else "")
    frame = f"https://www.youtube-nocookie.com/embed/{video}?autoplay=1"
    return page, frame + (f"&start={start}" if start else "")


def _vimeo(parts: SplitResult, query: dict[str, str]) -> tuple[str, str] | None:
    match = _VIMEO.fullmatch(parts.path)
    if not match:
        return None
    video, key = match[1], match[2] or query.get("h", "")
    key = key if _VIMEO_HASH.fullmatch(key) else ""  # the key of an unlisted video
    page = f"https://vimeo.com/{video}" + (f"/{key}" if key else "")
    frame = f"https://player.vimeo.com/video/{video}?dnt=1&autoplay=1"
    return page, frame + (f"&h={key}" if key else "")


def _dailymotion(parts: SplitResult, query: dict[str, str]) -> tuple[str, str] | None:
    is_player = parts.netloc == "geo.dailymotion.com"
    path = f"/{query.get('video', '')}" if is_player else parts.path
    match = _DAILYMOTION.fullmatch(path)
    if not match or not (is_player or parts.netloc == "dai.ly" or "/video/" in path):
        return None
    frame = f"https://geo.dailymotion.com/player.html?video={match[1]}&autoplay=true"
    return f"https://www.dailymotion.com/video/{match[1]}", frame


def _peertube(host: str, parts: SplitResult, _: dict[str, str]) -> tuple[str, str] | None:
    match = _PEERTUBE.fullmatch(parts.path)
    if not match:
        return None
    frame = f"https://{host}/videos/embed/{match[1]}?autoplay=1"
    return f"https://{host}/w/{match[1]}", frame


_SITES = {
    "youtube": _Site(
        "YouTube",
        frozenset({"youtube.com", "m.youtube.com", "youtu.be", "youtube-nocookie.com"}),
        "https://www.youtube-nocookie.com",
        _youtube,
    ),
    "vimeo": _Site(
        "Vimeo",
        frozenset({"vimeo.com", "player.vimeo.com"}),
        "https://player.vimeo.com",
        _vimeo,
    ),
    "dailymotion": _Site(
        "Dailymotion",
        frozenset({"dailymotion.com", "geo.dailymotion.com", "dai.ly"}),
        "https://geo.dailymotion.com",
        _dailymotion,
    ),
}
