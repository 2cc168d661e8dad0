"""Fixtures for tests in browsers: the browsers, and newsrooms with chosen stream settings."""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from functools import partial
from typing import TYPE_CHECKING, Protocol

import pytest

from tests.browsers.browser import Browser
from tests.browsers.chromium import chromium
from tests.browsers.desk import CO, ED, JO, ZONE, Desk
from tests.browsers.driver import chromium_process
from tests.browsers.firefox import firefox
from tests.browsers.page_viewer import PageViewer, page_viewer
from tests.browsers.proxy import Proxy, proxy_to
from tests.browsers.specimen import import_specimen, open_editions, write_pictures
from tests.browsers.webkit import webkit
from tests.conftest import Newsroom
from tests.contract.newsrooms import new_slug, new_timeline, running_newsroom
from tests.contract.timeline import Timeline
from tests.signed_in import take_in

if TYPE_CHECKING:
    from playwright.sync_api import Browser as ChromiumBrowser

_NEVER = "PT10H"


class _Run(Protocol):
    def __call__(self) -> AbstractContextManager[Browser]: ...


_BROWSERS: dict[str, _Run] = {"chromium": chromium, "firefox": firefox, "webkit": webkit}


# Module scope, not session scope: while Playwright is lent out, its event loop counts as running,
# and tests of other folders could not run theirs.
@pytest.fixture(scope="module", params=_BROWSERS)
def browser(request: pytest.FixtureRequest) -> Iterator[Browser]:
    """A real browser; if it is not installed, the test is skipped, or fails in CI."""
    with _BROWSERS[request.param]() as browser:
        yield browser


@pytest.fixture(scope="module", params=_BROWSERS)
def caching_browser(request: pytest.FixtureRequest) -> Iterator[Browser]:
    """A real browser with a back/forward cache."""
    run = partial(chromium, whole=True) if request.param == "chromium" else _BROWSERS[request.param]
    with run() as browser:
        yield browser


@pytest.fixture(scope="module", name="chromium")
def chromium_browser() -> Iterator["ChromiumBrowser"]:
    """Chromium as Playwright drives it, in one process for all tests of the file."""
    with chromium_process() as process:
        yield process


@pytest.fixture(scope="session")
def staffed_newsroom(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Newsroom]:
    """A newsroom with two editors and a contributor, in a time zone of its own."""
    with running_newsroom(tmp_path_factory.mktemp("desk"), time_zone=str(ZONE)) as newsroom:
        take_in(newsroom.server, ED, "Ed", "editor")
        take_in(newsroom.server, JO, "Jo", "editor")
        take_in(newsroom.server, CO, "Co", "contributor")
        yield newsroom


@pytest.fixture
def desk(chromium: "ChromiumBrowser", staffed_newsroom: Newsroom) -> Iterator[Desk]:
    """Ed's browser context, with empty storage."""
    context = chromium.new_context()
    yield Desk(context, staffed_newsroom.server, ED)
    context.close()


@pytest.fixture(scope="session")
def quiet_newsroom(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Newsroom]:
    """A server without heartbeats, which would push out an event that is wrongly held back."""
    with running_newsroom(tmp_path_factory.mktemp("quiet"), heartbeat=_NEVER) as newsroom:
        yield newsroom


@pytest.fixture
def timeline(quiet_newsroom: Newsroom) -> Timeline:
    """A coverage of a server without heartbeats."""
    return new_timeline(quiet_newsroom, new_slug())


@pytest.fixture
def proxy(quiet_newsroom: Newsroom) -> Iterator[Proxy]:
    """A proxy in front of the server without heartbeats."""
    with proxy_to(quiet_newsroom.server.port) as proxy:
        yield proxy


@pytest.fixture(scope="session")
def fast_heartbeat_newsroom(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Newsroom]:
    """A server with five heartbeats per second."""
    with running_newsroom(tmp_path_factory.mktemp("restless"), heartbeat="0.2") as newsroom:
        yield newsroom


@pytest.fixture(scope="session")
def short_stream_newsroom(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Newsroom]:
    """A server whose streams end after one second and have five heartbeats per second."""
    folder = tmp_path_factory.mktemp("rotating")
    with running_newsroom(folder, heartbeat="0.2", stream_lifetime="1") as newsroom:
        yield newsroom


@pytest.fixture(scope="session")
def isolated_newsroom(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Newsroom]:
    """A server that has no readers but the test's, so that its connections can be counted."""
    with running_newsroom(tmp_path_factory.mktemp("counting")) as newsroom:
        yield newsroom


@pytest.fixture(scope="session")
def specimen_newsroom(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Newsroom]:
    """A server with the specimen coverage: live, closed, paused, and in other scripts."""
    theme = tmp_path_factory.mktemp("theme")
    write_pictures(theme)
    folder = tmp_path_factory.mktemp("flooded")
    with running_newsroom(folder, theme_dir=str(theme)) as newsroom:
        import_specimen(newsroom, "flood")
        import_specimen(newsroom, "over", "closed")
        import_specimen(newsroom, "paused", "paused", "ka")
        for language in ("ar", "hy"):
            import_specimen(newsroom, language, "live", language)
        open_editions(newsroom, "after")
        yield newsroom


@pytest.fixture(scope="module")
def viewer(specimen_newsroom: Newsroom) -> Iterator[PageViewer]:
    """A Chromium process that opens pages of the specimen's server."""
    with page_viewer(specimen_newsroom.server.url) as viewer:
        yield viewer
