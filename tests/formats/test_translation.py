"""What readers are told of a translated entry."""

from dataclasses import replace
from datetime import timedelta

import pytest

from app.formats.html import HtmlRenderer
from app.timeline.edition import Outdated, OutdatedReason, Translation
from app.timeline.entry import Note, tombstone
from tests.formats.parsed import Element, parse
from tests.formats.samples import AT, ENTRY

RENDERER = HtmlRenderer(packages=("app.formats", "app.reader"))
PATH = "/coverages/beirut/entries/one"
ORIGINAL = Translation("beirut", "one", 1, "ar")
TRANSLATION = replace(ENTRY, translation_of=ORIGINAL, media=())
SENTENCES: dict[OutdatedReason, str] = {
    "corrected": "The original was corrected at 20:17 UTC; this translation does not say so yet.",
    "assessed": "The original was reassessed at 20:17 UTC; this translation does not say so yet.",
    "retracted": "The original was retracted at 20:17 UTC; this translation still stands.",
}


def _outdated(because: OutdatedReason = "corrected", **changes):
    outdated = replace(Outdated(because, 2, "ليس كذلك", "ar", AT), **changes)
    return replace(TRANSLATION, translation_of=replace(ORIGINAL, outdated=outdated))


def _shown(entry, form: str) -> Element:
    """Render an entry for the page, for the page in words, or for feeds."""
    if form == "page":
        return parse(RENDERER.entry(entry))
    if form == "lite":
        context = {"each": entry, "entry": None, "copy": False, "page": "/coverages/apollo-11"}
        return parse(RENDERER.render("lite_entry.html", "en", **context))
    return parse(RENDERER.render("feed_entry.html", "en", entry=entry, base_url="https://a.test"))


ADDRESSES = {"page": PATH, "lite": f"{PATH}?lite=true", "feed": f"https://a.test{PATH}"}


@pytest.mark.parametrize("form", ADDRESSES)
@pytest.mark.parametrize("because", SENTENCES)
def test_an_outdated_translation_says_why(form: str, because: OutdatedReason):
    """It says when its original changed, gives the note in its language, and leads to it."""
    notice = _shown(_outdated(because), form).one("p", "outdated")
    assert notice.attributes["role"] == "note"
    assert notice.one("strong").text == SENTENCES[because]
    note = notice.one("bdi", "reason")
    assert (note.attributes["lang"], note.attributes["dir"]) == ("ar", "rtl")
    assert note.text == "ليس كذلك"
    link = notice.one("a").attributes
    assert (link["href"], link["hreflang"]) == (ADDRESSES[form], "ar")


@pytest.mark.parametrize("form", ADDRESSES)
def test_a_translation_names_the_language_of_its_original(form: str):
    """It leads to its original, and is not called outdated unless it is."""
    shown = _shown(TRANSLATION, form)
    assert not shown.all(cls="outdated")
    link = shown.one("p", "translated").one("a")
    assert link.text == "Translated from Arabic"
    assert (link.attributes["href"], link.attributes["hreflang"]) == (ADDRESSES[form], "ar")
    assert not _shown(ENTRY, form).all(cls="translated")


@pytest.mark.parametrize("form", ADDRESSES)
def test_a_change_on_another_day_is_told_with_the_day(form: str):
    """The day of the change is given if it is not that of the entry."""
    notice = _shown(_outdated(at=AT + timedelta(days=2)), form).one("p", "outdated")
    assert notice.one("strong").text.startswith(
        "The original was corrected on 22 July 1969, 20:17 UTC;"
    )


@pytest.mark.parametrize("form", ADDRESSES)
def test_a_change_without_a_note_is_told(form: str):
    """An assessment may have no note, and a redacted one has none."""
    notice = _shown(_outdated("assessed", note=None), form).one("p", "outdated")
    assert not notice.all("bdi")


def test_the_notice_is_in_the_language_of_the_translation():
    """A translation into Russian from German says so in Russian; unknown languages by their tag."""
    entry = replace(_outdated(), language="ru")
    shown = parse(RENDERER.entry(entry))
    assert shown.one(cls="outdated").one("strong").text.startswith("Оригинал исправлен в 20:17")
    assert shown.one(cls="translated").text == "Язык оригинала: арабский"
    unknown = replace(entry, translation_of=replace(ORIGINAL, language="qaa-x-old"))
    assert parse(RENDERER.entry(unknown)).one(cls="translated").text == "Язык оригинала: qaa-x-old"


def test_a_tombstone_says_nothing_of_its_original():
    """A retracted translation has its retraction's note alone."""
    shown = parse(RENDERER.entry(tombstone(_outdated(), Note("Not so.", AT))))
    assert not shown.all(cls="outdated")
    assert not shown.all(cls="translated")
