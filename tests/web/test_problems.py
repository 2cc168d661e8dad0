"""Promises of how refusals are told."""

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
    """A client's fault is a 4xx, ours a 503; none is a defect."""
    told = explain(refusal)
    assert told["type"] == f"/problems/{KINDS[refusal].slug}"
    assert told["detail"].endswith(".")
    assert 400 <= told["status"] < 500 or told["status"] == 503


def test_a_problem_is_one_of_rfc_9457():
    """With the refusal's own words as its detail."""
    answer = problem(UnknownEntry("There is no entry x here."))
    assert answer.media_type == MEDIA_TYPE == "application/problem+json"
    assert answer.status_code == 404
    assert json.loads(answer.body) == {
        "type": "/problems/unknown-entry",
        "title": "Unknown entry",
        "status": 404,
        "detail": "There is no entry x here.",
    }
    assert answer.headers["cache-control"] == "no-store"


def test_errors_of_the_payload_say_where_and_what():
    """Each by a pointer into what was sent."""
    answer = problem(InvalidPayload([("/tags/0", "must not be empty"), ("", "is too long")]))
    assert json.loads(answer.body)["errors"] == [
        {"pointer": "/tags/0", "detail": "must not be empty"},
        {"pointer": "", "detail": "is too long"},
    ]


def test_who_has_to_wait_is_told_a_random_time():
    """A thousand clients that are refused at once do not come back at once."""
    waits = {problem(StoreUnavailable("x")).headers["retry-after"] for _ in range(200)}
    assert len(waits) > 3
    assert all(1 <= int(wait) <= 60 for wait in waits)


def test_what_is_not_in_the_table_is_a_defect():
    """And its words are not told."""
    assert kind_of(RuntimeError("secret")).status == 500


@given(st.lists(st.text() | st.integers(0), max_size=5))
def test_a_pointer_reads_back_as_the_place(place: list[str | int]):
    """By RFC 6901, whatever names the members have."""
    text = pointer(place)
    parts = [p.replace("~1", "/").replace("~0", "~") for p in text.split("/")[1:]]
    assert parts == [str(step) for step in place]
