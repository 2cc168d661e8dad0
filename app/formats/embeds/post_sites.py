"""Sites of posts (X, Telegram, Facebook, Instagram, TikTok, Bluesky, Mastodon), and documents.

A post's addresses are built from the names and ids that the site's rules find, and from nothing
else that was sent.
"""

import re
from urllib.parse import urlencode

from app.formats.embeds.address import Address
from app.formats.embeds.site import Found, Site

_X = re.compile(
    r"/(i/web|[A-Za-z0-9_]{1,15})/status(?:es)?/([0-9]{1,20})(?:/(?:photo|video)/[0-9])?/?",
    re.ASCII,
)
_TELEGRAM = re.compile(r"/(?:s/)?([A-Za-z][A-Za-z0-9_]{3,31})/([0-9]{1,10})/?", re.ASCII)
_FACEBOOK = re.compile(
    r"/(?:[\w.-]{1,100}/(?:posts|videos|photos)/(?:[\w.-]{1,200}/)?\w{5,100}"
    r"|reel/[0-9]{5,20}|share/[prv]/\w{5,40})/?",
    re.ASCII,
)
_FACEBOOK_PAGES = {
    "/permalink.php": ("story_fbid", "id"),
    "/story.php": ("story_fbid", "id"),
    "/photo.php": ("fbid",),
    "/photo": ("fbid",),
    "/watch": ("v",),
}
_WORD = re.compile(r"\w{1,100}", re.ASCII)
_INSTAGRAM = re.compile(r"/(?:[\w.]{1,30}/)?(?:p|reel|tv)/([\w-]{5,40})/?", re.ASCII)
_TIKTOK = re.compile(r"/(@[\w.]{1,30})/(video|photo)/([0-9]{5,20})/?", re.ASCII)
_BLUESKY = re.compile(
    r"/profile/([a-z0-9.-]{3,100}|did:[a-z]{3,10}:[A-Za-z0-9._-]{5,100})/post/([a-z0-9]{5,20})/?",
    re.ASCII,
)
_MASTODON = re.compile(
    r"/(?:@(\w{1,30}(?:@[a-z0-9.-]{4,100})?)|users/(\w{1,30})/statuses)/([0-9]{15,20})/?", re.ASCII
)
_PDF = re.compile(r"/[^?#']*\.pdf", re.ASCII | re.IGNORECASE)


def _x(address: Address) -> Found | None:
    match = _X.fullmatch(address.path)
    if not match:
        return None
    author = match[1].removesuffix("/web")
    frame = f"https://platform.twitter.com/embed/Tweet.html?id={match[2]}&dnt=true"
    return Found(f"https://x.com/{author}/status/{match[2]}", frame)


def _telegram(address: Address) -> Found | None:
    match = _TELEGRAM.fullmatch(address.path)
    if not match:
        return None
    page = f"https://t.me/{match[1]}/{match[2]}"
    return Found(page, f"{page}?embed=1&mode=tme")


def _facebook(address: Address) -> Found | None:
    path = address.path.rstrip("/")
    page = f"https://www.facebook.com{path}"
    if (names := _FACEBOOK_PAGES.get(path)) is not None:
        values = [address.query.get(name, "") for name in names]
        if not all(_WORD.fullmatch(value) for value in values):
            return None
        page += "?" + urlencode(dict(zip(names, values, strict=True)))
    elif not _FACEBOOK.fullmatch(path):
        return None
    query = urlencode({"href": page, "show_text": "true"})
    return Found(page, f"https://www.facebook.com/plugins/post.php?{query}")


def _instagram(address: Address) -> Found | None:
    match = _INSTAGRAM.fullmatch(address.path)
    if not match:
        return None
    page = f"https://www.instagram.com/p/{match[1]}/"
    return Found(page, f"{page}embed/captioned/")


def _tiktok(address: Address) -> Found | None:
    match = _TIKTOK.fullmatch(address.path)
    if not match:
        return None
    page = f"https://www.tiktok.com/{match[1]}/{match[2]}/{match[3]}"
    return Found(page, f"https://www.tiktok.com/player/v1/{match[3]}?autoplay=1")


def _bluesky(address: Address) -> Found | None:
    match = _BLUESKY.fullmatch(address.path)
    if not match:
        return None
    frame = f"https://embed.bsky.app/embed/{match[1]}/app.bsky.feed.post/{match[2]}"
    return Found(f"https://bsky.app/profile/{match[1]}/post/{match[2]}", frame)


def _mastodon(address: Address) -> Found | None:
    match = _MASTODON.fullmatch(address.path)
    if not match:
        return None
    page = f"https://{address.host}/@{match[1] or match[2]}/{match[3]}"
    return Found(page, f"{page}/embed")


def _mastodon_anywhere(address: Address) -> Found | None:
    found = _mastodon(address)
    return Found(found.page, None) if found else None


def _document(address: Address) -> Found | None:
    if not _PDF.fullmatch(address.path):
        return None
    query = f"?{urlencode(address.query)}" if address.query else ""
    return Found(f"https://{address.host}{address.path}{query}", None)


X = Site(
    "X",
    "post",
    _x,
    frozenset({"x.com", "twitter.com", "mobile.x.com", "mobile.twitter.com"}),
    "https://platform.twitter.com",
    "https://publish.twitter.com/oembed",
    quotes=True,
)
TELEGRAM = Site("Telegram", "post", _telegram, frozenset({"t.me", "telegram.me"}), "https://t.me")
# Both answer oEmbed requests only of registered applications.
FACEBOOK = Site(
    "Facebook",
    "post",
    _facebook,
    frozenset({"facebook.com", "m.facebook.com"}),
    "https://www.facebook.com",
)
INSTAGRAM = Site(
    "Instagram",
    "post",
    _instagram,
    frozenset({"instagram.com"}),
    "https://www.instagram.com",
)
TIKTOK = Site(
    "TikTok",
    "post",
    _tiktok,
    frozenset({"tiktok.com", "m.tiktok.com"}),
    "https://www.tiktok.com",
    "https://www.tiktok.com/oembed",
)
BLUESKY = Site(
    "Bluesky",
    "post",
    _bluesky,
    frozenset({"bsky.app"}),
    "https://embed.bsky.app",
    "https://embed.bsky.app/oembed",
    quotes=True,
)
MASTODON = Site("", "post", _mastodon_anywhere, oembed="https://{host}/api/oembed")
DOCUMENTS = Site("", "document", _document)


def mastodon_at(host: str) -> Site:
    """The Mastodon instance at a host, whose posts can be shown in a frame."""
    hosts = frozenset({host.removeprefix("www.")})
    return Site(host, "post", _mastodon, hosts, f"https://{host}", MASTODON.oembed)
