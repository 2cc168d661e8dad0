"""What a browser is called in a list of sessions, by what it says of itself (User-Agent)."""

# The first that fits: many browsers also name those that they descend from.
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
_LONGEST = 40  # characters of what nobody knows


def name_browser(told: str) -> str:
    """`Firefox on Linux`, or the beginning of what it says."""
    browser = next((name for mark, name in _BROWSERS.items() if mark in told), None)
    system = next((name for mark, name in _SYSTEMS.items() if mark in told), None)
    if browser is None:
        return told[:_LONGEST] or "A browser"
    return f"{browser} on {system}" if system else browser
