"""The list of coverages: its pages, its filter, what it refuses."""

from typing import Any

import pytest

from tests.conftest import Newsroom
from tests.contract.newsrooms import new_slug, new_timeline
from tests.contract.problem import check_problem, pointers
from tests.contract.timeline import Json, Timeline


def test_the_list_is_walked_by_its_next_links(newsroom: Newsroom) -> None:
    """With a small limit, every coverage of a status comes once, and the last page has no next."""
    paused = {new_timeline(newsroom, new_slug()).change(status="paused")["slug"] for _ in range(5)}
    walk = Timeline(newsroom, "").turn(_list(newsroom, status="paused", limit=2))
    pages = [[coverage["slug"] for coverage in page["coverages"]] for page in walk]
    listed = [slug for page in pages for slug in page]
    assert len(listed) == len(set(listed))
    assert paused <= set(listed)
    assert {len(page) for page in pages[:-1]} == {2}


def _list(newsroom: Newsroom, **query: Any) -> Json:
    answer = newsroom.reader.get("/v1/coverages", params=query)
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()
    return found


def test_twenty_are_listed_where_nothing_is_asked(newsroom: Newsroom) -> None:
    """Without a limit the list has twenty at most."""
    assert _list(newsroom)["coverages"] == _list(newsroom, limit=20)["coverages"]


def test_the_list_goes_on_behind_a_slug(newsroom: Newsroom) -> None:
    """`after` names the coverage behind which the list begins."""
    first = _list(newsroom, limit=3)["coverages"]
    behind = _list(newsroom, limit=2, after=first[0]["slug"])["coverages"]
    assert behind == first[1:]


def test_the_list_shows_the_status_asked_for(newsroom: Newsroom, timeline: Timeline) -> None:
    """A coverage is listed under its status only."""
    timeline.change(status="closed")
    assert timeline.read() in _list(newsroom, status="closed", limit=100)["coverages"]
    listed = _list(newsroom, status="live", limit=100)["coverages"]
    assert {coverage["status"] for coverage in listed} <= {"live"}


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=101", "limit=x", "limit=", "status=open", "status="]
)
def test_a_bad_question_to_the_list_is_refused(newsroom: Newsroom, query: str) -> None:
    """A query value of the wrong shape is a 422 that names it."""
    answer = newsroom.reader.get(f"/v1/coverages?{query}")
    assert pointers(check_problem(answer, 422)) == {f"/{query.partition('=')[0]}"}


@pytest.mark.parametrize("after", ["nobody-took-this", "%00", "a%2Fb", "A"])
def test_the_list_knows_no_place_behind_an_unknown_coverage(newsroom: Newsroom, after: str) -> None:
    """An `after` that names nothing is a 404."""
    check_problem(newsroom.reader.get(f"/v1/coverages?after={after}"), 404)
