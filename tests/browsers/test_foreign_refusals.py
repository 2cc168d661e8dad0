"""Answers of a proxy in the server's place are no refusal at a desk, and no embed."""

from typing import TYPE_CHECKING

import pytest

from tests.browsers.desk import Desk, until, until_sent, write
from tests.browsers.proxy import proxy_to
from tests.browsers.proxy_answers import ANSWERS, answer
from tests.conftest import Newsroom
from tests.contract.newsrooms import new_slug, new_timeline
from tests.signed_in import take_in

if TYPE_CHECKING:
    from playwright.sync_api import Browser as ChromiumProcess

_ED = "ed@refused.example"
# The script comes from the server, its later requests go through the proxy.
_EMBED = """async ([home, proxy, slug]) => {
  const text = await (await fetch(`${home}/embed.js`)).text();
  const script = document.createElement("script");
  script.dataset.coverage = slug;
  script.textContent = text.replace("new URL(script.src)", `new URL("${proxy}")`);
  document.body.append(script);
}"""


@pytest.fixture(scope="module")
def staffed_newsroom(newsroom: Newsroom) -> Newsroom:
    """A newsroom with an editor."""
    take_in(newsroom.server, _ED, "Ed", "editor")
    return newsroom


@pytest.mark.full("each answer is waited out")
@pytest.mark.parametrize("name", ANSWERS)
def test_what_is_sent_at_a_desk_waits_and_goes_out(
    chromium: "ChromiumProcess", staffed_newsroom: Newsroom, name: str
) -> None:
    """An entry in the outbox waits, neither refused nor counted as sent, then is sent once.

    The desk does not claim that the editor is signed out.
    """
    timeline = new_timeline(staffed_newsroom, new_slug())
    with proxy_to(staffed_newsroom.server.port) as proxy:
        context = chromium.new_context()
        page = Desk(context, staffed_newsroom.server, _ED, proxy.url).open(timeline.slug)
        proxy.answer = ANSWERS[name]
        proxy.disconnect()
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


@pytest.mark.full("a slow line")
def test_no_drafts_is_said_once_that_is_known(
    chromium: "ChromiumProcess", staffed_newsroom: Newsroom
) -> None:
    """The note that there are no drafts appears only once the list is loaded."""
    timeline = new_timeline(staffed_newsroom, new_slug())
    with proxy_to(staffed_newsroom.server.port) as proxy:
        context = chromium.new_context()
        desk = Desk(context, staffed_newsroom.server, _ED, proxy.url)
        proxy.holds = f"GET {timeline.path}/drafts".encode()
        page = desk.open(timeline.slug)
        until(page, "document.querySelector('.connection').dataset.state === 'live'")
        assert proxy.held
        assert page.locator("#drafts [data-empty]").is_hidden()
        proxy.holds = None
        page.locator("#drafts [data-empty]").wait_for()
        context.close()


@pytest.mark.full("its times are waited for")
def test_an_embed_waits_for_the_server(
    chromium: "ChromiumProcess", staffed_newsroom: Newsroom
) -> None:
    """An embed does not show a proxy's page in place of the coverage; it waits for the server."""
    timeline = new_timeline(staffed_newsroom, new_slug())
    with proxy_to(staffed_newsroom.server.port) as proxy:
        context = chromium.new_context(bypass_csp=True)
        page = context.new_page()
        page.goto(f"{staffed_newsroom.server.url}/docs")
        proxy.answer = answer("200 OK", body="<h1>Back soon</h1><p>Really.</p>")
        page.evaluate(_EMBED, [staffed_newsroom.server.url, proxy.url, timeline.slug])
        page.locator("dateline-coverage a").wait_for()
        assert page.locator("dateline-coverage h1").count() == 0
        proxy.answer = None
        page.locator("dateline-coverage [data-coverage]").wait_for()
        context.close()
