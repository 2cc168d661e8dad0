"""The desk's words in the language of a person, and English sentences of the program among them."""

import re
from pathlib import Path

from fastapi import Request
from markupsafe import Markup

from app.access.people import Person
from app.desk.refusals import (
    ANY_SHAPE,
    DETAILS,
    PLAIN,
    SENTENCES,
    SHAPES,
    field_sentences,
    media_sentences,
    problem_sentences,
)
from app.formats.languages import (
    ENGLISH,
    Domain,
    choose_language,
    find_catalogue,
)
from app.web.accept import rank
from app.web.problems import InvalidPayload, kind_of

DESK = Domain(Path(__file__).parent / "locale", "desk")

_PLACEHOLDER = re.compile(r"%\\\((\w+)\\\)s")  # in a pattern that is escaped
_KNOWN = [
    (re.compile(_PLACEHOLDER.sub(r"(?P<\1>.+)", re.escape(said)), re.DOTALL), message)
    for said, message in (*PLAIN, *((each, each) for each in (*SENTENCES, *DETAILS)))
]
_MISSHAPEN = "String should match pattern "


class Words:
    """The desk's words in one language.

    Args:
        language: the language, as a primary subtag.
    """

    def __init__(self, language: str) -> None:
        self.language = language
        self.gettext = find_catalogue(language, DESK).gettext

    def problems(self) -> dict[str, str]:
        """The sentences for types of problems, by slug; none in English, the API's language."""
        if self.language == ENGLISH:
            return {}
        return problem_sentences(self.gettext) | media_sentences(self.gettext)

    def fields(self) -> dict[str, str]:
        """The sentences for fields that a problem points to, by the field's name."""
        return field_sentences(self.gettext)

    def say(self, sentence: str) -> str:
        """A sentence of the program; marked as English where the desk has no translation of it."""
        return self._translate(sentence) or _foreign(sentence)

    def say_refusal(self, refusal: Exception) -> str:
        """Why something was refused; for invalid fields, each field and the reason."""
        if isinstance(refusal, InvalidPayload):
            return self._say_errors(refusal)
        sentence = str(refusal)
        by_type = self.problems().get(kind_of(refusal).slug)
        return self._translate(sentence) or by_type or _foreign(sentence)

    def say_detail(self, detail: str, field: str = "", line: int | None = None) -> str:
        """What is wrong about a field, as a sentence.

        Args:
            detail: the reason, in the program's words.
            field: the field's name.
            line: the line of the field, if it has several; None for the whole field.
        """
        told = self._say_reason(detail, field)
        if line is not None:
            line_words = self.gettext("Line %(number)s: %(detail)s.")
            return _fill(line_words, number=str(line), detail=told)
        if not isinstance(told, Markup):
            told = told[:1].title() + told[1:]  # upper case would be wrong in Georgian
        return _fill(self.gettext("%(detail)s."), detail=told)

    def _say_errors(self, refusal: InvalidPayload) -> str:
        _ = self.gettext
        labels = {
            "name": _("Name"),
            "email": _("Email"),
            "role": _("Role"),
            "coverage": _("Coverage"),
            "language": _("Language"),
        }
        errors: list[Markup] = []
        for error in refusal.errors:
            name = error["pointer"].strip("/")
            detail = self._say_reason(error["detail"], name)
            shown = _("%(field)s: %(detail)s") if name else "%(detail)s"
            field = labels.get(name) or name.capitalize()
            errors.append(_fill(shown, field=field, detail=detail))
        return _fill(_("%(detail)s."), detail=Markup("; ").join(errors))

    def _say_reason(self, detail: str, field: str) -> str:
        if detail.startswith(_MISSHAPEN):
            return self.gettext(SHAPES.get(field.partition("/")[0], ANY_SHAPE))
        return self.say(detail)

    def _translate(self, sentence: str) -> str | None:
        for pattern, message in _KNOWN:
            if found := pattern.fullmatch(sentence):
                return self.gettext(message) % found.groupdict()
        return sentence if self.language == ENGLISH else None


def words_for(request: Request, person: Person | None) -> Words:
    """Return the desk's words in the language that a person has chosen, or else their browser.

    Args:
        request: the browser's request.
        person: who has signed in, or is about to; None if that is not known.
    """
    if person is not None and person.language is not None:
        return Words(person.language)
    return Words(choose_language(rank(request.headers.get("accept-language", ""))))


def _foreign(sentence: str) -> Markup:
    return Markup('<span lang="en" dir="ltr">{}</span>').format(sentence)


def _fill(message: str, **values: str) -> Markup:
    return Markup(message) % values  # noqa: S704  a catalogue's message; the values are escaped
