"""The environment of templates."""

import pytest
from jinja2 import Environment

from app.formats.languages import READER, find_catalogue, interface_languages
from app.formats.template_environment import translate_by

NAME = "<b>5 % of %(all)s</b>"


@pytest.mark.parametrize("language", sorted(interface_languages()))
def test_words_are_translated_as_by_the_library(language: str) -> None:
    """Each message has the words that Jinja's own `_` gives it, with escaped values."""
    catalogue = find_catalogue(language, READER)
    theirs = Environment(autoescape=True, extensions=["jinja2.ext.i18n"])
    theirs.install_gettext_translations(catalogue, newstyle=True)  # type: ignore[attr-defined]
    ours = theirs.overlay()
    ours.globals = {**theirs.globals, "_": translate_by(catalogue)}
    source = "{{ _(message, **values) }}"
    messages = ["Link copied", "Updated %(time)s", "<i>%(time)s</i>: 100 %%", "Untranslated"]
    for message in messages:
        values = {"time": NAME} if "%(time)s" in message else {}
        expected = theirs.from_string(source).render(message=message, values=values)
        assert NAME not in expected
        for _ in range(2):
            assert ours.from_string(source).render(message=message, values=values) == expected
