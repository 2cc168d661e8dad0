"""Writing without knowing Markdown: the toolbar, pasted texts, lists that go on, quotations."""

import json
from typing import TYPE_CHECKING

import pytest

from tests.browsers.browser import Browser
from tests.browsers.desk import ED, Desk, publish_text, published_bodies, until, write
from tests.conftest import Newsroom
from tests.contract.newsrooms import new_slug, new_timeline
from tests.contract.timeline import Timeline
from tests.intake.test_clipboard import PAYLOADS
from tests.signed_in import PASSWORD

if TYPE_CHECKING:
    from playwright.sync_api import Page, Route

_BODY = "document.querySelector('[name=body]')"
# By program, as the names of the clipboards begin, and one of each of the chief shapes.
_CLIPBOARDS = {
    "shapes": ["word-bullets", "word-table", "docs-link", "page-quotation"],
    **{
        program: [payload["name"] for payload in PAYLOADS if payload["name"].startswith(program)]
        for program in ("word", "docs", "libreoffice", "safari", "notes", "outlook", "page")
    },
}
_PASTE = """(() => {{
  const field = document.querySelector("[name=body]");
  field.focus();
  const clipboardData = new DataTransfer();
  for (const [type, text] of Object.entries({data})) clipboardData.setData(type, text);
  const init = {{ clipboardData, bubbles: true, cancelable: true }};
  field.dispatchEvent(new ClipboardEvent("paste", init));
}})()"""

# No browser but Chromium lets a script make an event with a clipboard: what is pasted is copied.
_COPY = """(() => {{
  const copy = (event) => {{
    event.preventDefault();
    for (const [type, text] of Object.entries({data})) event.clipboardData.setData(type, text);
  }};
  document.addEventListener("copy", copy, {{ capture: true, once: true }});
  document.querySelector("[name=body]").focus();
}})()"""

_SIGN_IN = """(async () => {{
  const body = new URLSearchParams(new FormData(document.querySelector("main form")));
  body.set("email", {email});
  body.set("password", {password});
  await fetch("/desk/sign-in", {{ method: "POST", body }});
}})()"""


@pytest.fixture
def timeline(staffed_newsroom: Newsroom) -> Timeline:
    """A live coverage for one test."""
    return new_timeline(staffed_newsroom, new_slug())


def _paste_script(plain: str, html: str = "") -> str:
    data = {"text/plain": plain} | ({"text/html": html} if html else {})
    return _PASTE.format(data=json.dumps(data))


def _until(condition: str) -> str:
    return f"""(async () => {{
      const end = Date.now() + 30_000;
      while (!({condition})) {{
        if (Date.now() > end) throw new Error({_BODY}?.value);
        await new Promise((done) => setTimeout(done, 20));
      }}
    }})()"""


def _has(page: "Page", text: str) -> None:
    until(page, f"{_BODY}.value === {json.dumps(text)}")


@pytest.mark.full(
    "tests/intake/test_clipboard.py converts each of them without a browser", but=["shapes"]
)
@pytest.mark.parametrize("names", _CLIPBOARDS.values(), ids=_CLIPBOARDS)
def test_every_clipboard_is_pasted_as_markdown(
    browser: Browser, staffed_newsroom: Newsroom, timeline: Timeline, names: list[str]
) -> None:
    """What each program puts into the clipboard becomes the expected Markdown in the text."""
    url = staffed_newsroom.server.url
    browser.open(f"{url}/desk/sign-in")
    browser.run(_SIGN_IN.format(email=json.dumps(ED), password=json.dumps(PASSWORD)))
    browser.open(f"{url}/desk/coverages/{timeline.slug}")
    browser.run(_until("document.querySelector('form.composer:not([aria-busy])')"))
    # The plain text would stay if a busy machine answered later than the desk waits for it.
    browser.run("void (AbortSignal.timeout = () => new AbortController().signal)")
    for payload in PAYLOADS:
        if payload["name"] in names:
            browser.run(f"void ({_BODY}.value = '')")
            data = {"text/plain": payload["plain"], "text/html": payload["html"]}
            browser.run(_COPY.format(data=json.dumps({k: v for k, v in data.items() if v})))
            browser.press("Control+c")
            browser.press("Control+v")
            browser.run(_until(f"{_BODY}.value === {json.dumps(payload['markdown'])}"))


def test_undo_leads_back_from_a_paste(desk: Desk, timeline: Timeline) -> None:
    """Undo gives the plain text that was pasted, then the text before."""
    page = desk.open(timeline.slug)
    write(page, "Now: ")
    page.evaluate(_paste_script("it is open", "<p>it is <b>open</b></p>"))
    _has(page, "Now: it is **open**")
    page.keyboard.press("Control+z")
    _has(page, "Now: it is open")
    page.keyboard.press("Control+z")
    _has(page, "Now: ")


def test_a_paste_needs_no_server(desk: Desk, timeline: Timeline) -> None:
    """Without a connection the plain text stays, its typed bullets as list marks."""
    page = desk.open(timeline.slug)
    page.route("**/markdown", lambda route: route.abort())
    with page.expect_event("requestfailed"):
        page.evaluate(_paste_script("• a\x0b• b", "<p>• a<br>• b</p>"))
    _has(page, "- a\n- b")


def test_what_is_typed_after_a_paste_stays(desk: Desk, timeline: Timeline) -> None:
    """The Markdown takes the place of the plain text only, and the caret stays where it is."""
    page = desk.open(timeline.slug)
    held: list[Route] = []
    page.route("**/markdown", lambda route: held.append(route))  # noqa: PLW0108  no bare builtin
    with page.expect_request("**/markdown"):
        page.evaluate(_paste_script("open", "<b>open</b>"))
    page.keyboard.type(" again")
    held[0].continue_()
    _has(page, "**open** again")
    page.keyboard.type(".")
    _has(page, "**open** again.")


def test_the_toolbar_marks_what_is_selected(desk: Desk, timeline: Timeline) -> None:
    """Each button marks the selection, by the mouse and by keys, and undo takes a mark back."""
    page = desk.open(timeline.slug)
    for name, text in (
        ("Bold", "**open**"),
        ("Italic", "*open*"),
        ("Heading", "## open"),
        ("Link", "[open](https://)"),
        ("List", "- open"),
    ):
        page.fill("[name=body]", "open")
        page.locator("[name=body]").select_text()
        page.get_by_role("button", name=name, exact=True).click()
        _has(page, text)
        page.keyboard.press("Control+z")
        _has(page, "open")
    page.locator("[name=body]").select_text()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    _has(page, "*open*")


def test_lists_go_on_and_end(desk: Desk, timeline: Timeline) -> None:
    """Enter begins the next item, ends the list in an empty one, and Tab leaves the text."""
    page = desk.open(timeline.slug)
    write(page, "1. one\ntwo\n\nEnd")
    _has(page, "1. one\n2. two\n\nEnd")
    page.keyboard.press("Tab")
    until(page, f"document.activeElement !== {_BODY}")


def test_a_quotation_names_its_speaker(desk: Desk, timeline: Timeline) -> None:
    """The dialog writes a quotation that the page shows with its attribution."""
    page = desk.open(timeline.slug)
    page.get_by_role("button", name="Quotation", exact=True).click()
    page.get_by_label("What was said").fill("We are staying.")
    page.get_by_label("Who said it").fill("Ann Lee")
    page.get_by_label("Where: words, or a link").fill("https://www.example.org/a")
    page.keyboard.press("Enter")
    text = "> We are staying.\n>\n> — Ann Lee, [example.org](<https://www.example.org/a>)"
    _has(page, f"{text}\n\n")
    publish_text(page)
    (body,) = published_bodies(timeline)
    assert body.strip() == text
    (entry,) = timeline.newsroom.reader.get(f"{timeline.path}/entries").json()["entries"]
    assert entry["kind"] == "quote"
    html = timeline.newsroom.reader.get(f"/coverages/{timeline.slug}").text
    assert '<p class="attribution" dir="auto">— Ann Lee' in html


def test_the_toolbar_fits_a_phone(desk: Desk, timeline: Timeline) -> None:
    """At 360 px all buttons are on one line, at least 44 px wide and high."""
    page = desk.open(timeline.slug)
    page.set_viewport_size({"width": 360, "height": 740})
    boxes = [each.bounding_box() for each in page.locator("[role=toolbar] button").all()]
    assert len(boxes) == 6
    assert len({box["y"] for box in boxes if box}) == 1
    assert all(box and min(box["width"], box["height"]) >= 44 for box in boxes)
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")
