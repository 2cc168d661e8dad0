"""Tests of bodies of entries: every word that is sent is kept, and the markup that is allowed."""

import pytest

from app.intake.body import body_from_html, body_from_markdown, body_from_text
from tests.intake.bodies import CASES, Case
from tests.intake.shown_words import missing

_CONVERTERS = {
    "markdown": body_from_markdown,
    "html": body_from_html,
    "text": body_from_text,
}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_body_keeps_its_words_and_its_markup(case: Case) -> None:
    """A body that is received has the words and the markup of its source, and nothing else."""
    sources = {"markdown": case.body} if isinstance(case.body, str) else case.body
    ((name, source),) = sources.items()
    body = _CONVERTERS[name](source)
    assert body is not None
    assert missing(list(case.words), body.html) == []
    assert [part for part in case.html if part not in body.html] == []
    assert [part for part in case.absent if part in body.html] == []
