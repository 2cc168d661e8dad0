"""A malformed Live Blog response raises an IntakeError with its location, and nothing else."""

import copy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.intake.foreign import IntakeError, journal_from_sourcefabric
from tests.intake.foreign import Json, check_journal, check_refusal, damaged, real_document
from tests.intake.shown_items import SHOWN
from tests.intake.sourcefabric_sample import item, post, response

POST = "/_items/0"
ITEM = f"{POST}/groups/1/refs/0/item"


def _with(path: str, value: Any) -> Json:
    document: Any = copy.deepcopy(response(post(1, item("image", caption="x"))))
    container = document
    *steps, last = [int(step) if step.isdigit() else step for step in path.split("/")[1:]]
    for step in steps:
        container = container[step]
    container[last] = value
    return document


@pytest.mark.parametrize(
    ("where", "value", "expected"),
    [
        ("/_items", None, "a list, found nothing"),
        ("/_items", [], "a post that is not deleted"),
        (POST, "x", "an object, found a text"),
        (f"{POST}/guid", 7, "a text, found a number"),
        (f"{POST}/guid", "/", "letters or digits"),
        (f"{POST}/published_date", 1700000000, "a text, found a number"),
        (f"{POST}/published_date", "yesterday", "a time like"),
        (f"{POST}/published_date", "2026-02-30T12:00:00Z", "a time that exists"),
        (f"{POST}/published_date", "1815-12-10T00:00:00Z", "a time from 1900 on"),
        (f"{POST}/_updated", [], "a text, found a list"),
        (f"{POST}/post_status", True, "a text, found true or false"),
        (f"{POST}/deleted", "no", "true or false, found a text"),
        (f"{POST}/language", "German (AT)", "a language tag"),
        (f"{POST}/groups", {}, "a list, found an object"),
        (f"{POST}/groups/1", 1, "an object, found a number"),
        (f"{POST}/groups/1/refs", "x", "a list, found a text"),
        (ITEM, [], "an object, found a list"),
        (f"{ITEM}/text", {}, "a text, found an object"),
        (f"{ITEM}/meta", "x", "an object, found a text"),
    ],
)
def test_a_wrong_shape_is_refused_by_its_place(where: str, value: object, expected: str) -> None:
    """The refusal names the location and what was expected there."""
    with pytest.raises(IntakeError) as refusal:
        journal_from_sourcefabric(_with(where, value))
    assert refusal.value.where == where
    assert expected in str(refusal.value)


@pytest.mark.parametrize("document", [None, [], "x", 1, {}, {"_items": [{"deleted": True}]}])
def test_what_is_no_answer_at_all_is_refused(document: object) -> None:
    """A document that is not a response with posts is refused."""
    with pytest.raises(IntakeError):
        journal_from_sourcefabric(document)


@pytest.mark.parametrize("slug", ["", "Storm", "a b", "x" * 101, "sturm\n"])
def test_a_slug_that_is_none_is_refused(slug: str) -> None:
    """An invalid slug is refused."""
    with pytest.raises(IntakeError, match="slug"):
        journal_from_sourcefabric(response(), slug=slug)


RICH = response(
    post(1, *(shown for shown, _ in SHOWN.values()), sticky=True, tags=["a"]),
    post(2, post_status="draft", place=[{"name": "Hull"}], highlight=True, minute=3),
    post(3, blog={"_id": "x", "title": "Storm", "blog_status": "closed"}, sticky=True),
)


@settings(max_examples=2 * settings.default.max_examples)
@given(damaged(RICH))
def test_no_damage_raises_anything_but_a_refusal(document: object) -> None:
    """A damaged response is refused or gives a valid journal."""
    try:
        check_journal(journal_from_sourcefabric(document))
    except IntakeError as refusal:
        check_refusal(refusal)


@given(data=st.data())
def test_no_damage_to_a_real_answer_raises_anything_but_a_refusal(data: st.DataObject) -> None:
    """A damaged real response is refused or gives a valid journal."""
    document = data.draw(damaged(real_document("sourcefabric_posts.json")))
    try:
        check_journal(journal_from_sourcefabric(document))
    except IntakeError as refusal:
        check_refusal(refusal)
