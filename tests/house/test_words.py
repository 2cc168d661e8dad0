"""The translation catalogues: complete, and without obsolete messages."""

import re
import subprocess
import sys
from itertools import product
from pathlib import Path

import pytest
from babel import Locale
from babel.messages import Catalog, Message
from babel.messages.pofile import read_po

from app.desk.words import DESK
from app.formats.languages import READER, Domain, find_catalogue, interface_languages

ROOT = Path(__file__).parents[2]
# The packages from which each domain's messages are extracted, as in CONTRIBUTING.md.
PACKAGES = {READER: ("app/formats", "app/reader"), DESK: ("app/desk",)}
TRANSLATED = sorted(interface_languages() - {"en"})
NUMBERS = range(1000)
# The server fills in the first kind, a script the second.
PLACEHOLDER = re.compile(r"%\((\w+)\)s|\{(\w+)\}")
SAME = {"Video"}  # a word that some language writes as English does

catalogues = pytest.mark.parametrize(
    ("domain", "language"),
    list(product(PACKAGES, TRANSLATED)),
    ids=lambda part: part.name if isinstance(part, Domain) else part,
)


def _read(path: Path, language: str | None = None) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale=language)


def _messages(catalogue: Catalog) -> dict[tuple[object, object], Message]:
    return {(m.context, m.id): m for m in catalogue if m.id}


def _catalogue(domain: Domain, language: str) -> Catalog:
    return _read(domain.path(language), language)


def _placeholders(text: str) -> set[str]:
    return {server or script for server, script in PLACEHOLDER.findall(text)}


def _forms(message: Message) -> list[str]:
    return [message.string] if isinstance(message.string, str) else list(message.string)


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> dict[Domain, Catalog]:
    """The messages that templates and code contain, extracted as in CONTRIBUTING.md."""
    return {
        domain: _extract(tmp_path_factory.mktemp(domain.name), *PACKAGES[domain])
        for domain in PACKAGES
    }


def _extract(folder: Path, *packages: str) -> Catalog:
    path = folder / "messages.pot"
    command = ["-q", "extract", "-F", "pyproject.toml", "--no-location", "-o"]
    program = [sys.executable, "-m", "babel.messages.frontend", *command, str(path), *packages]
    completed = subprocess.run(program, cwd=ROOT, capture_output=True, text=True, check=False)
    assert completed.returncode == 0, completed.stderr
    return _read(path)


@pytest.mark.parametrize("domain", PACKAGES, ids=lambda domain: domain.name)
def test_the_interface_speaks_six_languages(domain: Domain) -> None:
    """Each language except English has one catalogue of each domain, and no compiled file."""
    assert interface_languages() >= {"ar", "az", "en", "hy", "ka", "ru"}
    files = (path for path in domain.folder.rglob("*") if path.is_file())
    assert sorted(files) == sorted(domain.path(language) for language in TRANSLATED)


@catalogues
def test_a_catalogue_is_complete(
    domain: Domain, language: str, sources: dict[Domain, Catalog]
) -> None:
    """Every message is translated; none is fuzzy or obsolete."""
    catalogue = _catalogue(domain, language)
    source_messages, translated = _messages(sources[domain]), _messages(catalogue)
    assert source_messages
    assert translated.keys() == source_messages.keys()
    assert not catalogue.obsolete
    for message in translated.values():
        assert not message.fuzzy, message.id
        assert len(_forms(message)) == (catalogue.num_plurals if message.pluralizable else 1)
        assert all(form.strip() for form in _forms(message)), message.id


@catalogues
def test_a_translation_shows_what_its_source_shows(domain: Domain, language: str) -> None:
    """A translation has the placeholders of its source; a form for a single number may omit it."""
    catalogue = _catalogue(domain, language)
    translations = find_catalogue(language, domain)
    for message in _messages(catalogue).values():
        if message.pluralizable:
            singular, plural = message.id
            wanted = _placeholders(plural)
            numbers: dict[str, set[int]] = {}
            for number in NUMBERS:
                form = translations.ngettext(singular, plural, number)
                numbers.setdefault(form, set()).add(number)
            assert set(numbers) == set(_forms(message)), message.id
        else:
            wanted = _placeholders(str(message.id))
            numbers = {str(message.string): set()}
        for form, matching in numbers.items():
            shown = _placeholders(form)
            assert shown == wanted or (len(matching) == 1 and shown == wanted - {"num"}), form
            # The values of placeholders are escaped, the words themselves are not.
            assert not set('%{}<>&"') & set(PLACEHOLDER.sub("", form)), form


@catalogues
def test_the_plural_forms_are_those_of_the_language(domain: Domain, language: str) -> None:
    """Numbers of one CLDR category have one form, so that a script can choose it by category."""
    plural_form = Locale(language).plural_form
    translations = find_catalogue(language, domain)
    for message in _messages(_catalogue(domain, language)).values():
        if message.pluralizable:
            forms: dict[str, set[str]] = {}
            for number in NUMBERS:
                category = forms.setdefault(plural_form(number), set())
                category.add(translations.ngettext(*message.id, number))
            assert all(len(category) == 1 for category in forms.values())


@catalogues
def test_a_translation_stands_and_ends_like_its_source(domain: Domain, language: str) -> None:
    """A translation ends with the punctuation of its source, has no outer space, and differs."""
    full_stops = {"hy": "\u0589"}
    for message in _messages(_catalogue(domain, language)).values():
        if isinstance(message.id, str) and isinstance(message.string, str):
            assert message.string == message.string.strip()
            assert not message.id.endswith(".") or message.string.endswith(
                full_stops.get(language, ".")
            )
            assert message.id.endswith("…") == message.string.endswith("…")
            has_words = re.search(r"\w", PLACEHOLDER.sub("", message.id))
            assert message.string != message.id or message.id in SAME or not has_words
