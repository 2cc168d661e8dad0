"""Where a link may lead."""

from urllib.parse import urlsplit


def is_web_address(url: str) -> bool:
    """Whether it is a page on the web or on this site, never a script."""
    try:
        scheme = urlsplit(url).scheme
    except ValueError:
        return False
    return scheme in {"http", "https"} or (scheme == "" and url.startswith("/"))
