"""Languages: which way they run, which ones the interface speaks, and which one a reader wants.

A catalogue is a `.po` file; it is compiled when it is first needed, so that nothing generated is
kept beside it. A language without one is spoken to in English.
"""

from collections.abc import Iterable
from functools import cache
from io import BytesIO
from pathlib import Path

from babel import Locale, UnknownLocaleError
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations

_CATALOGUES = Path(__file__).parent / "locale"
_DOMAIN = "dateline"
ENGLISH = "en"

# Languages and scripts that run from right to left, as BCP 47 subtags.
_RTL_LANGUAGES = frozenset(
    {"ar", "arc", "arz", "ckb", "dv", "fa", "glk", "he", "iw", "ks", "lrc", "mzn"}
    | {"nqo", "pnb", "ps", "sd", "syr", "ug", "ur", "yi"}
)
_RTL_SCRIPTS = frozenset(
    {"adlm", "arab", "aran", "hebr", "mand", "mend", "nkoo", "rohg", "samr", "syrc", "thaa", "yezi"}
)
_SCRIPT_LENGTH = 4


def text_direction(language: str) -> str:
    """`rtl` for a language (BCP 47) that is written from right to left, else `ltr`."""
    primary, script = _primary(language), _script(language)
    if script is None:
        return "rtl" if primary in _RTL_LANGUAGES else "ltr"
    return "rtl" if script in _RTL_SCRIPTS else "ltr"


@cache
def interface_languages() -> frozenset[str]:
    """The languages that there are catalogues for, and English, as primary subtags."""
    return frozenset(
        {ENGLISH, *(path.parts[-3] for path in _CATALOGUES.glob("*/LC_MESSAGES/*.po"))}
    )


def spoken_language(language: str) -> str:
    """The language in which a reader of this one (BCP 47) is spoken to, as a primary subtag."""
    primary, script = _primary(language), _script(language)
    if primary not in interface_languages():
        return ENGLISH
    # A catalogue is in its language's usual script.
    usual = "arab" if primary == "ar" else _USUAL_SCRIPTS.get(primary, script)
    return primary if script in {None, usual} else ENGLISH


_USUAL_SCRIPTS = {"az": "latn", "en": "latn", "hy": "armn", "ka": "geor", "ru": "cyrl"}


def choose_language(accepted: Iterable[str]) -> str:
    """The first of a reader's languages (BCP 47, best first) that the interface speaks."""
    for language in accepted:
        if _primary(language) == ENGLISH or spoken_language(language) != ENGLISH:
            return spoken_language(language)
    return ENGLISH


@cache
def find_locale(language: str) -> Locale:
    """How dates and numbers are written for a reader of this language.

    A day of 24 hours is how live coverage tells the time; in English, Britain's is written so.
    """
    spoken = spoken_language(language)
    fallback = Locale.parse("en_GB" if spoken == ENGLISH else spoken)
    if spoken == ENGLISH:
        return fallback
    try:
        return Locale.parse(language.replace("-", "_"))
    except (ValueError, UnknownLocaleError):
        return fallback


@cache
def find_catalogue(spoken: str) -> NullTranslations:
    """The interface's words.

    Args:
        spoken: what `spoken_language` gave.
    """
    path = _CATALOGUES / spoken / "LC_MESSAGES" / f"{_DOMAIN}.po"
    if not path.exists():
        return NullTranslations()
    compiled = BytesIO()
    with path.open("rb") as file:
        write_mo(compiled, read_po(file, locale=spoken))
    compiled.seek(0)
    return Translations(compiled, domain=_DOMAIN)


def name_of(language: str) -> str:
    """What a language calls itself; the tag where that is not known."""
    try:
        name = Locale.parse(language.replace("-", "_")).get_display_name()
    except (ValueError, UnknownLocaleError):
        return language
    return name[:1].upper() + name[1:] if name else language


def _primary(language: str) -> str:
    return language.lower().replace("_", "-").partition("-")[0]


def _script(language: str) -> str | None:
    others = language.lower().replace("_", "-").split("-")[1:]
    return next((s for s in others[:2] if len(s) == _SCRIPT_LENGTH and s.isalpha()), None)
