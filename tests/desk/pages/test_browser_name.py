"""Tests of the display names of browsers."""

import pytest

from app.desk.pages.browser_name import name_browser

CHROME = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0"
WEBKIT = "AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0"


@pytest.mark.parametrize(
    ("user_agent", "name"),
    [
        (
            "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
            ("Firefox", "Linux"),
        ),
        (
            f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {CHROME} Safari/537.36",
            ("Chrome", "Windows"),
        ),
        (f"Mozilla/5.0 (Windows NT 10.0) {CHROME} Safari/537.36 Edg/140.0", ("Edge", "Windows")),
        (
            f"Mozilla/5.0 (Linux; Android 10; K) {CHROME} Mobile Safari/537.36",
            ("Chrome", "Android"),
        ),
        (
            f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {WEBKIT} Safari/605",
            ("Safari", "macOS"),
        ),
        (
            f"Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) {WEBKIT} Safari/604",
            ("Safari", "iPhone"),
        ),
        ("curl/8.5.0", ("curl/8.5.0", None)),
        ("x" * 500, ("x" * 40, None)),
        ("", ("", None)),
    ],
)
def test_a_browser_is_called_as_people_call_it(user_agent: str, name: tuple[str, str | None]):
    """A browser gets its common name, although its User-Agent also names others.

    An unknown one is shown by the first 40 characters.
    """
    assert name_browser(user_agent) == name
