"""Links: which addresses a link may have."""

from urllib.parse import urlsplit


def is_web_address(url: str) -> bool:
    """Whether it is the address of a page on the web or on this site, not of a script."""
    try:
        scheme = urlsplit(url).scheme
    except ValueError:
        return False
    return scheme in {"http", "https"} or (scheme == "" and url.startswith("/"))
