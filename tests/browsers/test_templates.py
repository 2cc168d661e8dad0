"""Templates in the composer: the menu and the placeholders, by keys alone."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests.browsers.desk import publish_text
from tests.browsers.desk_page import (
    PHONE,
    Newsdesks,
    check_by_axe,
    fits,
    newsdesks,
    shows,
    text_of,
)
from tests.browsers.driver import chromium_process

if TYPE_CHECKING:
    from playwright.sync_api import Page

_SELECTED = "((field) => field.value.slice(field.selectionStart, field.selectionEnd))"
_MENU = ".template-menu:popover-open"


@pytest.fixture(scope="module")
def desks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Newsdesks]:
    """A server with a chief and an editor, and a template of the newsroom."""
    with (
        chromium_process() as process,
        newsdesks(tmp_path_factory.mktemp("templates"), ["Ani", "Ed"], process) as desks,
    ):
        form = {
            "name": "A goal",
            "headline": "{team} leads",
            "body": "{player} scores in the {minute}th minute.",
            "key_event": True,
        }
        desks.clients["Ani"].post("/v1/templates", json=form).raise_for_status()
        desks.clients["Ani"].post(
            "/v1/templates", json={"name": "Photo", "body": "(photo: {name})"}
        ).raise_for_status()
        yield desks
        desks.close()


def _selected(page: "Page") -> str:
    return str(page.evaluate(f"{_SELECTED}(document.activeElement)"))


def _choose(page: "Page", name: str) -> None:
    page.keyboard.press("Control+Alt+v")
    shows(page.locator(f"{_MENU} :focus")).to_be_visible()
    names = page.locator(f"{_MENU} button").all_inner_texts()
    for _ in range(names.index(name)):
        page.keyboard.press("ArrowDown")
    shows(page.locator(f"{_MENU} :focus")).to_have_text(name)
    page.keyboard.press("Enter")


def test_an_entry_is_written_from_a_template_by_keys_alone(desks: Newsdesks) -> None:
    """Tab leads through the placeholders of headline and text, and the entry is a key event."""
    slug = desks.new_coverage()
    page = desks.desk("Ed", slug)
    text_of(page).focus()
    _choose(page, "A goal")
    assert _selected(page) == "{team}"
    page.keyboard.type("Ararat")
    page.keyboard.press("Tab")
    assert _selected(page) == "{player}"
    page.keyboard.press("Tab")
    assert _selected(page) == "{minute}"
    page.keyboard.press("Shift+Tab")
    assert _selected(page) == "{player}"
    page.keyboard.type("Petrosyan")
    page.keyboard.press("Tab")
    page.keyboard.type("12")
    page.keyboard.press("Tab")
    shows(text_of(page)).not_to_be_focused()
    publish_text(page)
    (entry,) = desks.clients["Ed"].get(f"/v1/coverages/{slug}/entries").json()["entries"]
    assert (entry["headline"], entry["key_event"]) == ("Ararat leads", True)
    assert entry["body"]["markdown"] == "Petrosyan scores in the 12th minute."


def test_escape_gives_the_tab_key_back(desks: Newsdesks) -> None:
    """After Escape the focus stays, and Tab leaves the text; in the menu Escape closes it."""
    page = desks.desk("Ed", desks.new_coverage())
    text_of(page).focus()
    page.keyboard.press("Control+Alt+v")
    shows(page.locator(f"{_MENU} :focus")).to_be_visible()
    page.keyboard.press("Escape")
    shows(text_of(page)).to_be_focused()
    _choose(page, "A goal")
    page.keyboard.press("Tab")
    assert _selected(page) == "{player}"
    page.keyboard.press("Escape")
    shows(text_of(page)).to_be_focused()
    page.keyboard.press("Tab")
    shows(text_of(page)).not_to_be_focused()


def test_a_snippet_goes_where_the_caret_is(desks: Newsdesks) -> None:
    """In a text that is begun, a template changes neither the headline nor the key event."""
    page = desks.desk("Ed", desks.new_coverage())
    text_of(page).focus()
    page.keyboard.type("The bridge is closed.")
    for _ in "closed.":
        page.keyboard.press("ArrowLeft")
    _choose(page, "Photo")
    shows(text_of(page)).to_have_value("The bridge is (photo: {name})closed.")
    assert _selected(page) == "{name}"
    page.keyboard.press("Control+z")
    shows(text_of(page)).to_have_value("The bridge is closed.")
    _choose(page, "A goal")
    shows(page.locator("[name=headline]")).to_have_value("")
    shows(page.locator("[name=key_event]")).not_to_be_checked()


def test_a_placeholder_that_is_left_is_asked_about_once(desks: Newsdesks) -> None:
    """The first Ctrl+Enter selects it and says so, the second publishes it as it is."""
    slug = desks.new_coverage()
    page = desks.desk("Ed", slug)
    text_of(page).focus()
    page.keyboard.type("Says {name}.")
    page.keyboard.press("Control+Enter")
    shows(page.locator(".composer .message")).to_have_text(
        "A placeholder is left. If it is to stay, send it again."
    )
    assert _selected(page) == "{name}"
    publish_text(page)


def test_a_new_template_is_in_the_menu_of_an_open_desk(desks: Newsdesks) -> None:
    """The menu shows what the chief has made since it was opened before."""
    slug = desks.new_coverage()
    page = desks.desk("Ed", slug)
    page.get_by_role("button", name="Templates", exact=True).click()
    shows(page.locator(f"{_MENU} button").first).to_be_visible()
    page.keyboard.press("Escape")
    form = {"name": "Fresh", "body": "{x}", "coverage": slug}
    desks.clients["Ani"].post("/v1/templates", json=form).raise_for_status()
    page.get_by_role("button", name="Templates", exact=True).click()
    shows(page.locator(f"{_MENU} button").first).to_have_text("Fresh")


@pytest.mark.parametrize("language", ["en", "ar"])
def test_the_menu_and_the_pages_fit_a_phone_and_pass_axe(desks: Newsdesks, language: str) -> None:
    """Nothing is wider than the window, also from right to left; axe finds no violation."""
    slug = desks.new_coverage(language=language)
    options = PHONE | {"locale": language}
    page = desks.desk("Ani", slug, **options)
    page.locator("button.templates").click()
    shows(page.locator(f"{_MENU} button")).to_have_count(6)
    shows(page.locator(_MENU)).to_be_in_viewport(ratio=1)
    assert fits(page)
    check_by_axe(page, within=".template-menu")
    page.keyboard.press("Escape")
    check_by_axe(page)
    for path in (f"/desk/templates?coverage={slug}", "/desk/templates"):
        page = desks.open("Ani", path, **options)
        assert fits(page)
        check_by_axe(page)
    page.locator("main .cards a").first.click()
    page.wait_for_url("**/desk/templates/*")
    assert fits(page)
    check_by_axe(page)


def test_the_menu_says_why_it_does_not_open(desks: Newsdesks) -> None:
    """What the server refuses is said where the desk says it of its other requests."""
    page = desks.desk("Ed", desks.new_coverage())
    problem = {"type": "/problems/not-signed-in", "title": "Not signed in", "status": 401}
    page.route(
        "**/v1/templates?*",
        lambda route: route.fulfill(
            status=401, content_type="application/problem+json", json=problem
        ),
    )
    page.keyboard.press("Control+Alt+v")
    shows(page.locator(".trouble")).to_contain_text("signed out")
