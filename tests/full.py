"""The ordinary and the full test run: `pytest` and `pytest --full`.

The ordinary run tests every promise, with Chromium's engine where a browser is needed. The full
run, before a release, uses the whole Chromium, and adds Firefox, WebKit and longer Hypothesis
searches.
"""

import os

import pytest
from hypothesis import settings

from tests.browsers.driver import WHOLE_BROWSER

ENGINES = ("firefox", "webkit")  # in addition to Chromium
_BROWSERS = ("browser", "caching_browser")  # fixtures with an engine as their parameter


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option `--full`."""
    parser.addoption("--full", action="store_true", help="every browser engine, and longer laws")


def pytest_configure(config: pytest.Config) -> None:
    """Register the markers, and the longer Hypothesis profile for a full run."""
    config.addinivalue_line(
        "markers", "full(why, but=()): left to `pytest --full`, but for the cases of those ids"
    )
    config.addinivalue_line(
        "markers", "every_engine: engines differ in it, so the ordinary run tests it in each"
    )
    if config.option.full:
        settings.load_profile("full")
        os.environ[WHOLE_BROWSER] = "1"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect the tests of the full run, and report their number."""
    if config.option.full:
        return
    if deselected := [item for item in items if _is_left_to_the_full_run(item)]:
        config.hook.pytest_deselected(items=deselected)
        items[:] = [item for item in items if not _is_left_to_the_full_run(item)]


def _is_left_to_the_full_run(item: pytest.Item) -> bool:
    parameters = getattr(item, "callspec", None)
    case = parameters.id if parameters else ""
    if marker := item.get_closest_marker("full"):
        kept_ids = marker.kwargs.get("but", ())
        # The browser's engine precedes the case in the id.
        if not any(case == name or case.endswith(f"-{name}") for name in kept_ids):
            return True
    engines = [parameters.params.get(name) for name in _BROWSERS] if parameters else []
    return not set(ENGINES).isdisjoint(engines) and not item.get_closest_marker("every_engine")
