"""Editions of a page in a browser: the language switch, and translations that fall behind."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browsers.another_site import another_site
from tests.browsers.browser import Browser
from tests.browsers.open_page import OpenPage
from tests.conftest import Newsroom

Json = dict[str, Any]

_UNTIL = (
    "new Promise((found) => {{ const timer = setInterval(() => {{"
    " if ({0}) {{ clearInterval(timer); found(1) }} }}, 50) }})"
)
_OUTDATED = "document.querySelector('#entry-{0} .outdated')"


@pytest.fixture
def editions(browser: Browser, quiet_newsroom: Newsroom) -> Iterator[tuple[OpenPage, OpenPage]]:
    """A coverage in English and its edition in Russian."""
    original = OpenPage(browser, quiet_newsroom, language="en")
    edition = OpenPage(browser, quiet_newsroom, language="ru", edition_of=original.timeline.slug)
    yield original, edition
    browser.open(f"{quiet_newsroom.server.url}/")


def _publish(editions: tuple[OpenPage, OpenPage]) -> tuple[str, str]:
    """Publish an entry and its translation; returns their ids."""
    original, edition = editions
    entry_id = original.timeline.publish("Said in English")["id"]
    of = {"coverage": original.timeline.slug, "entry_id": entry_id}
    return entry_id, edition.timeline.publish("Сказано по-русски", translation_of=of)["id"]


def test_an_open_page_says_that_a_translation_has_fallen_behind(
    editions: tuple[OpenPage, OpenPage],
) -> None:
    """The correction of an original is told, marked and announced on a page of the edition."""
    original, edition = editions
    entry_id, translation_id = _publish(editions)
    edition.open()
    original.timeline.correct(entry_id, "It was otherwise.")
    edition.shows("It was otherwise.")
    browser, notice = edition.browser, _OUTDATED.format(translation_id)
    assert "Оригинал исправлен" in browser.run(f"{notice}.textContent")
    assert browser.run(f"{notice}.closest('.entry').classList.contains('changed')")
    edition.until("document.querySelector('[role=status]').textContent")
    announced = browser.run("document.querySelector('[role=status]').textContent")
    assert announced == "1 устаревший перевод"
    edition.timeline.amend(translation_id, translation_of={"revision": 2})
    edition.until(f"!{notice}")


def test_a_page_of_the_past_loses_the_note_on_a_retracted_original(
    editions: tuple[OpenPage, OpenPage],
) -> None:
    """An open page of a past moment stays as it was, without the note on what is retracted."""
    original, edition = editions
    entry_id, translation_id = _publish(editions)
    original.timeline.correct(entry_id, "Unsayable.")
    moment = edition.timeline.journal()[-1]["at"]
    edition.open(at=moment)
    edition.shows("Unsayable.")
    retraction = {"note": "Not so.", "translations": "mark"}
    original.timeline.act(entry_id, "retraction", retraction)
    edition.until(f"!{_OUTDATED.format(translation_id)}.querySelector('.reason')")
    assert "Unsayable" not in edition.markup
    assert "Оригинал исправлен" in edition.markup


def test_the_switch_keeps_the_entry(browser: Browser, editions: tuple[OpenPage, OpenPage]) -> None:
    """By keyboard alone a reader gets from an entry to its translation, and back."""
    original, _ = editions
    entry_id, translation_id = _publish(editions)
    original.open(f"/entries/{entry_id}")
    for name, target in (("Русский", translation_id), ("English", entry_id)):
        browser.run("document.querySelector('.masthead a').focus()")
        for _ in range(10):
            browser.press("Tab")
            if browser.run("document.activeElement.textContent.trim()") == name:
                break
        assert browser.run("document.activeElement.matches('.editions a:focus-visible')")
        browser.press("Enter")
        original.arrive(f'<div class="chosen" role="group" aria-labelledby="label-{target}"')
        assert browser.run("location.pathname").endswith(f"/entries/{target}")
        assert browser.run("location.search") == ""
        current = browser.run("document.querySelector('.editions [aria-current]').textContent")
        assert current == name


def test_an_embed_says_that_a_translation_has_fallen_behind(
    browser: Browser,
    quiet_newsroom: Newsroom,
    editions: tuple[OpenPage, OpenPage],
    tmp_path: Path,
) -> None:
    """In another site's page the notice arrives too, and leads to the original at the server."""
    original, edition = editions
    entry_id, translation_id = _publish(editions)
    url, slug = quiet_newsroom.server.url, edition.timeline.slug
    (tmp_path / "story.html").write_text(
        '<!DOCTYPE html><html lang="ru"><title>A story</title>'
        f'<script async src="{url}/embed.js" data-coverage="{slug}"></script>'
    )
    with another_site(tmp_path) as site:
        browser.open(f"{site}/story.html")
        inside = "document.querySelector('dateline-coverage')?.shadowRoot"
        notice = f"{inside}?.querySelector('#entry-{translation_id} .outdated')"
        browser.run(_UNTIL.format(f"{inside}?.querySelector('.entry')"))
        original.timeline.correct(entry_id, "It was otherwise.")
        browser.run(_UNTIL.format(notice))
        assert (
            browser.run(f"{notice}.querySelector('a').href")
            == f"{url}{original.path}/entries/{entry_id}"
        )
        browser.open(f"{url}/")
