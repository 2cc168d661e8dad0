"""Tests of the list of coverages: pages, filter and refusals."""

from typing import Any

import pytest

from tests.conftest import Newsroom
from tests.contract.newsrooms import new_slug, new_timeline
from tests.contract.problem import check_problem, pointers
from tests.contract.timeline import Json, Timeline


def test_the_list_is_walked_by_its_next_links(newsroom: Newsroom) -> None:
    """Following `next` lists each coverage once, in pages of the limit."""
    paused = {new_timeline(newsroom, new_slug()).change(status="paused")["slug"] for _ in range(5)}
    page_iterator = Timeline(newsroom, "").turn(_list(newsroom, status="paused", limit=2))
    pages = [[coverage["slug"] for coverage in page["coverages"]] for page in page_iterator]
    listed = [slug for page in pages for slug in page]
    assert len(listed) == len(set(listed))
    assert paused <= set(listed)
    assert {len(page) for page in pages[:-1]} == {2}


def _list(newsroom: Newsroom, **query: Any) -> Json:
    answer = newsroom.reader.get("/v1/coverages", params=query)
    assert answer.status_code == 200, answer.text
    document: Json = answer.json()
    return document


def test_twenty_are_listed_where_nothing_is_asked(newsroom: Newsroom) -> None:
    """Without a limit the list has at most twenty coverages."""
    assert _list(newsroom)["coverages"] == _list(newsroom, limit=20)["coverages"]


def test_the_list_goes_on_behind_a_slug(newsroom: Newsroom) -> None:
    """`after` begins the list behind that coverage."""
    first = _list(newsroom, limit=3)["coverages"]
    rest = _list(newsroom, limit=2, after=first[0]["slug"])["coverages"]
    assert rest == first[1:]


def test_the_list_shows_the_status_asked_for(newsroom: Newsroom, timeline: Timeline) -> None:
    """With `status` a coverage is listed under its status only."""
    timeline.change(status="closed")
    assert timeline.read() in _list(newsroom, status="closed", limit=100)["coverages"]
    listed = _list(newsroom, status="live", limit=100)["coverages"]
    assert {coverage["status"] for coverage in listed} <= {"live"}


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=101", "limit=x", "limit=", "status=open", "status="]
)
def test_a_bad_question_to_the_list_is_refused(newsroom: Newsroom, query: str) -> None:
    """An invalid query parameter is a 422 with a pointer to it."""
    answer = newsroom.reader.get(f"/v1/coverages?{query}")
    assert pointers(check_problem(answer, 422)) == {f"/{query.partition('=')[0]}"}


@pytest.mark.parametrize("after", ["nobody-took-this", "%00", "a%2Fb", "A"])
def test_the_list_knows_no_place_behind_an_unknown_coverage(newsroom: Newsroom, after: str) -> None:
    """An unknown `after` is a 404."""
    check_problem(newsroom.reader.get(f"/v1/coverages?after={after}"), 404)
