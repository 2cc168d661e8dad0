"""The ordinary run and the full one: `pytest` and `pytest --full`.

The ordinary run tests every promise, in Chromium where it takes a browser. The full run, before a
release, tests them in Firefox and WebKit too, and searches longer for what breaks a law.
"""

import pytest
from hypothesis import settings

ENGINES = ("firefox", "webkit")  # beside Chromium, in which the ordinary run tests


def pytest_addoption(parser: pytest.Parser) -> None:
    """Take `--full`."""
    parser.addoption("--full", action="store_true", help="every browser engine, and longer laws")


def pytest_configure(config: pytest.Config) -> None:
    """Name the markers, and let Hypothesis search longer in a full run."""
    config.addinivalue_line(
        "markers", "full(why, but=()): left to `pytest --full`, but for the cases of those ids"
    )
    config.addinivalue_line(
        "markers", "every_engine: engines differ in it, so the ordinary run tests it in each"
    )
    if config.option.full:
        settings.load_profile("full")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave to the full run what is its own, and tell how many those are."""
    if config.option.full:
        return
    if left := [item for item in items if _is_left_to_the_full_run(item)]:
        config.hook.pytest_deselected(items=left)
        items[:] = [item for item in items if not _is_left_to_the_full_run(item)]


def _is_left_to_the_full_run(item: pytest.Item) -> bool:
    parameters = getattr(item, "callspec", None)
    case = parameters.id if parameters else ""
    if marker := item.get_closest_marker("full"):
        kept = marker.kwargs.get("but", ())
        # The engine of a browser stands before the case.
        if not any(case == name or case.endswith(f"-{name}") for name in kept):
            return True
    engine = parameters.params.get("browser") if parameters else None
    return engine in ENGINES and not item.get_closest_marker("every_engine")
