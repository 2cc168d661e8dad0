"""Problem documents."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.timeline.errors import UnknownEntry
from app.web.problems import (
    KINDS,
    MEDIA_TYPE,
    InvalidPayload,
    StoreUnavailable,
    explain,
    kind_of,
    pointer,
    problem,
)


@pytest.mark.parametrize("refusal", KINDS, ids=lambda refusal: refusal.__name__)
def test_every_refusal_has_a_meaning_and_a_status_of_its_side(refusal: type[Exception]):
    """Every refusal has a type, a sentence as detail, and a 4xx status or 503."""
    document = explain(refusal)
    assert document["type"] == f"/problems/{KINDS[refusal].slug}"
    assert document["detail"].endswith(".")
    assert 400 <= document["status"] < 500 or document["status"] == 503


def test_a_problem_is_one_of_rfc_9457():
    """A problem is a document of RFC 9457 with the refusal's message as its detail."""
    response = problem(UnknownEntry("There is no entry x here."))
    assert response.media_type == MEDIA_TYPE == "application/problem+json"
    assert response.status_code == 404
    assert json.loads(response.body) == {
        "type": "/problems/unknown-entry",
        "title": "Unknown entry",
        "status": 404,
        "detail": "There is no entry x here.",
    }
    assert response.headers["cache-control"] == "no-store"


def test_errors_of_the_payload_say_where_and_what():
    """Each error of a payload has a pointer and a detail."""
    response = problem(InvalidPayload([("/tags/0", "must not be empty"), ("", "is too long")]))
    assert json.loads(response.body)["errors"] == [
        {"pointer": "/tags/0", "detail": "must not be empty"},
        {"pointer": "", "detail": "is too long"},
    ]


def test_who_has_to_wait_is_told_a_random_time():
    """Retry-After is random, so that clients do not retry at the same time."""
    waits = {problem(StoreUnavailable("x")).headers["retry-after"] for _ in range(200)}
    assert len(waits) > 3
    assert all(1 <= int(wait) <= 60 for wait in waits)


def test_what_is_not_in_the_table_is_a_defect():
    """An exception that is not in the table has status 500."""
    assert kind_of(RuntimeError("secret")).status == 500


@given(st.lists(st.text() | st.integers(0), max_size=5))
def test_a_pointer_reads_back_as_the_place(path: list[str | int]):
    """A pointer can be parsed back into the path by RFC 6901."""
    text = pointer(path)
    parts = [p.replace("~1", "/").replace("~0", "~") for p in text.split("/")[1:]]
    assert parts == [str(step) for step in path]
