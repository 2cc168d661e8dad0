"""The composer: no typed text is lost, and each entry is published once."""

import base64
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal
from zoneinfo import ZoneInfo

import pytest

from tests.browsers.camera import record_webm
from tests.browsers.desk import Desk, KillableChromium, until, until_kept, until_sent, write
from tests.browsers.driver import chromium_process, lent_playwright
from tests.browsers.proxy import proxy_to
from tests.conftest import Newsroom
from tests.contract.newsrooms import new_slug, new_timeline, running_newsroom
from tests.contract.timeline import Timeline
from tests.servers import require
from tests.signed_in import take_in

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Playwright

_ZONE = ZoneInfo("Asia/Yerevan")  # a zone that the test machine is unlikely to be in
ED, JO, CO = "ed@example.org", "jo@example.org", "co@example.org"
# A red pixel.
_PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGP4z8DwHwAFAAH/iZk9HQAAAABJRU5ErkJggg=="
)


@pytest.fixture(scope="module")
def staffed_newsroom(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Newsroom]:
    """A newsroom with two editors and a contributor."""
    with running_newsroom(tmp_path_factory.mktemp("desk"), time_zone=str(_ZONE)) as newsroom:
        take_in(newsroom.server, ED, "Ed", "editor")
        take_in(newsroom.server, JO, "Jo", "editor")
        take_in(newsroom.server, CO, "Co", "contributor")
        yield newsroom


@pytest.fixture(scope="module")
def playwright() -> Iterator["Playwright"]:
    """Playwright, which drives the browsers."""
    with lent_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="module")
def chromium() -> Iterator["Browser"]:
    """A browser process for all tests of the file."""
    with chromium_process() as process:
        yield process


@pytest.fixture
def desk(chromium: "Browser", staffed_newsroom: Newsroom) -> Iterator[Desk]:
    """An editor's browser context."""
    context = chromium.new_context()
    yield Desk(context, staffed_newsroom.server, ED)
    context.close()


@pytest.fixture
def timeline(staffed_newsroom: Newsroom) -> Timeline:
    """A live coverage for one test."""
    return new_timeline(staffed_newsroom, new_slug())


def _bodies(timeline: Timeline) -> list[str]:
    entries = timeline.newsroom.reader.get(f"{timeline.path}/entries?limit=100").json()["entries"]
    return [entry["body"]["markdown"] for entry in reversed(entries)]


def _drafts(timeline: Timeline) -> list[dict[str, Any]]:
    drafts: list[dict[str, Any]] = timeline.newsroom.editor.get(f"{timeline.path}/drafts").json()[
        "drafts"
    ]
    return drafts


def test_what_is_published_by_keyboard_alone_is_on_an_open_page(
    desk: Desk, staffed_newsroom: Newsroom, timeline: Timeline
) -> None:
    """A text with bold, marked as a key event and published by shortcuts, appears at a reader's."""
    reader = desk.context.new_page()
    reader.goto(f"{staffed_newsroom.server.url}/coverages/{timeline.slug}")
    reader.locator("[data-state=live]").wait_for()
    page = desk.open(timeline.slug)
    write(page, "The bridge is ")
    page.keyboard.press("Control+b")
    page.keyboard.type("open")
    page.keyboard.press("Control+Alt+k")
    started = time.perf_counter()
    page.keyboard.press("Control+Enter")
    reader.locator(".days .entry strong", has_text="open").wait_for()
    print(f"\nfrom the keys to the page: {(time.perf_counter() - started) * 1000:.0f} ms")  # noqa: T201
    until(page, "document.querySelector('.message').textContent === 'Published.'")
    assert page.input_value("[name=body]") == ""
    (entry,) = staffed_newsroom.reader.get(f"{timeline.path}/entries").json()["entries"]
    assert entry["key_event"]
    assert entry["bylines"] == [{"name": "Ed"}]


@pytest.mark.full("processes are killed and started")
def test_a_text_survives_the_death_of_the_browser(
    playwright: "Playwright", staffed_newsroom: Newsroom, timeline: Timeline, tmp_path: Path
) -> None:
    """A text that only a killed browser had is offered by the next start, and restored."""
    text = "Nobody has this but I"
    with KillableChromium(playwright, tmp_path).run() as browser:
        page = Desk(browser.contexts[0], staffed_newsroom.server, ED).open(timeline.slug)
        page.route("**/v1/**/entries", lambda route: route.abort())
        page.fill("[name=headline]", "Alone")
        write(page, text)
        until_kept(page, text)
    assert not _drafts(timeline)
    with KillableChromium(playwright, tmp_path).run() as browser:
        page = Desk(browser.contexts[0], staffed_newsroom.server, ED).open(timeline.slug)
        offer = page.locator(".offer")
        offer.wait_for()
        assert "Restore what you were writing at" in offer.inner_text()
        assert page.input_value("[name=body]") == ""
        offer.get_by_text("Restore", exact=True).click()
        until(page, f"document.querySelector('[name=body]').value === '{text}'")
        assert page.input_value("[name=headline]") == "Alone"
        page.keyboard.press("Control+Alt+w")
        page.keyboard.press("Control+Enter")
        until(page, "document.querySelector('.message').textContent === 'Published.'")
    assert _bodies(timeline) == [text]


def test_what_is_published_offline_goes_out_once_and_in_order(
    desk: Desk, timeline: Timeline
) -> None:
    """Entries published offline are sent once, in order, also after their tab was closed."""
    page = desk.open(timeline.slug)
    desk.context.set_offline(True)
    for number in range(3):
        write(page, f"Number {number}")
        page.keyboard.press("Control+Enter")
        until(page, f"document.querySelectorAll('.letter').length === {number + 1}")
    page.close()
    desk.context.set_offline(False)
    until_sent(desk.open(timeline.slug))
    assert _bodies(timeline) == ["Number 0", "Number 1", "Number 2"]
    assert not _drafts(timeline)


@pytest.mark.full("tests/contract has repetitions, and what was offline goes out once")
def test_a_lost_answer_doubles_nothing(
    chromium: "Browser", staffed_newsroom: Newsroom, timeline: Timeline
) -> None:
    """A request whose answer is lost is repeated without a second entry, for drafts as well.

    The server has executed both requests by then.
    """
    with proxy_to(staffed_newsroom.server.port) as proxy:
        context = chromium.new_context()
        page = Desk(context, staffed_newsroom.server, ED, proxy.url).open(timeline.slug)
        proxy.loses = b"POST /v1/coverages/"
        write(page, "Once")
        page.keyboard.press("Control+Enter")
        while proxy.lost < 2:
            page.wait_for_timeout(20)
        assert _bodies(timeline) == ["Once"]
        write(page, "A draft before it was out")
        page.keyboard.press("Control+s")
        until(page, "document.querySelector('.saved').dataset.state === 'away'")
        (draft,) = _drafts(timeline)
        assert draft["body"]["markdown"] == "A draft before it was out"
        proxy.loses = None
        page.keyboard.press("Control+Enter")
        until(page, "document.querySelector('.message').textContent === 'Published.'")
        until_sent(page)
        context.close()
    assert _bodies(timeline) == ["Once", "A draft before it was out"]
    assert not _drafts(timeline)


@pytest.mark.full("processes are killed and started")
def test_a_server_that_is_killed_meanwhile_has_each_entry_once(
    chromium: "Browser", tmp_path: Path
) -> None:
    """Twelve entries sent while the server is killed and restarted are published once, in order."""
    with running_newsroom(tmp_path) as newsroom:
        take_in(newsroom.server, ED, "Ed", "editor")
        timeline = new_timeline(newsroom, new_slug())
        context = chromium.new_context()
        page = Desk(context, newsroom.server, ED).open(timeline.slug)
        for number in range(12):
            write(page, f"Number {number}")
            page.keyboard.press("Control+Enter")
            if number == 4:
                newsroom.server.kill()
            if number == 8:
                newsroom.server.start()
        until_sent(page)
        context.close()
        assert _bodies(timeline) == [f"Number {number}" for number in range(12)]


@pytest.mark.full("a further way to write")
def test_two_tabs_do_not_write_over_each_other(desk: Desk, timeline: Timeline) -> None:
    """Each tab has its own text, not offered to other tabs; both entries are sent once."""
    first, second = desk.open(timeline.slug), desk.open(timeline.slug)
    write(first, "From the one")
    write(second, "From the other")
    until_kept(second, "From the one")
    until_kept(first, "From the other")
    third = desk.open(timeline.slug)
    assert third.locator(".offer").count() == 0
    desk.context.set_offline(True)
    for page in first, second:
        page.keyboard.press("Control+Enter")
        until(page, "document.querySelector('.letter')")
    first.close()
    desk.context.set_offline(False)
    until_sent(second)
    assert sorted(_bodies(timeline)) == ["From the one", "From the other"]


@pytest.mark.full("a further way to write")
def test_a_pasted_picture_asks_once_what_it_shows(
    desk: Desk, staffed_newsroom: Newsroom, timeline: Timeline
) -> None:
    """A pasted picture is uploaded at once; publishing asks for its alternative text."""
    page = desk.open(timeline.slug)
    write(page, "Seen from the pier")
    page.evaluate(
        """(encoded) => {
          const bytes = Uint8Array.from(atob(encoded), (each) => each.charCodeAt(0));
          const clipboardData = new DataTransfer();
          clipboardData.items.add(new File([bytes], "pier.png", { type: "image/png" }));
          const told = { clipboardData, bubbles: true, cancelable: true };
          document.activeElement.dispatchEvent(new ClipboardEvent("paste", told));
        }""",
        base64.b64encode(_PIXEL).decode(),
    )
    page.locator(".picture-field").wait_for()
    until(page, "!document.querySelector('.picture-field .sending').checkVisibility()")
    assert page.locator(".picture-field .complaint").inner_text() == ""
    page.keyboard.press("Control+Enter")
    assert "what the picture shows" in page.inner_text(".message")
    page.keyboard.type("A pier")  # the missing field has the focus
    page.keyboard.press("Control+Enter")
    until(page, "document.querySelector('.message').textContent === 'Published.'")
    (entry,) = staffed_newsroom.reader.get(f"{timeline.path}/entries").json()["entries"]
    assert [media["alt"] for media in entry["media"]] == ["A pier"]


@pytest.mark.full("test_video plays one, and a picture is sent in the same way")
def test_a_dropped_video_is_on_an_open_page(
    desk: Desk, staffed_newsroom: Newsroom, timeline: Timeline
) -> None:
    """A video dropped on the form is uploaded at once, and plays on a reader's page."""
    reader = desk.context.new_page()
    reader.goto(f"{staffed_newsroom.server.url}/coverages/{timeline.slug}")
    reader.locator("[data-state=live]").wait_for()
    page = desk.open(timeline.slug)
    page.evaluate(
        """(encoded) => {
          const bytes = Uint8Array.from(atob(encoded), (each) => each.charCodeAt(0));
          const dataTransfer = new DataTransfer();
          dataTransfer.items.add(new File([bytes], "wave.webm", { type: "video/webm" }));
          for (const type of ["dragover", "drop"]) {
            const told = { dataTransfer, bubbles: true, cancelable: true };
            document.querySelector("[name=headline]").dispatchEvent(new DragEvent(type, told));
          }
        }""",
        base64.b64encode(record_webm(page)).decode(),
    )
    page.get_by_label("What it shows").fill("A wave over the pier")
    write(page, "Seen at noon")
    until(page, "!document.querySelector('.picture-field .sending').checkVisibility()")
    page.keyboard.press("Control+Enter")
    reader.locator(".days .entry video").wait_for()
    # It has a poster and does not preload, so it has to be played.
    reader.locator(".days video").evaluate("(video) => { video.muted = true; return video.play() }")
    until(reader, "document.querySelector('.days video').readyState > 0")
    (entry,) = staffed_newsroom.reader.get(f"{timeline.path}/entries").json()["entries"]
    assert [(m["kind"], m["alt"]) for m in entry["media"]] == [("video", "A wave over the pier")]


@pytest.mark.full("a further way to write")
def test_what_is_scheduled_goes_out_by_the_newsrooms_clock(desk: Desk, timeline: Timeline) -> None:
    """A scheduled time is in the newsroom's zone; without a time its field is shown and focused."""
    page = desk.open(timeline.slug)
    write(page, "The verdict")
    page.get_by_role("button", name="Schedule").click()
    assert "goes out" in page.inner_text(".message")
    due = datetime.now(_ZONE).replace(second=40, microsecond=0) + timedelta(hours=3)
    assert page.evaluate("document.activeElement.name") == "embargo"
    page.locator(":focus").fill(due.strftime("%Y-%m-%dT%H:%M:%S"))
    page.get_by_role("button", name="Schedule").click()
    until(page, "document.querySelector('.message').textContent.startsWith('Scheduled: goes out ')")
    assert page.inner_text(".message").endswith(f"{due:%H:%M:%S} UTC+4 (Asia/Yerevan).")
    (draft,) = _drafts(timeline)
    assert draft["status"] == "scheduled"
    assert datetime.fromisoformat(str(draft["embargo_until"])) == due
    page.locator("li", has_text="The verdict").get_by_text(f"{due:%H:%M}").wait_for()


@pytest.mark.full("a further way to write")
def test_no_key_fires_while_an_input_method_composes(desk: Desk, timeline: Timeline) -> None:
    """Control+Enter during an IME composition does not publish."""
    page = desk.open(timeline.slug)
    write(page, "東")
    devtools = desk.context.new_cdp_session(page)
    composition = {"text": "きょう", "selectionStart": 3, "selectionEnd": 3}
    devtools.send("Input.imeSetComposition", composition)
    page.evaluate(
        """() => document.activeElement.dispatchEvent(new KeyboardEvent("keydown",
          { key: "Enter", ctrlKey: true, isComposing: true, bubbles: true, cancelable: true }))"""
    )
    assert page.input_value("[name=body]").startswith("東")
    devtools.send("Input.insertText", {"text": "京"})
    page.keyboard.press("Control+Enter")
    until(page, "document.querySelector('.message').textContent === 'Published.'")
    assert _bodies(timeline) == ["東京"]


@pytest.mark.full("a further way to write")
def test_marks_can_be_undone(desk: Desk, timeline: Timeline) -> None:
    """Marks set by shortcuts are toggled by the same shortcut, and undone by Control+Z."""
    page = desk.open(timeline.slug)
    write(page, "word")
    page.keyboard.press("Control+a")
    for keys, written in (
        ("Control+b", "**word**"),
        ("Control+b", "word"),
        ("Control+i", "*word*"),
        ("Control+z", "word"),
        ("Control+Shift+9", "> word"),
        ("Control+Shift+9", "word"),
        ("Control+k", "[word](https://)"),
        ("Control+z", "word"),
    ):
        page.keyboard.press(keys)
        assert page.input_value("[name=body]") == written, keys


def test_who_is_signed_out_loses_nothing_and_nobody_sends_it_for_them(
    desk: Desk, timeline: Timeline
) -> None:
    """An entry waits while its author is signed out or somebody else is signed in, then is sent."""
    page = desk.open(timeline.slug)
    desk.context.clear_cookies()
    write(page, "Mine")
    page.keyboard.press("Control+Enter")
    page.locator("[data-when=signed-out]").wait_for()
    desk.enter(JO)
    page.evaluate("dispatchEvent(new Event('focus'))")
    page.locator("[data-when=stranger]").wait_for()
    assert _bodies(timeline) == []
    desk.enter(ED)
    page.evaluate("dispatchEvent(new Event('focus'))")
    until_sent(page)
    (entry,) = timeline.newsroom.reader.get(f"{timeline.path}/entries").json()["entries"]
    assert entry["bylines"] == [{"name": "Ed"}]


def test_what_the_server_refuses_comes_back(desk: Desk, timeline: Timeline) -> None:
    """A refused entry shows the server's message, and can be edited and sent again."""
    page = desk.open(timeline.slug)
    timeline.newsroom.chief.patch(timeline.path, json={"status": "closed"}).raise_for_status()
    write(page, "Too late")
    page.keyboard.press("Control+Enter")
    letter = page.locator(".letter[data-state=refused]")
    letter.wait_for()
    assert "is closed" in letter.inner_text()
    letter.get_by_text("Edit").click()
    until(page, "document.querySelector('[name=body]').value === 'Too late'")
    timeline.newsroom.chief.patch(timeline.path, json={"status": "live"}).raise_for_status()
    page.locator("[data-action=publish]").click()
    until(page, "document.querySelector('.message').textContent === 'Published.'")
    assert _bodies(timeline) == ["Too late"]


@pytest.mark.full("a rare order of answers")
def test_what_the_server_has_already_is_not_told_as_kept_here_alone(
    desk: Desk, timeline: Timeline
) -> None:
    """The state stays `saved` if the browser stores its own copy after the server's answer."""
    page = desk.open(timeline.slug)
    page.clock.install()
    page.clock.pause_at(datetime.now(UTC) + timedelta(seconds=1))  # delays the browser's copy
    write(page, "Saved at once")
    page.keyboard.press("Control+s")
    page.locator(".saved[data-state=saved]").wait_for()
    page.clock.run_for(1_000)
    page.clock.resume()
    until_kept(page, "Saved at once")
    assert page.get_attribute(".saved", "data-state") == "saved"


def test_a_draft_saves_itself_and_a_stale_one_shows_both_texts(
    desk: Desk, timeline: Timeline
) -> None:
    """A stale draft is not overwritten: a dialog shows both texts, and the typed one is kept."""
    page = desk.open(timeline.slug)
    write(page, "Mine")
    until(page, "document.querySelector('.saved').dataset.state === 'saved'")
    (draft,) = _drafts(timeline)
    timeline.newsroom.editor.patch(
        f"{timeline.path}/entries/{draft['id']}",
        json={"body": "Theirs", "tags": ["river"]},
        headers={"If-Match": "*"},
    ).raise_for_status()
    write(page, " and more")
    page.locator("dialog#conflict[open]").wait_for()
    assert "Theirs" in page.inner_text("dialog#conflict")
    assert "Mine and more" in page.inner_text("dialog#conflict")
    page.locator("dialog#conflict [value=mine]").click()
    page.locator("dialog#conflict").wait_for(state="hidden")
    assert page.input_value("[name=body]") == "Mine and more"
    page.keyboard.press("Control+Alt+w")
    page.keyboard.press("Control+Enter")
    until(page, "document.querySelector('.message').textContent === 'Published.'")
    (entry,) = timeline.newsroom.reader.get(f"{timeline.path}/entries").json()["entries"]
    assert (entry["body"]["markdown"], entry["tags"]) == ("Mine and more", ["river"])


def test_a_contributor_hands_in(
    chromium: "Browser", staffed_newsroom: Newsroom, timeline: Timeline
) -> None:
    """A contributor's shortcut submits the draft; there are no controls to publish."""
    context = chromium.new_context()
    page = Desk(context, staffed_newsroom.server, CO).open(timeline.slug)
    assert page.locator("[data-action=publish], [data-action=schedule], [name=pin]").count() == 0
    write(page, "From the field")
    page.keyboard.press("Control+Enter")
    until(page, "document.querySelector('.message').textContent === 'Handed in.'")
    context.close()
    (draft,) = _drafts(timeline)
    assert draft["submitted_at"]
    assert not _bodies(timeline)


@pytest.mark.full("a further way to write")
@pytest.mark.parametrize("width", [360, 1500])
def test_everybody_can_use_it(
    chromium: "Browser", staffed_newsroom: Newsroom, timeline: Timeline, width: int
) -> None:
    """The composer has no axe violation, no overflow and large targets, on phone and desktop."""
    require("axe-playwright-python", find_spec("axe_playwright_python"))
    from axe_playwright_python.sync_playwright import Axe

    scheme: Literal["dark", "light"] = "dark" if width < 500 else "light"
    window: Any = {"width": width, "height": 800}
    context = chromium.new_context(bypass_csp=True, viewport=window, color_scheme=scheme)
    page = Desk(context, staffed_newsroom.server, ED).open(timeline.slug)
    picture: Any = {"name": "pier.png", "mimeType": "image/png", "buffer": _PIXEL}
    page.set_input_files("[name=files]", files=[picture])
    page.locator(".picture-field").wait_for()
    page.locator(".more summary").click()
    page.fill("[name=tag]", "harbour, fire,")
    write(page, "What is seen")
    page.keyboard.press("Control+Enter")
    results = Axe().run(page, options={"rules": {"target-size": {"enabled": True}}})
    assert not results.response["violations"], results.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    controls = "[...document.querySelectorAll('.composing :is(button, summary, select)')]"
    heights = page.evaluate(
        f"{controls}.filter((each) => each.checkVisibility()).map((each) => each.offsetHeight)"
    )
    assert min(heights) >= 44
    context.close()
