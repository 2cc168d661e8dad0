"""Posts of other sites in Chromium: pasted at the desk, and asked from their site on a press."""

from datetime import date
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from sqlmodel.ext.asyncio.session import AsyncSession

from app.clock import utc_now
from app.formats.public_json import decode_media
from app.store.media import announce_media, keep_media
from app.timeline.entry import Card, Media
from tests.browsers.desk import Desk, publish_text, until, write
from tests.browsers.desk_page import DARK, PHONE, check_by_axe
from tests.browsers.page_viewer import PageViewer
from tests.conftest import Newsroom
from tests.contract.newsrooms import new_slug, new_timeline
from tests.contract.timeline import Timeline
from tests.media.pictures import encoded, picture

if TYPE_CHECKING:
    from playwright.sync_api import Page

_POST = "https://x.com/Interior/status/463440424141459456"
_FRAME = "https://platform.twitter.com/embed/Tweet.html?id=463440424141459456&dnt=true"
_CARD = Card("X", "Interior (@Interior)", "Sunsets don't get much better", date(2014, 5, 5))


@pytest.fixture
def timeline(staffed_newsroom: Newsroom) -> Timeline:
    """A live coverage for one test."""
    return new_timeline(staffed_newsroom, new_slug())


def _paste(page: "Page", text: str) -> None:
    """Paste a text as the browser does: the event comes first, then the text is inserted."""
    page.evaluate(
        """(text) => {
          const clipboardData = new DataTransfer();
          clipboardData.setData("text/plain", text);
          const init = { clipboardData, bubbles: true, cancelable: true };
          const field = document.activeElement;
          if (field.dispatchEvent(new ClipboardEvent("paste", init)))
            document.execCommand("insertText", false, text);
        }""",
        text,
    )


def test_a_pasted_post_is_added_to_the_entry(desk: Desk, timeline: Timeline) -> None:
    """The address of a post on a line of its own is shown as a card, and leaves the text.

    An address within a line, and one of another page, stay as they are.
    """
    page = desk.open(timeline.slug)
    write(page, "He says:\n")
    _paste(page, f"{_POST}?s=20")
    page.locator(".picture-field").wait_for()
    until(page, "document.querySelector('[name=body]').value === 'He says:\\n'")
    page.keyboard.type("More at ")
    _paste(page, _POST)
    page.keyboard.type("\n")
    _paste(page, "https://example.org/news")
    publish_text(page)
    (entry,) = timeline.newsroom.reader.get(f"{timeline.path}/entries").json()["entries"]
    assert [(media["kind"], media["url"]) for media in entry["media"]] == [("embed", _POST)]
    assert entry["body"]["markdown"] == f"He says:\nMore at {_POST}\nhttps://example.org/news"


def test_a_link_to_an_own_entry_has_none_of_its_words(desk: Desk, timeline: Timeline) -> None:
    """A pasted own address gets the coverage's title and the time, so no retracted word stays."""
    target = timeline.publish("Whitey is seen", body="Whitey the Owl")
    url = desk.server.url
    page = desk.open(timeline.slug)
    write(page, "As we said:\n\n")
    _paste(page, f"{url}/coverages/{timeline.slug}/entries/{target['id']}")
    until(page, "document.querySelector('[name=body]').value.includes('](')")
    publish_text(page)
    newest = timeline.newsroom.reader.get(f"{timeline.path}/entries").json()["entries"][0]
    text = newest["body"]["markdown"]
    title = timeline.newsroom.reader.get(timeline.path).json()["title"]
    assert text.startswith(f"As we said:\n\n[{title}, ")
    assert text.endswith(f"]({url}/coverages/{timeline.slug}/entries/{target['id']})")
    assert "Whitey" not in text
    timeline.retract(target["id"])
    for below in ("", "/feed.atom", "/feed.json", "?lite=true"):
        answer = timeline.newsroom.reader.get(f"/coverages/{timeline.slug}{below}")
        assert "As we said" in answer.text
        assert "Whitey" not in answer.text


def _add_card(newsroom: Newsroom) -> str:
    """Store a post with its card and picture, as when its site has answered; returns its id."""
    files = {"file": ("still.jpg", encoded(picture(600, 300)))}
    uploaded = newsroom.chief.post("/v1/media", files=files).raise_for_status().json()
    still = decode_media(uploaded)
    post = Media(f"p{still.id}", "embed", _POST, renditions=still.renditions, card=_CARD)

    async def act(session: AsyncSession) -> None:
        await announce_media(session, post, utc_now())
        await keep_media(session, post.id)

    newsroom.server.write(act)
    return post.id


def test_a_card_and_the_summary_can_be_told_and_pressed(
    viewer: PageViewer, staffed_newsroom: Newsroom
) -> None:
    """Axe finds no violation in a card and in the summary on top, from right to left."""
    timeline = new_timeline(staffed_newsroom, new_slug(), language="ar")
    timeline.publish("They say", media=[_add_card(staffed_newsroom)])
    entry = timeline.publish("What we know")
    path = f"{timeline.path}/entries/{entry['id']}/summary"
    staffed_newsroom.chief.put(path).raise_for_status()
    url = f"{staffed_newsroom.server.url}/coverages/{timeline.slug}"
    for query, context_options in (("", {}), ("", PHONE | DARK), ("?lite=true", PHONE)):
        with viewer.open(f"{url}{query}", **context_options) as page:
            assert page.get_by_text(_CARD.author).count()
            check_by_axe(page)


def test_no_other_site_is_asked_before_the_press(
    viewer: PageViewer, staffed_newsroom: Newsroom, timeline: Timeline
) -> None:
    """A card loads from this server alone; a press loads the post in a frame without our origin."""
    post = _add_card(staffed_newsroom)
    answer = staffed_newsroom.chief.post(f"{timeline.path}/entries", json={"media": [post]})
    assert answer.status_code == 201, answer.text
    url = staffed_newsroom.server.url
    requests: list[str] = []
    context = viewer._process.new_context(base_url=url)
    try:
        context.on("request", lambda request: requests.append(request.url))
        context.route(
            lambda address: not address.startswith((url, "blob:", "data:")),
            lambda route: route.fulfill(content_type="text/html", body="<title>A post</title>"),
        )
        page = context.new_page()
        page.goto(f"/coverages/{timeline.slug}")
        page.locator(".post img").wait_for()
        until(page, "document.querySelector('.post img').complete")
        card = page.locator(".post").inner_text()
        for words in (_CARD.author, _CARD.text, "5 May 2014", "Showing it loads content from X."):
            assert words in card
        assert {urlsplit(address).netloc for address in requests} <= {urlsplit(url).netloc, ""}
        with page.expect_request(_FRAME):
            page.locator(".post > a").click()
        until(page, "document.querySelector('.post').shadowRoot?.querySelector('iframe')")
        foreign = [address for address in requests if not address.startswith((url, "blob:"))]
        assert foreign == [_FRAME]
        frame = page.locator(".post iframe")
        sandbox = (frame.get_attribute("sandbox") or "").split()
        assert "allow-top-navigation" not in sandbox
        assert frame.evaluate("(frame) => new URL(frame.src).origin !== location.origin")
        assert frame.evaluate("(frame) => frame.contentDocument === null")
    finally:
        context.close()
