"""The browsers that tests run in, and newsrooms whose streams behave as a test needs them."""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import Protocol

import pytest

from tests.browsers.browser import Browser
from tests.browsers.chromium import chromium
from tests.browsers.firefox import firefox
from tests.browsers.proxy import Proxy, proxy_to
from tests.browsers.sight import Sight, looking_at
from tests.browsers.specimen import import_specimen, write_pictures
from tests.browsers.webkit import webkit
from tests.conftest import Newsroom
from tests.contract.newsrooms import new_slug, new_timeline, running_newsroom
from tests.contract.timeline import Timeline

_FOR_EVER = "PT10H"


class _Run(Protocol):
    def __call__(self) -> AbstractContextManager[Browser]: ...


_BROWSERS: dict[str, _Run] = {"chromium": chromium, "firefox": firefox, "webkit": webkit}


# Of a module and not of the session: the tests of other rooms have loops of their own, and none can
# run while Playwright's is lent out.
@pytest.fixture(scope="module", params=_BROWSERS)
def browser(request: pytest.FixtureRequest) -> Iterator[Browser]:
    """A real browser; where it is not installed the test is skipped, and fails in CI."""
    with _BROWSERS[request.param]() as browser:
        yield browser


@pytest.fixture(scope="session")
def quiet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Newsroom]:
    """A server without heartbeats: an event that is held back is not pushed out by the next one."""
    with running_newsroom(tmp_path_factory.mktemp("quiet"), heartbeat=_FOR_EVER) as newsroom:
        yield newsroom


@pytest.fixture
def timeline(quiet: Newsroom) -> Timeline:
    """A coverage of a server without heartbeats."""
    return new_timeline(quiet, new_slug())


@pytest.fixture
def proxy(quiet: Newsroom) -> Iterator[Proxy]:
    """A proxy before that server."""
    with proxy_to(quiet.server.port) as proxy:
        yield proxy


@pytest.fixture(scope="session")
def restless(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Newsroom]:
    """A server with five heartbeats in a second."""
    with running_newsroom(tmp_path_factory.mktemp("restless"), heartbeat="0.2") as newsroom:
        yield newsroom


@pytest.fixture(scope="session")
def rotating(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Newsroom]:
    """A server whose streams end after a second, and beat five times in it."""
    folder = tmp_path_factory.mktemp("rotating")
    with running_newsroom(folder, heartbeat="0.2", stream_lifetime="1") as newsroom:
        yield newsroom


@pytest.fixture(scope="session")
def counting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Newsroom]:
    """A server that has no readers but those of a test."""
    with running_newsroom(tmp_path_factory.mktemp("counting")) as newsroom:
        yield newsroom


@pytest.fixture(scope="session")
def flooded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Newsroom]:
    """A server with a specimen of everything, a closed one, and a few entries in other scripts."""
    theme = tmp_path_factory.mktemp("theme")
    write_pictures(theme)
    folder = tmp_path_factory.mktemp("flooded")
    with running_newsroom(folder, theme_dir=str(theme)) as newsroom:
        import_specimen(newsroom, "flood")
        import_specimen(newsroom, "over", "closed")
        import_specimen(newsroom, "paused", "paused", "ka")
        for language in ("ar", "hy"):
            import_specimen(newsroom, language, "live", language)
        yield newsroom


@pytest.fixture(scope="module")
def sight(flooded: Newsroom) -> Iterator[Sight]:
    """What readers see of the specimen's server."""
    with looking_at(flooded.server.url) as sight:
        yield sight
