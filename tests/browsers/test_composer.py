"""The composer: no typed text is lost, and each way to write and publish works."""

import base64
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pytest

from tests.browsers.desk import (
    CO,
    ED,
    ZONE,
    Desk,
    KillableChromium,
    drafts,
    published_bodies,
    until,
    until_kept,
    until_sent,
    write,
)
from tests.browsers.driver import lent_playwright
from tests.browsers.video_recorder import record_webm
from tests.conftest import Newsroom
from tests.contract.newsrooms import new_slug, new_timeline
from tests.contract.timeline import Timeline
from tests.servers import require

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Playwright

# A red pixel.
_PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGP4z8DwHwAFAAH/iZk9HQAAAABJRU5ErkJggg=="
)


@pytest.fixture(scope="module")
def playwright() -> Iterator["Playwright"]:
    """Playwright, which drives the browsers."""
    with lent_playwright() as playwright:
        yield playwright


@pytest.fixture
def timeline(staffed_newsroom: Newsroom) -> Timeline:
    """A live coverage for one test."""
    return new_timeline(staffed_newsroom, new_slug())


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
    assert entry["bylines"] == []


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
    assert not drafts(timeline)
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
    assert published_bodies(timeline) == [text]


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
    assert sorted(published_bodies(timeline)) == ["From the one", "From the other"]


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
          const init = { clipboardData, bubbles: true, cancelable: true };
          document.activeElement.dispatchEvent(new ClipboardEvent("paste", init));
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
            const init = { dataTransfer, bubbles: true, cancelable: true };
            document.querySelector("[name=headline]").dispatchEvent(new DragEvent(type, init));
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
    assert page.inner_text(".message") == "Choose a time in the future to publish it."
    due = datetime.now(ZONE).replace(second=40, microsecond=0) + timedelta(hours=3)
    assert page.evaluate("document.activeElement.name") == "embargo"
    page.locator(":focus").fill(due.strftime("%Y-%m-%dT%H:%M:%S"))
    page.get_by_role("button", name="Schedule").click()
    until(page, "document.querySelector('.message').textContent.startsWith('Scheduled: goes out ')")
    assert page.inner_text(".message").endswith(f"{due:%H:%M:%S} UTC+4 (Asia/Yerevan).")
    (draft,) = drafts(timeline)
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
    assert published_bodies(timeline) == ["東京"]


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
    (draft,) = drafts(timeline)
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
    (draft,) = drafts(timeline)
    assert draft["submitted_at"]
    assert not published_bodies(timeline)


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
