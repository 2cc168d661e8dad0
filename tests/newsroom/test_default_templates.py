"""Tests of the program's templates."""

import re

import pytest

from app.formats.languages import interface_languages
from app.newsroom.default_templates import DEFAULT_KEYS, list_default_templates

_PLACEHOLDER = re.compile(r"\{[^{}\n]+\}")


@pytest.mark.parametrize("language", sorted(interface_languages()))
def test_every_language_has_each_template_with_as_many_placeholders(language: str) -> None:
    """A language has what English has, in words of its own."""
    english = list_default_templates("en")
    templates = list_default_templates(language)
    assert tuple(each.default_key for each in templates) == DEFAULT_KEYS
    for each, original in zip(templates, english, strict=True):
        for text, model in (
            (each.body, original.body),
            (each.headline or "", original.headline or ""),
        ):
            assert len(_PLACEHOLDER.findall(text)) == len(_PLACEHOLDER.findall(model)), each.name
            assert _PLACEHOLDER.sub("", text).count("{") == 0
        assert each.key_event == original.key_event
        assert language == "en" or each.name != original.name


def test_other_languages_have_none() -> None:
    """A coverage in another language gets no text in English."""
    assert list_default_templates("de") == ()
