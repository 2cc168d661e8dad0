"""Languages: every tag resolves to an interface language, a locale, a direction and a name."""

import pytest
from babel import Locale
from babel.localedata import locale_identifiers
from hypothesis import given
from hypothesis import strategies as st

from app.formats import languages
from app.formats.languages import (
    choose_language,
    find_catalogue,
    find_locale,
    interface_language,
    interface_languages,
    language_name,
    text_direction,
)

HOSTILE = [
    "../../etc",
    "ru/../..",
    "ru\x00",
    "",
    "-",
    "_",
    "*",
    "x" * 300,
    "ru-" + "x" * 300,
    "zh-Hant-x-private",
    "i-klingon",
    "ru-RU-POSIX",
    "рус",  # noqa: RUF001
    "a" * 100_000,
    "-" * 10_000,
    "\ud800",
]
subtags = st.sampled_from(
    ["RU", "IR", "419", "x", "u", "nu", "arab", "..", "/", ""]
) | st.sampled_from(
    ["ar", "az", "en", "hy", "ru", "zh", "tlh", "iw", "rus", "sh", "Latn", "Arab", "CYRL"]
)
tags = st.one_of(
    st.text(max_size=40),
    st.sampled_from(HOSTILE),
    st.lists(subtags, min_size=1, max_size=6).map("-".join),
    st.lists(subtags, min_size=1, max_size=6).map("_".join),
)


@given(tags)
def test_any_tag_is_answered(tag):
    """Any language tag resolves to an interface language, a catalogue and a direction."""
    language = interface_language(tag)
    assert language in interface_languages()
    assert find_locale(tag).language == language
    assert find_catalogue(tag).gettext("no such words") == "no such words"
    assert text_direction(tag) in {"ltr", "rtl"}
    assert language_name(tag) or not tag


@given(st.lists(tags, max_size=5))
def test_a_reader_is_spoken_to_in_the_best_language_that_is_known(accepted):
    """The first accepted language that the interface has is chosen, else English."""
    chosen = choose_language(accepted)
    assert chosen in interface_languages()
    if chosen != "en":
        best = next(tag for tag in accepted if interface_language(tag) != "en")
        assert chosen == interface_language(best)


@given(tags)
def test_a_tag_is_never_a_file(tag):
    """Only names that Babel and the catalogues know are loaded from files, whatever the tag."""
    known = {name.lower() for name in locale_identifiers()}
    for language in interface_languages():
        find_catalogue(language)  # loaded once and cached
    loaded = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(languages.Domain, "path", None)
        patch.setattr(languages, "_locale", lambda name: loaded.append(name) or Locale("en"))
        find_locale(tag)
        find_catalogue(tag)
        find_catalogue(interface_language(tag))
        language_name(tag)
    assert {name.lower() for name in loaded} <= known


def test_what_strangers_send_is_not_kept():
    """The caches of locales and catalogues do not grow with the tags that clients send."""
    for number in range(3000):
        find_locale(f"ru-x{number}")
        find_catalogue(f"ru{number}")
    assert languages._locale.cache_info().currsize < 1200
    catalogues = 2 * len(interface_languages())  # the readers' and the desk's
    assert languages._read_catalogue.cache_info().currsize <= catalogues


@pytest.mark.parametrize(
    ("tag", "language"),
    [
        ("ru", "ru"),
        ("RU", "ru"),
        ("ru_RU", "ru"),
        ("ru-Cyrl-AM", "ru"),
        ("ru-Latn", "en"),
        ("rus", "ru"),
        ("hye", "hy"),
        ("az", "az"),
        ("az-Latn-AZ", "az"),
        ("az-IR", "en"),  # written in Arabic script there
        ("az-Cyrl", "en"),
        ("ar-EG", "ar"),
        ("ar-u-nu-arab", "ar"),
        ("ka-x-Latn", "ka"),
        ("en-US", "en"),
        ("de", "en"),
        ("", "en"),
    ],
)
def test_a_language_is_spoken_in_its_usual_script(tag, language):
    """A tag maps to the interface language only if its script is the language's usual one."""
    assert interface_language(tag) == language


@pytest.mark.parametrize(
    ("accepted", "chosen"),
    [
        ([], "en"),
        (["de", "ru"], "ru"),
        (["de", "en-US", "ru"], "en"),
        (["de", "*", "ru"], "en"),
        (["az-Cyrl", "ka-GE"], "ka"),
        (["de", "fr"], "en"),
    ],
)
def test_the_reader_ranks_the_languages(accepted, chosen):
    """Languages are chosen in the order of the client; English and `*` select English."""
    assert choose_language(accepted) == chosen


@pytest.mark.parametrize(
    ("tag", "direction"),
    [
        ("ar", "rtl"),
        ("arb", "rtl"),
        ("he", "rtl"),
        ("iw", "rtl"),
        ("fa-AF", "rtl"),
        ("ckb", "rtl"),
        ("az-IR", "rtl"),
        ("pa-PK", "rtl"),
        ("pa", "ltr"),
        ("ar-Latn", "ltr"),
        ("en-Arab", "rtl"),
        ("en-x-arab", "ltr"),
        ("ru", "ltr"),
        ("tlh", "ltr"),
    ],
)
def test_a_language_runs_as_its_script_does(tag, direction):
    """The direction follows the script that a tag names, else the language's usual script."""
    assert text_direction(tag) == direction


@pytest.mark.parametrize(
    ("tag", "identifier"),
    [
        ("en", "en_GB"),
        ("en-US", "en_GB"),
        ("de", "en_GB"),
        ("ar-SY", "ar_SY"),
        ("ar-XX", "ar"),
        ("ru-KZ", "ru_KZ"),
        ("az-AZ", "az"),
    ],
)
def test_dates_are_written_as_in_the_country(tag, identifier):
    """Dates use the locale of the country if it exists; English uses that of Britain."""
    assert find_locale(tag) == Locale.parse(identifier)


@pytest.mark.parametrize(
    ("tag", "name"),
    [
        ("ru", "Русский"),
        ("hy", "Հայերեն"),
        ("az", "Azərbaycan"),
        ("az-AZ", "Azərbaycan"),
        ("ka", "ქართული"),
        ("ar-EG", "العربية (مصر)"),
        ("sr-Latn", "Srpski (latinica)"),
        ("zh-TW", "中文 (繁體, 台灣)"),
        ("pt_BR", "Português (Brasil)"),
        ("tlh", "tlh"),
        ("../../etc", "../../etc"),
    ],
)
def test_a_language_is_named_in_itself(tag, name):
    """A language is named in that language, and an unknown one by its tag."""
    assert language_name(tag) == name
