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


def name_browser(user_agent: str) -> tuple[str, str | None]:
    """Return a browser's name and its system: `Firefox`, `Linux`.

    For an unknown browser they are the header's beginning and None.
    """
    browser = next((name for mark, name in _BROWSERS.items() if mark in user_agent), None)
    system = next((name for mark, name in _SYSTEMS.items() if mark in user_agent), None)
    if browser is None:
        return user_agent[:_LONGEST], None
    return browser, system
