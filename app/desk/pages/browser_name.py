"""Browser names for a list of sessions, from the `User-Agent` header."""

# The first match wins: many browsers also name those that they descend from.
_BROWSERS = {
    "Firefox/": "Firefox",
    "FxiOS/": "Firefox",
    "Edg": "Edge",
    "OPR/": "Opera",
    "SamsungBrowser/": "Samsung Internet",
    "Chrome/": "Chrome",
    "CriOS/": "Chrome",
    "Safari/": "Safari",
}
_SYSTEMS = {
    "Android": "Android",
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Windows": "Windows",
    "Mac OS X": "macOS",
    "CrOS": "ChromeOS",
    "Linux": "Linux",
}
_LONGEST = 40  # characters shown of an unknown User-Agent


def name_browser(user_agent: str) -> str:
    """Return a name like `Firefox on Linux`; for an unknown browser, the header's beginning."""
    browser = next((name for mark, name in _BROWSERS.items() if mark in user_agent), None)
    system = next((name for mark, name in _SYSTEMS.items() if mark in user_agent), None)
    if browser is None:
        return user_agent[:_LONGEST] or "A browser"
    return f"{browser} on {system}" if system else browser
