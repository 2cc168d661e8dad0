"""The translation catalogues: complete, and without obsolete messages."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from babel import Locale
from babel.messages import Catalog, Message
from babel.messages.pofile import read_po

from app.formats.languages import find_catalogue, interface_languages

ROOT = Path(__file__).parents[2]
LOCALES = ROOT / "app" / "formats" / "locale"
TRANSLATED = sorted(interface_languages() - {"en"})
NUMBERS = range(1000)
PLACEHOLDER = re.compile(r"%\((\w+)\)s")


def _read(path: Path, language: str | None = None) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale=language)


def _messages(catalogue: Catalog) -> dict[tuple[object, object], Message]:
    return {(m.context, m.id): m for m in catalogue if m.id}


def _catalogue(language: str) -> Catalog:
    return _read(LOCALES / language / "LC_MESSAGES" / "dateline.po", language)


def _forms(message: Message) -> list[str]:
    return [message.string] if isinstance(message.string, str) else list(message.string)


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    """The messages that templates and code contain, extracted as in CONTRIBUTING.md."""
    path = tmp_path_factory.mktemp("words") / "dateline.pot"
    command = ["-q", "extract", "-F", "pyproject.toml", "--no-location", "-o"]
    program = [sys.executable, "-m", "babel.messages.frontend", *command, str(path), "."]
    completed = subprocess.run(program, cwd=ROOT, capture_output=True, text=True, check=False)
    assert completed.returncode == 0, completed.stderr
    return _read(path)


def test_the_interface_speaks_six_languages() -> None:
    """Each language except English has one catalogue, and no compiled file."""
    assert interface_languages() >= {"ar", "az", "en", "hy", "ka", "ru"}
    files = sorted(p.relative_to(LOCALES).as_posix() for p in LOCALES.rglob("*") if p.is_file())
    assert files == [f"{language}/LC_MESSAGES/dateline.po" for language in TRANSLATED]


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_catalogue_is_complete(language: str, source: Catalog) -> None:
    """Every message is translated; none is fuzzy or obsolete."""
    catalogue = _catalogue(language)
    source_messages, translated = _messages(source), _messages(catalogue)
    assert source_messages
    assert translated.keys() == source_messages.keys()
    assert not catalogue.obsolete
    for message in translated.values():
        assert not message.fuzzy, message.id
        assert len(_forms(message)) == (catalogue.num_plurals if message.pluralizable else 1)
        assert all(form.strip() for form in _forms(message)), message.id


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_translation_shows_what_its_source_shows(language: str) -> None:
    """A translation has the placeholders of its source; a form for a single number may omit it."""
    catalogue = _catalogue(language)
    translations = find_catalogue(language)
    for message in _messages(catalogue).values():
        if message.pluralizable:
            singular, plural = message.id
            wanted = set(PLACEHOLDER.findall(plural))
            numbers: dict[str, set[int]] = {}
            for number in NUMBERS:
                form = translations.ngettext(singular, plural, number)
                numbers.setdefault(form, set()).add(number)
            assert set(numbers) == set(_forms(message)), message.id
        else:
            wanted = set(PLACEHOLDER.findall(str(message.id)))
            numbers = {str(message.string): set()}
        for form, matching in numbers.items():
            shown = set(PLACEHOLDER.findall(form))
            assert shown == wanted or (len(matching) == 1 and shown == wanted - {"num"}), form
            assert "%" not in PLACEHOLDER.sub("", form), form


@pytest.mark.parametrize("language", TRANSLATED)
def test_the_plural_forms_are_those_of_the_language(language: str) -> None:
    """Numbers of one CLDR category have one form, so that a script can choose it by category."""
    plural_form = Locale(language).plural_form
    translations = find_catalogue(language)
    for message in _messages(_catalogue(language)).values():
        if message.pluralizable:
            forms: dict[str, set[str]] = {}
            for number in NUMBERS:
                category = forms.setdefault(plural_form(number), set())
                category.add(translations.ngettext(*message.id, number))
            assert all(len(category) == 1 for category in forms.values())


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_translation_stands_and_ends_like_its_source(language: str) -> None:
    """A translation ends with the punctuation of its source, has no outer space, and differs."""
    full_stops = {"hy": "\u0589"}
    for message in _messages(_catalogue(language)).values():
        if isinstance(message.id, str) and isinstance(message.string, str):
            assert message.string == message.string.strip()
            assert not message.id.endswith(".") or message.string.endswith(
                full_stops.get(language, ".")
            )
            assert message.id.endswith("…") == message.string.endswith("…")
            assert message.string != message.id or message.id == "Video"
