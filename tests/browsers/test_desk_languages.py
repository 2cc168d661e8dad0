"""The desk in other languages: right to left, and with keys of another script."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests.browsers.desk_page import (
    Newsdesks,
    check_by_axe,
    entry_of,
    fits,
    focused,
    item_of,
    newsdesks,
    shows,
    text_of,
)
from tests.browsers.driver import chromium_process

if TYPE_CHECKING:
    from playwright.sync_api import Page


# What is typed by the keys of Latin letters.
RUSSIAN_KEYS = {
    "j": "\N{CYRILLIC SMALL LETTER O}",
    "p": "\N{CYRILLIC SMALL LETTER ZE}",
    "r": "\N{CYRILLIC SMALL LETTER KA}",
}


@pytest.fixture(scope="module")
def shared_desks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Newsdesks]:
    """A server with a chief and an editor."""
    with (
        chromium_process() as process,
        newsdesks(tmp_path_factory.mktemp("desks"), ["Ani", "Ed"], process) as desks,
    ):
        yield desks


@pytest.fixture
def desks(shared_desks: Newsdesks) -> Iterator[Newsdesks]:
    """The same server; every page is closed after the test."""
    yield shared_desks
    shared_desks.close()


def _press(page: "Page", letter: str) -> None:
    """Press the key that has a Latin letter, while a Russian keyboard is typed on."""
    page.evaluate(
        """([key, code]) => document.activeElement.dispatchEvent(
          new KeyboardEvent("keydown", { key, code, bubbles: true, cancelable: true }))""",
        [RUSSIAN_KEYS[letter], f"Key{letter.upper()}"],
    )


def test_an_arabic_desk_is_worked_by_keys_from_right_to_left(desks: Newsdesks) -> None:
    """By keyboard alone an entry is published, corrected and retracted on a desk in Arabic.

    The language is chosen on the account page; axe finds nothing on the pages and in the dialogs.
    """
    page = desks.open("Ed", "/desk/account")
    page.get_by_label("In which the desk speaks to you").select_option("ar")
    page.get_by_role("button", name="Save the language").click()
    page.get_by_role("heading", name="الحساب").wait_for()
    check_by_axe(page)
    page = desks.desk("Ed", desks.new_coverage(language="ar", title="حريق في الميناء"))
    assert page.evaluate("getComputedStyle(document.body).direction") == "rtl"
    keys = page.keyboard
    keys.press("n")
    keys.type("قتيلان في الميناء.")
    keys.press("Control+Enter")
    shows(page.locator("form.composer .message")).to_have_text("نُشر.")
    entry_of(page, "قتيلان").wait_for()
    check_by_axe(page)
    assert fits(page)
    keys.press("Escape")
    assert "entry" in focused(page)
    keys.press("c")
    page.locator("form.composer[data-mode=correct]").wait_for()
    shows(text_of(page)).to_be_focused()
    keys.press("Control+A")
    keys.type("جريحان في الميناء.")
    keys.press("Tab")
    keys.type("لم يُقتل أحد.")
    keys.press("Control+Enter")
    page.locator("#ask-correct[open]").wait_for()
    assert page.locator("#ask-correct del .unseen").first.text_content() == "[محذوف: "
    check_by_axe(page)
    keys.press("Enter")
    entry_of(page, "لم يُقتل أحد.").wait_for()
    keys.press("Escape")
    keys.press("r")
    page.get_by_role("dialog", name="هل تريد سحب هذا التحديث؟").wait_for()
    check_by_axe(page)
    keys.type("لم يحدث ذلك.")
    keys.press("Tab")
    keys.press("Enter")
    page.locator(".days .tombstone", has_text="لم يحدث ذلك.").wait_for()
    shows(page.locator("#said")).to_have_text("سُحب من كل مكان.")


def test_single_keys_work_where_another_script_is_typed(desks: Newsdesks) -> None:
    """On a Russian desk a key does what the Latin letter in its place does.

    What a script says is in Russian: in the list of what waits, of an entry's state, of a refusal.
    """
    slug = desks.new_coverage(language="ru", title="Пожар в порту")
    desks.write("Ani", slug, headline="Двое ранены")
    embargo = "2099-02-01T12:00:00Z"
    desks.write("Ani", slug, headline="Позже", embargo_until=embargo)
    page = desks.desk("Ani", slug, locale="ru-RU")
    item = item_of(page, "scheduled", "Позже")
    item.wait_for()
    assert "Выйдет 1 февр. 2099" in item.inner_text()
    assert "через" in item.inner_text()
    _press(page, "j")
    shows(entry_of(page, "Двое ранены")).to_be_focused()
    _press(page, "p")
    shows(page.locator("#said")).to_have_text("Закреплено.")
    _press(page, "r")
    page.get_by_role("dialog", name="Отозвать эту запись?").wait_for()
    page.keyboard.press("Escape")
    desks.clients["Ani"].patch(f"/v1/coverages/{slug}", json={"status": "closed"})
    page.keyboard.press("n")
    page.keyboard.type("Ещё один")
    page.keyboard.press("Control+Enter")
    shows(page.locator("form.composer .message")).to_have_text(
        "Отказ: Трансляция закрыта: чтобы писать, откройте её снова."
    )
    page.keyboard.press("Escape")
    page.keyboard.press("Shift+?")
    page.get_by_role("dialog", name="Клавиатура").wait_for()


def test_a_source_is_named_in_the_language_of_the_entry(desks: Newsdesks) -> None:
    """What the desk writes into an entry is in the entry's language, not in the desk's."""
    slug = desks.new_coverage(language="ka", title="ხანძარი ნავსადგურში")
    page = desks.desk("Ani", slug, locale="ru-RU")
    page.keyboard.press("n")
    page.keyboard.press("Control+Alt+s")
    assert text_of(page).input_value().startswith("წყარო:")


@pytest.mark.full("further languages", but=["hy"])
@pytest.mark.parametrize("language", ["hy", "ka", "az"])
def test_a_desk_in_a_language_that_the_browser_does_not_know_has_its_dates(
    desks: Newsdesks, language: str
) -> None:
    """Dates and countdowns are in the language, and axe finds nothing."""
    slug = desks.new_coverage(language=language)
    embargo = "2099-02-01T12:00:00Z"
    desks.write("Ani", slug, headline="1", embargo_until=embargo)
    page = desks.desk("Ani", slug, locale=language)
    due = item_of(page, "scheduled", "1").locator(".due")
    due.wait_for()
    month, soon = {
        "hy": ("փտվ", "օրից"),
        "ka": ("თებ", "დღეში"),
        "az": ("fev", "gün sonra"),
    }[language]
    assert month in due.inner_text()
    assert soon in due.inner_text()
    check_by_axe(page)
    assert fits(page)
