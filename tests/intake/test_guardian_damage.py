"""A malformed Guardian page raises an IntakeError with its location, and nothing else."""

import copy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.intake.foreign import IntakeError, journal_from_guardian
from tests.intake.foreign import (
    Json,
    check_journal,
    check_refusal,
    damaged,
    real_document,
)
from tests.intake.guardian_sample import (
    block,
    image,
    page,
    text,
)
from tests.intake.shown_elements import SHOWN

FILE = "guardian_single_contributor.json"


RICH = page(
    block("a", *(shown for shown, _ in SHOWN.values()), image(), title="Waves"),
    block("b", attributes={"pinned": True}, contributors=[{"name": "Ada"}]),
    keyEvents=[block("k", minute=-9)],
    pinnedPost=block("p"),
    byline="Ada and Jo",
    tags=[{"type": "Contributor", "title": "Ada"}],
    mainMediaElements=[image()],
    pagination={"currentPage": 1, "totalPages": 2},
    linkedData=[{"coverageEndTime": "2026-03-01T13:00:00Z"}],
)


def _with(path: str, value: Any) -> Json:
    document: Any = copy.deepcopy(page(block("a", image())))
    container = document
    *steps, last = [int(step) if step.isdigit() else step for step in path.split("/")[1:]]
    for step in steps:
        container = container[step]
    container[last] = value
    return document


@pytest.mark.parametrize(
    ("where", "value", "expected"),
    [
        ("/blocks", None, "a list, found nothing"),
        ("/blocks", {"0": 1}, "a list, found an object"),
        ("/blocks/0", "x", "an object, found a text"),
        ("/blocks/0/id", 7, "a text, found a number"),
        ("/blocks/0/id", " ", "a blank one"),
        ("/blocks/0/id", "!?", "letters or digits"),
        ("/blocks/0/title", ["x"], "a text, found a list"),
        ("/blocks/0/elements", None, "a list, found nothing"),
        ("/blocks/0/elements/0", None, "a text, found nothing"),
        ("/blocks/0/elements/0/_type", 1, "a text, found a number"),
        ("/blocks/0/elements/0/media", "x", "an object, found a text"),
        ("/blocks/0/blockFirstPublished", "noon", "milliseconds since 1970, found a text"),
        ("/blocks/0/blockFirstPublished", True, "milliseconds since 1970, found true or false"),
        ("/blocks/0/blockFirstPublished", 10**30, "a time from 1900 on"),
        ("/blocks/0/blockLastUpdated", -(10**14), "a time from 1900 on"),
        ("/blocks/0/attributes/keyEvent", "yes", "true or false, found a text"),
        ("/keyEvents", 1, "a list, found a number"),
        ("/headline", "", "a title"),
        ("/lang", "English please", "a language tag"),
        ("/pageId", "///", "a slug"),
    ],
)
def test_a_wrong_shape_is_refused_by_its_place(where: str, value: object, expected: str) -> None:
    """The refusal names the location and what was expected there."""
    with pytest.raises(IntakeError) as refusal:
        journal_from_guardian(_with(where, value))
    assert refusal.value.where.startswith(where)
    assert expected in str(refusal.value)
    assert str(refusal.value).startswith(where)


@pytest.mark.parametrize("document", [None, [], "x", 1, {}])
def test_what_is_no_page_at_all_is_refused(document: object) -> None:
    """A document that is not a page is refused."""
    with pytest.raises(IntakeError):
        journal_from_guardian(document)


@settings(max_examples=2 * settings.default.max_examples)
@given(damaged(RICH))
def test_no_damage_raises_anything_but_a_refusal(document: object) -> None:
    """A damaged page is refused or gives a valid journal."""
    try:
        intake = journal_from_guardian(document)
    except IntakeError as refusal:
        check_refusal(refusal)
    else:
        check_journal(intake)


@given(data=st.data())
def test_no_damage_to_a_real_page_raises_anything_but_a_refusal(data: st.DataObject) -> None:
    """A damaged real page is refused or gives a valid journal."""
    document = data.draw(damaged(real_document(FILE)))
    try:
        check_journal(journal_from_guardian(document))
    except IntakeError as refusal:
        check_refusal(refusal)


def test_the_same_page_gives_the_same_journal_and_stays_as_it_was() -> None:
    """The import is deterministic and does not change its document."""
    document = page(block("a", image(), text()), block("b"))
    before = copy.deepcopy(document)
    assert journal_from_guardian(document) == journal_from_guardian(document)
    assert document == before
