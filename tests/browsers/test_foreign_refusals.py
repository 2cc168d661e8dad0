"""What a proxy answers in the server's place is no refusal at a desk."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests.browsers.desk import Desk, until, until_sent, write
from tests.browsers.foreign import ANSWERS
from tests.browsers.proxy import proxy_to
from tests.browsers.sight import chromium_process
from tests.conftest import Newsroom
from tests.contract.newsrooms import new_slug, new_timeline, running_newsroom
from tests.signed_in import take_in

if TYPE_CHECKING:
    from playwright.sync_api import Browser as ChromiumProcess

_ED = "ed@example.org"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Newsroom]:
    """A newsroom with an editor."""
    with running_newsroom(tmp_path_factory.mktemp("desk")) as newsroom:
        take_in(newsroom.server, _ED, "Ed", "editor")
        yield newsroom


@pytest.fixture(scope="module")
def chromium() -> Iterator["ChromiumProcess"]:
    """A browser for the desk."""
    with chromium_process() as process:
        yield process


@pytest.mark.parametrize("name", ANSWERS)
def test_what_is_sent_at_a_desk_waits_and_goes_out(
    chromium: "ChromiumProcess", house: Newsroom, name: str
) -> None:
    """A letter is not thrown away, refused or taken for sent by it; nobody is called signed out."""
    timeline = new_timeline(house, new_slug())
    with proxy_to(house.server.port) as proxy:
        context = chromium.new_context()
        page = Desk(context, house.server, _ED, proxy.url).open(timeline.slug)
        proxy.answer = ANSWERS[name]
        proxy.hang_up()
        write(page, "Once")
        page.keyboard.press("Control+Enter")
        until(page, "!document.querySelector('.outbox [data-when=away]').hidden")
        assert page.locator(".letter").get_attribute("data-state") in {"waiting", "sending"}
        assert page.locator(".outbox [data-when=signed-out]").is_hidden()
        proxy.answer = None
        until_sent(page)
        context.close()
    entries = timeline.page()["entries"]
    assert [entry["body"]["markdown"] for entry in entries] == ["Once"]


def test_no_drafts_is_said_once_that_is_known(chromium: "ChromiumProcess", house: Newsroom) -> None:
    """While the list is on its way nothing is said of it."""
    timeline = new_timeline(house, new_slug())
    with proxy_to(house.server.port) as proxy:
        context = chromium.new_context()
        desk = Desk(context, house.server, _ED, proxy.url)
        proxy.holds = f"GET {timeline.path}/drafts".encode()
        page = desk.open(timeline.slug)
        until(page, "document.querySelector('.connection').dataset.state === 'live'")
        assert proxy.held
        assert page.locator("#drafts [data-empty]").is_hidden()
        proxy.holds = None
        page.locator("#drafts [data-empty]").wait_for()
        context.close()
