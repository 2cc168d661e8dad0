"""Addresses of embedded content: the page behind a frame, the permanent link of a post.

Refuses addresses that are neither http nor https.
"""

import re
from urllib.parse import SplitResult, parse_qs, urlsplit

_ADDRESS = re.compile(r"[Hh][Tt][Tt][Pp][Ss]?://[^\s<>\"]+")
_FRAMES = (
    (re.compile(r"player\.vimeo\.com/video/([0-9]+)"), "https://vimeo.com/{}"),
    (
        re.compile(r"dailymotion\.com/embed/video/(\w+)", re.ASCII),
        "https://www.dailymotion.com/video/{}",
    ),
    (re.compile(r"open\.spotify\.com/embed/(\w+/\w+)", re.ASCII), "https://open.spotify.com/{}"),
    (re.compile(r"instagram\.com/(p/[\w-]+)/embed", re.ASCII), "https://www.instagram.com/{}/"),
    (re.compile(r"tiktok\.com/embed/(?:v2/)?([0-9]+)"), "https://www.tiktok.com/@/video/{}"),
)
_YOUTUBE = re.compile(r"(?:www\.|m\.)?youtube(?:-nocookie)?\.com/embed/([\w-]+)", re.ASCII)
_PROXIES = {  # services that frame another page, and the parameter that holds its address
    "cdn.embedly.com": "url",
    "www.facebook.com": "href",
    "iframe.ly": "url",
    "cdn.iframe.ly": "url",
}
_POST = re.compile(r"(?:^|[\s_-])(?:twitter|instagram|tiktok|bluesky|fb|mastodon|reddit)-")


def web_address(text: str) -> str:
    """Return the address in `text`, with `https:` before a `//host`; blank if it is none."""
    text = text.strip()
    text = f"https:{text}" if text.startswith("//") else text
    scheme, colon, rest = text.partition(":")
    return f"{scheme.lower()}{colon}{rest}" if _ADDRESS.fullmatch(text) and _split(text) else ""


def original_address(address: str) -> str:
    """Return the page behind a frame's address; the address itself if no rule is known."""
    address = web_address(address)
    parts = _split(address)
    if parts is None:
        return ""
    location = f"{parts.netloc.lower()}{parts.path}"
    if youtube := _YOUTUBE.match(location):
        query = _query(parts)
        if youtube[1] == "videoseries":
            return f"https://www.youtube.com/playlist?list={query.get('list', '')}"
        start = query.get("start", "")
        has_start = start.isdecimal() and start.isascii()
        return youtube_address(youtube[1]) + (f"&t={start}s" if has_start else "")
    for rule, form in _FRAMES:
        if match := rule.search(location):
            return form.format(match[1])
    parameter = _PROXIES.get(parts.netloc.lower())
    return (web_address(_query(parts).get(parameter, "")) if parameter else "") or address


def youtube_address(video: str) -> str:
    """Return the page of the video with that id; blank if it is not a valid id."""
    return (
        f"https://www.youtube.com/watch?v={video}"
        if re.fullmatch(r"[\w-]+", video, re.ASCII)
        else ""
    )


def post_address(address: str) -> str:
    """Return a post's permanent link, without tracking parameters."""
    parts = _split(address)
    is_post = parts is not None and re.search(r"/(status|p|reel|video|post)/", parts.path)
    return address.partition("?")[0] if is_post else address


def is_post_class(names: str) -> bool:
    """Whether a class attribute marks a post of a social network."""
    return bool(_POST.search(names))


def readable_address(address: str) -> str:
    """Return an address in readable form: no scheme, no `www.`, no trailing slash."""
    short = re.sub(
        r"^(?:https?://|mailto:|tel:)(?:www\.)?", "", address, flags=re.ASCII | re.IGNORECASE
    )
    return short.rstrip("/") or address


def _query(parts: SplitResult) -> dict[str, str]:
    try:
        return {key: values[0] for key, values in parse_qs(parts.query).items()}
    except ValueError:  # more fields than any real address has
        return {}


def _split(address: str) -> SplitResult | None:
    try:
        parts = urlsplit(address)
    except ValueError:  # a host like [x
        return None
    return parts if parts.netloc else None
