"""Editions at the desk: translate, compare with a corrected original, and retract both."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from tests.browsers.desk_page import (
    PHONE,
    Newsdesks,
    announced,
    check_by_axe,
    entry_of,
    fits,
    newsdesks,
    shows,
    text_of,
)
from tests.browsers.driver import chromium_process

if TYPE_CHECKING:
    from playwright.sync_api import Page

Json = dict[str, Any]


@pytest.fixture(scope="module")
def shared_desks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Newsdesks]:
    """A server with a chief and an editor."""
    with (
        chromium_process() as process,
        newsdesks(tmp_path_factory.mktemp("desks"), ["Ani", "Ed"], process) as desks,
    ):
        yield desks


# How many lines the first words of a link take.
_LINES = """(link) => {
  const range = document.createRange();
  range.selectNodeContents(link.firstChild);
  return range.getClientRects().length;
}"""


@pytest.fixture
def desks(shared_desks: Newsdesks) -> Iterator[Newsdesks]:
    """The same server; every page is closed after the test."""
    yield shared_desks
    shared_desks.close()


def _editions(desks: Newsdesks) -> tuple[str, str]:
    """Open a coverage with an edition in Arabic; returns their slugs."""
    original = desks.new_coverage()
    return original, desks.new_coverage(language="ar", title="حريق", edition_of=original)


def _translated(desks: Newsdesks, original: str, edition: str, text: str) -> tuple[Json, Json]:
    """Write an entry and its translation."""
    entry = desks.write("Ed", original, body=text)
    of = {"coverage": original, "entry_id": entry["id"]}
    return entry, desks.write("Ed", edition, body="قتيلان.", translation_of=of)


def _correct(desks: Newsdesks, slug: str, entry: Json, text: str) -> None:
    path = f"/v1/coverages/{slug}/entries/{entry['id']}/correction"
    answer = desks.clients["Ed"].post(path, json={"body": text, "note": "One recovered."})
    answer.raise_for_status()


def _read(desks: Newsdesks, slug: str, entry: Json) -> Json:
    found: Json = desks.clients["Ed"].get(f"/v1/coverages/{slug}/entries/{entry['id']}").json()
    return found


def _open_comparison(page: "Page") -> None:
    page.locator(".outdated .item").focus()
    page.keyboard.press("o")
    page.locator("#ask-compare[open]").wait_for()


def test_an_edition_is_made_in_the_form_of_a_coverage(desks: Newsdesks) -> None:
    """The form offers originals; one that cannot have editions is refused beside the field."""
    original, edition = _editions(desks)
    page = desks.open("Ani", "/desk/new")
    page.get_by_label("Title", exact=True).fill("Пожар")
    page.get_by_label("Language", exact=True).select_option("Russian")
    choice = page.get_by_label("Edition of")
    assert choice.locator(f"option[value={edition}]").count() == 0
    choice.select_option(original)
    shows(page.locator("[name=slug]")).to_have_value("pozhar")
    page.get_by_role("button", name="Create coverage").click()
    page.wait_for_url("**/desk/coverages/pozhar")
    made = desks.clients["Ani"].get("/v1/coverages/pozhar").json()
    assert made["edition_of"] == original
    page.goto("/desk/coverages/pozhar/settings")
    shows(page.get_by_label("Edition of")).to_have_value(original)
    page.get_by_label("Edition of").select_option("")
    page.get_by_role("button", name="Save").click()
    shows(page.locator("#edition_of-wrong")).to_be_visible()


def test_the_way_to_a_translation_is_a_sentence(desks: Newsdesks) -> None:
    """In the menu the title of the edition stands in its sentence, not in a column beside it."""
    original = desks.new_coverage()
    desks.new_coverage(language="ar", title="حريق في الميناء " * 3, edition_of=original)
    desks.write("Ed", original, headline="The first")
    page = desks.desk("Ed", original)
    page.locator(".days .entry [data-act=more]").click()
    lines = page.locator(".menu:popover-open .translate").evaluate(_LINES)
    assert lines == 1


def test_translate_opens_a_draft_beside_the_original(desks: Newsdesks) -> None:
    """*Translate* leads to the edition's desk; what is published there names its original."""
    original, edition = _editions(desks)
    entry = desks.write("Ed", original, body="Two are dead.", key_event=True)
    page = desks.desk("Ed", original, **PHONE)
    item = entry_of(page, "Two are dead.")
    item.get_by_role("button", name="More", exact=True).click()
    check_by_axe(page)
    assert fits(page)
    item.get_by_role("link", name="حريق").click()
    page.locator(".original", has_text="Two are dead.").wait_for()
    shows(text_of(page)).to_be_focused()
    check_by_axe(page)
    assert fits(page)
    page.keyboard.type("قتيلان.")
    page.keyboard.press("Control+Enter")
    shows(page.locator("form.composer .message")).to_have_text("Published.")
    entries = desks.clients["Ed"].get(f"/v1/coverages/{edition}/entries").json()["entries"]
    of = entries[0]["translation_of"]
    assert (of["coverage"], of["entry_id"], of["revision"]) == (original, entry["id"], 1)
    assert entries[0]["key_event"]
    assert "original" not in page.url


def test_what_is_outdated_is_compared_and_cleared(desks: Newsdesks) -> None:
    """The work list shows what changed in the original; a look or a correction clears it."""
    original, edition = _editions(desks)
    first, same = _translated(desks, original, edition, "Two are dead.")
    page = desks.desk("Ed", edition)
    _correct(desks, original, first, "Two are dead, at the pier.")
    shows(page.locator(".outdated .count")).to_have_text("1")
    check_by_axe(page)
    _open_comparison(page)
    shows(page.locator("#ask-compare ins .part")).to_have_text(", at the pier")
    shows(page.locator("#ask-compare .translation-words")).to_have_text("قتيلان.")
    check_by_axe(page)
    page.get_by_role("button", name="Looked, nothing to change").click()
    announced(page, "The translation is up to date.")
    shows(page.get_by_role("region", name="Outdated translations")).to_have_count(0)
    shows(page.locator(".feed .outdated")).to_have_count(0)
    assert _read(desks, edition, same)["translation_of"]["outdated"] is None
    _correct(desks, original, first, "One is dead, at the pier.")
    shows(page.locator(".outdated .count")).to_have_text("1")
    _open_comparison(page)
    page.locator("#ask-compare").get_by_role("button", name="Correct").click()
    page.locator("form.composer[data-mode=correct]").wait_for()
    page.locator(".original", has_text="One is dead, at the pier.").wait_for()
    text_of(page).fill("قتيل واحد.")
    page.get_by_label("What readers are told of the correction").fill("تعافى أحدهما.")
    page.keyboard.press("Control+Enter")
    page.locator("#ask-correct[open]").wait_for()
    page.keyboard.press("Enter")
    shows(page.locator("form.composer .message")).to_have_text("Corrected.")
    shows(page.get_by_role("region", name="Outdated translations")).to_have_count(0)
    shows(page.locator(".feed .outdated")).to_have_count(0)
    of = _read(desks, edition, same)["translation_of"]
    assert (of["revision"], of["outdated"]) == (3, None)


def test_a_retraction_says_what_goes_with_it_and_whom_it_has_reached(desks: Newsdesks) -> None:
    """The dialog counts the translations and lets them stand if asked; then the reach is shown."""
    original, edition = _editions(desks)
    entry, translation = _translated(desks, original, edition, "Two are dead.")
    page = desks.desk("Ed", original)
    reader = page.context.new_page()
    reader.goto(f"/coverages/{original}")
    reader.locator("[data-state=live]").wait_for(state="attached")
    page.keyboard.press("Escape")
    entry_of(page, "Two are dead.").focus()
    page.keyboard.press("r")
    dialog = page.get_by_role("dialog", name="Retract this entry?")
    shows(dialog.get_by_role("group", name="It has 1 translation.")).to_be_visible()
    check_by_axe(page)
    dialog.get_by_role("radio", name="Let them stand").check()
    dialog.get_by_label("What readers are told").fill("Nobody is dead.")
    dialog.get_by_role("button", name="Retract").click()
    reach = page.locator(".reach")
    shows(reach).to_contain_text("open pages.")
    check_by_axe(page)
    assert _read(desks, original, entry)["status"] == "retracted"
    marked = _read(desks, edition, translation)
    assert (marked["status"], marked["translation_of"]["outdated"]["because"]) == (
        "published",
        "retracted",
    )
