"""Tests of presence: who is at the desk, and which entry each person is editing."""

from tests.conftest import Newsroom
from tests.contract.problem import check_problem
from tests.desk.desks import written


def test_who_is_here_is_seen_by_everybody_at_the_desk(newsroom: Newsroom, slug: str) -> None:
    """Visits are listed with their caller's name and open entry, to everybody at the desk.

    The latest update of a visit counts, and an ended visit is removed.
    """
    path = f"/v1/coverages/{slug}/visits"
    assert written(newsroom.editor.get(path)) == {"visits": []}
    for entry_id in None, "e1":
        written(newsroom.editor.put(f"{path}/tab-1", json={"entry_id": entry_id}))
    visits = written(newsroom.contributor.put(f"{path}/tab_2", json={}))["visits"]
    assert [(v["visit"], v["name"], v["entry_id"]) for v in visits] == [
        ("tab_2", "test contributor", None),
        ("tab-1", "test editor", "e1"),
    ]
    assert all(visit["caller"].startswith("key:") for visit in visits)
    assert written(newsroom.chief.get(path))["visits"] == visits
    for _ in range(2):
        remaining = written(newsroom.editor.delete(f"{path}/tab-1"))["visits"]
        assert [visit["visit"] for visit in remaining] == ["tab_2"]


def test_nobody_speaks_for_another(newsroom: Newsroom, slug: str) -> None:
    """Only the caller who began a visit can change or end it; an editor cannot."""
    path = f"/v1/coverages/{slug}/visits"
    written(newsroom.contributor.put(f"{path}/mine", json={"entry_id": "e1"}))
    check_problem(newsroom.editor.put(f"{path}/mine", json={}), 403)
    check_problem(newsroom.editor.delete(f"{path}/mine"), 403)
    (visit,) = written(newsroom.editor.get(path))["visits"]
    assert (visit["name"], visit["entry_id"]) == ("test contributor", "e1")


def test_visits_are_the_newsrooms(newsroom: Newsroom, slug: str) -> None:
    """Readers get a 401; an unknown coverage is a 404, an invalid visit or entry id a 422."""
    path = f"/v1/coverages/{slug}/visits"
    check_problem(newsroom.reader.get(path), 401)
    check_problem(newsroom.reader.put(f"{path}/x", json={}), 401)
    check_problem(newsroom.editor.put("/v1/coverages/none/visits/x", json={}), 404)
    check_problem(newsroom.editor.put(f"{path}/{'x' * 65}", json={}), 422)
    check_problem(newsroom.editor.put(f"{path}/x", json={"entry_id": "no id"}), 422)


def test_a_caller_who_opens_tabs_without_end_fills_no_list(newsroom: Newsroom, slug: str) -> None:
    """A caller has at most 20 visits; further ones do not displace other callers' visits."""
    path = f"/v1/coverages/{slug}/visits"
    written(newsroom.editor.put(f"{path}/mine", json={}))
    for number in range(30):
        visits = written(newsroom.contributor.put(f"{path}/tab-{number}", json={}))["visits"]
        assert f"tab-{number}" in {visit["visit"] for visit in visits}
        assert "mine" in {visit["visit"] for visit in visits}
        assert len(visits) <= 21
