"""Sites of videos and recordings: YouTube, Vimeo, Dailymotion, PeerTube and SoundCloud.

The player's address is built from the content's id and start alone.
"""

import re
from urllib.parse import urlencode

from app.formats.embeds.address import Address
from app.formats.embeds.site import Found, Site

_YOUTUBE = re.compile(r"[A-Za-z0-9_-]{11}", re.ASCII)
_VIMEO = re.compile(
    r"/(?:video/|channels/[\w-]+/|groups/[\w-]+/videos/)?([0-9]{1,12})(?:/([0-9a-f]{6,20}))?/?",
    re.ASCII,
)
_VIMEO_HASH = re.compile(r"[0-9a-f]{6,20}", re.ASCII)
_DAILYMOTION = re.compile(r"(?:/embed)?(?:/video)?/([A-Za-z0-9]{3,20})(?:_[\w-]*)?/?", re.ASCII)
_PEERTUBE = re.compile(r"/(?:w|videos/watch|videos/embed)/([A-Za-z0-9-]{8,40})/?", re.ASCII)
# On a host that nobody has named, only the ids that PeerTube itself makes.
_PEERTUBE_ID = re.compile(r"[1-9A-HJ-NP-Za-km-z]{22}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_SOUNDCLOUD = re.compile(r"/([a-z0-9][\w-]{1,50}(?:/sets)?/[a-z0-9_][\w-]{0,100})/?", re.ASCII)
_SOUNDCLOUD_PAGES = frozenset({"charts", "discover", "feed", "messages", "pages", "search", "you"})
_START = re.compile(r"(?:([0-9]{1,2})h)?(?:([0-9]{1,3})m)?(?:([0-9]{1,6})s?)?", re.ASCII)


def _youtube(address: Address) -> Found | None:
    query = address.query
    if address.host == "youtu.be":
        video = address.path[1:]
    elif address.path == "/watch":
        video = query.get("v", "")
    else:
        kind, _, video = address.path[1:].partition("/")
        video = video.rstrip("/") if kind in {"shorts", "live", "embed"} else ""
    if not _YOUTUBE.fullmatch(video) or video == "videoseries":
        return None
    # A start is a time such as `90`, `90s` or `1m30s`; any other text is ignored.
    match = _START.fullmatch(query.get("t") or query.get("start") or "")
    hours, minutes, seconds = (int(part or 0) for part in match.groups()) if match else (0, 0, 0)
    start = (hours * 60 + minutes) * 60 + seconds
    page = f"https://www.youtube.com/watch?v={video}" + (f"&t={start}s" if start else "")
    frame = f"https://www.youtube-nocookie.com/embed/{video}?autoplay=1"
    return Found(page, frame + (f"&start={start}" if start else ""))


def _vimeo(address: Address) -> Found | None:
    match = _VIMEO.fullmatch(address.path)
    if not match:
        return None
    video, key = match[1], match[2] or address.query.get("h", "")
    key = key if _VIMEO_HASH.fullmatch(key) else ""  # the key of an unlisted video
    page = f"https://vimeo.com/{video}" + (f"/{key}" if key else "")
    frame = f"https://player.vimeo.com/video/{video}?dnt=1&autoplay=1"
    return Found(page, frame + (f"&h={key}" if key else ""))


def _dailymotion(address: Address) -> Found | None:
    is_player = address.host == "geo.dailymotion.com"
    path = f"/{address.query.get('video', '')}" if is_player else address.path
    match = _DAILYMOTION.fullmatch(path)
    if not match or not (is_player or address.host == "dai.ly" or "/video/" in path):
        return None
    frame = f"https://geo.dailymotion.com/player.html?video={match[1]}&autoplay=true"
    return Found(f"https://www.dailymotion.com/video/{match[1]}", frame)


def _peertube(address: Address) -> Found | None:
    match = _PEERTUBE.fullmatch(address.path)
    if not match:
        return None
    frame = f"https://{address.host}/videos/embed/{match[1]}?autoplay=1"
    return Found(f"https://{address.host}/w/{match[1]}", frame)


def _peertube_anywhere(address: Address) -> Found | None:
    found = _peertube(address)
    is_own = found and _PEERTUBE_ID.fullmatch(found.page.rpartition("/")[2])
    return Found(found.page, None) if found and is_own else None


def _soundcloud(address: Address) -> Found | None:
    match = _SOUNDCLOUD.fullmatch(address.path)
    if not match or match[1].partition("/")[0] in _SOUNDCLOUD_PAGES:
        return None
    page = f"https://soundcloud.com/{match[1]}"
    query = urlencode({"url": page, "auto_play": "true"})
    return Found(page, f"https://w.soundcloud.com/player/?{query}")


YOUTUBE = Site(
    "YouTube",
    "video",
    _youtube,
    frozenset({"youtube.com", "m.youtube.com", "youtu.be", "youtube-nocookie.com"}),
    "https://www.youtube-nocookie.com",
    "https://www.youtube.com/oembed",
)
VIMEO = Site(
    "Vimeo",
    "video",
    _vimeo,
    frozenset({"vimeo.com", "player.vimeo.com"}),
    "https://player.vimeo.com",
    "https://vimeo.com/api/oembed.json",
)
DAILYMOTION = Site(
    "Dailymotion",
    "video",
    _dailymotion,
    frozenset({"dailymotion.com", "geo.dailymotion.com", "dai.ly"}),
    "https://geo.dailymotion.com",
    "https://www.dailymotion.com/services/oembed",
)
PEERTUBE = Site("", "video", _peertube_anywhere, oembed="https://{host}/services/oembed")
SOUNDCLOUD = Site(
    "SoundCloud",
    "audio",
    _soundcloud,
    frozenset({"soundcloud.com", "m.soundcloud.com"}),
    "https://w.soundcloud.com",
    "https://soundcloud.com/oembed",
)


def peertube_at(host: str) -> Site:
    """The PeerTube instance at a host, which has a player."""
    hosts = frozenset({host.removeprefix("www.")})
    return Site(host, "video", _peertube, hosts, f"https://{host}", PEERTUBE.oembed)
