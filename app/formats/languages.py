"""Languages: their direction, the interface's languages, and the choice of a reader's language.

A catalogue is a `.po` file, compiled when it is first needed, so that no generated file is stored
beside it. Readers of a language without one get English. Tags are untrusted: an unknown or invalid
one is no error, and never becomes part of a file's name.
"""

from collections.abc import Iterable
from functools import cache, lru_cache
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

from babel import Locale
from babel.core import get_global
from babel.localedata import locale_identifiers
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations

ENGLISH = "en"
_ANY = "*"
_TAGS = 100  # parsed ones that are kept


class Domain(NamedTuple):
    """A set of catalogues, one a language: `FOLDER/LANGUAGE/LC_MESSAGES/NAME.po`."""

    folder: Path
    name: str

    def path(self, language: str) -> Path:
        """The catalogue of a language, which is a primary subtag."""
        return self.folder / language / "LC_MESSAGES" / f"{self.name}.po"


READER = Domain(Path(__file__).parent / "locale", "dateline")

# Right-to-left scripts (ISO 15924).
_RTL_SCRIPTS = frozenset(
    {"Adlm", "Arab", "Aran", "Armi", "Avst", "Hebr", "Mand", "Mend", "Nkoo", "Phnx", "Rohg"}
    | {"Samr", "Syrc", "Thaa", "Yezi"}
)
_SCRIPT, _COUNTRY, _REGION = 4, 2, 3  # letters, letters and digits of a subtag


def text_direction(language: str) -> str:
    """`rtl` for a language (BCP 47) that is written from right to left, else `ltr`."""
    return "rtl" if _parse_tag(language).script in _RTL_SCRIPTS else "ltr"


@cache
def interface_languages() -> frozenset[str]:
    """The languages with a catalogue, and English, as primary subtags."""
    translated = {path.parts[-3] for path in READER.folder.glob(f"*/LC_MESSAGES/{READER.name}.po")}
    return frozenset({ENGLISH} | translated) & _known_locales()


def interface_language(language: str) -> str:
    """The interface's language for a reader of this one (BCP 47), as a primary subtag."""
    tag = _parse_tag(language)
    # A catalogue is in its language's usual script.
    if tag.language in interface_languages() and tag.script == _parse_tag(tag.language).script:
        return tag.language
    return ENGLISH


def has_words(language: str) -> bool:
    """Whether the interface has this language (BCP 47), and not only English in its place."""
    return interface_language(language) != ENGLISH or _parse_tag(language).language == ENGLISH


def choose_language(accepted: Iterable[str]) -> str:
    """The first of a reader's languages (BCP 47 or `*`, best first) with a catalogue."""
    for language in accepted:
        if language == _ANY or has_words(language):
            return interface_language(language)
    return ENGLISH


def find_locale(language: str) -> Locale:
    """The locale of dates and numbers for a reader of this language.

    For English it is that of Britain, since live coverage uses the 24-hour clock.
    """
    interface = interface_language(language)
    if interface == ENGLISH:
        return _locale("en_GB")
    regional = f"{interface}_{_parse_tag(language).territory}"
    return _locale(regional if regional in _known_locales() else interface)


def number_locale(language: str) -> Locale:
    """The locale whose separators numbers in a language (BCP 47) have; English if it is unknown."""
    tag = _parse_tag(language)
    identifiers = (f"{tag.language}_{tag.territory}", tag.language, ENGLISH)
    return _locale(next(name for name in identifiers if name in _known_locales()))


def find_catalogue(interface: str, domain: Domain = READER) -> NullTranslations:
    """The catalogue of the interface's words.

    Args:
        interface: a result of `interface_language`; any other value gives English.
        domain: whose words: those of the readers' pages, or another set of catalogues.
    """
    return _read_catalogue(interface if interface in interface_languages() else ENGLISH, domain)


def language_name(language: str) -> str:
    """A language's own name; its tag if the name is not known."""
    tag = _parse_tag(language)
    places = [f"_{tag.territory}", ""]
    if tag.script != _parse_tag(tag.language).script:
        places = [f"_{tag.script}_{tag.territory}", f"_{tag.script}", *places]
    locales = (f"{tag.language}{place}" for place in places)
    identifier = next((locale for locale in locales if locale in _known_locales()), None)
    name = _locale(identifier).get_display_name() if identifier else None
    # Title case, not upper case: Georgian does not capitalise a single word.
    return name[:1].title() + name[1:] if name else language


def language_in(language: str, locale: Locale) -> str:
    """A language's name in the language of a locale, without its country; its tag if unknown."""
    return locale.languages.get(_parse_tag(language).language) or language


def name_languages(locale: Locale, chosen: Iterable[str] = ()) -> dict[str, str]:
    """Name the languages to choose from in the language of a locale, in the order of the names.

    Args:
        locale: the locale of who chooses.
        chosen: tags (BCP 47) to name besides, such as that of a regional variety.
    """
    names = {tag: language_in(tag, locale) for tag in _primary_languages()}
    for tag in chosen:
        if tag and tag not in names:
            name = language_in(tag, locale)
            names[tag] = name if name == tag else f"{name} ({tag})"
    return dict(sorted(names.items(), key=lambda named: named[1].casefold()))


class _Tag(NamedTuple):
    """A tag's subtags in Babel's spelling; empty if neither given nor known."""

    language: str
    script: str = ""
    territory: str = ""


@lru_cache(_TAGS)
def _parse_tag(tag: str) -> _Tag:
    """Parse a tag, and add its language's usual script if it names none."""
    primary, *others = tag.lower().replace("_", "-").split("-")
    language, *implied = get_global("language_aliases").get(primary, primary).split("_")
    script, territory = "", ""
    for part in [*implied, *others]:
        if len(part) == 1 or not part.isascii():
            break  # the rest is an extension or for private use
        if len(part) == _SCRIPT and part.isalpha():
            script = part.title()
        elif (len(part) == _COUNTRY and part.isalpha()) or (
            len(part) == _REGION and part.isdecimal()
        ):
            territory = part.upper()
    if not script:
        likely = get_global("likely_subtags")
        subtags: str = likely.get(f"{language}_{territory}") or likely.get(language) or ""
        script = "".join(subtags.split("_")[1:2])
    return _Tag(language, script, territory)


@cache
def _known_locales() -> frozenset[str]:
    """The locales for which Babel has data."""
    return frozenset(locale_identifiers())


@cache
def _primary_languages() -> frozenset[str]:
    """The primary subtags of the languages for which Babel has data."""
    return frozenset(identifier.partition("_")[0] for identifier in _known_locales())


@cache
def _locale(identifier: str) -> Locale:
    return Locale.parse(identifier)


@cache
def _read_catalogue(interface: str, domain: Domain) -> NullTranslations:
    if interface == ENGLISH:
        return NullTranslations()
    compiled = BytesIO()
    with domain.path(interface).open("rb") as file:
        write_mo(compiled, read_po(file, locale=interface))
    compiled.seek(0)
    return Translations(compiled, domain=domain.name)
