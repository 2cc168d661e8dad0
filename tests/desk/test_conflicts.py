"""Tests of conflicts: a stale edit is refused and answered with the current entry."""

import pytest

from tests.conftest import Newsroom
from tests.contract.problem import check_problem
from tests.contract.timeline import Json, Timeline
from tests.desk.desks import written


@pytest.mark.parametrize(
    ("method", "below", "payload"),
    [
        ("PATCH", "", {"body": "Mine"}),
        ("POST", "/correction", {"note": "n", "body": "Mine"}),
        ("POST", "/retraction", {"note": "n"}),
    ],
)
def test_a_conflict_shows_the_entry_as_it_is(
    newsroom: Newsroom, slug: str, method: str, below: str, payload: Json
) -> None:
    """The problem of a stale revision has the complete current entry as `current`."""
    timeline = Timeline(newsroom, slug)
    entry = timeline.publish("x", body="First")
    timeline.amend(entry["id"], body="Theirs")
    address = f"{timeline.path}/entries/{entry['id']}"
    stale = {"If-Match": '"1"'}
    answer = newsroom.editor.request(method, f"{address}{below}", json=payload, headers=stale)
    problem = check_problem(answer, 412, "stale-revision")
    assert problem["current"] == timeline.entry(entry["id"])
    assert problem["current"]["body"]["markdown"] == "Theirs"


def test_a_conflict_on_a_draft_shows_the_draft(newsroom: Newsroom, slug: str) -> None:
    """A conflict on a draft has the current draft for its author."""
    timeline = Timeline(newsroom, slug)
    form = {"headline": "Mine", "draft": True}
    draft = written(newsroom.contributor.post(f"{timeline.path}/entries", json=form))
    timeline.amend(draft["id"], headline="Theirs")
    address = f"{timeline.path}/entries/{draft['id']}"
    stale = {"If-Match": '"1"'}
    answer = newsroom.contributor.patch(address, json={"headline": "Late"}, headers=stale)
    assert check_problem(answer, 412)["current"] == timeline.drafts[0]


def test_who_may_not_see_a_draft_is_shown_none(newsroom: Newsroom, slug: str) -> None:
    """A contributor gets a 403 for another's draft, without its text, at any revision."""
    timeline = Timeline(newsroom, slug)
    draft = timeline.draft("Othersword")
    address = f"{timeline.path}/entries/{draft['id']}"
    answer = newsroom.contributor.patch(
        address, json={"headline": "x"}, headers={"If-Match": '"9"'}
    )
    check_problem(answer, 403)
    assert "Othersword" not in answer.text
