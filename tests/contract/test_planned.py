"""Tests of planned coverages, which are visible to the newsroom only."""

import pytest

from tests.conftest import Newsroom
from tests.contract.newsrooms import new_slug, new_timeline
from tests.contract.problem import check_problem
from tests.contract.streams import open_socket, open_stream
from tests.contract.timeline import Timeline


@pytest.fixture
def plan(newsroom: Newsroom) -> Timeline:
    """A planned coverage."""
    return new_timeline(newsroom, new_slug(), status="planned", kicker="Secretkicker")


BELOW = ["", "/entries", "/entries?at=2999-01-01T00:00:00Z", "/events", "/events?wait=5"]


@pytest.mark.parametrize("below", BELOW)
def test_readers_know_nothing_of_a_plan(plan: Timeline, below: str) -> None:
    """Each API path of a planned coverage is a 404 for readers."""
    problem = check_problem(plan.get(below), 404)
    assert "Secretkicker" not in str(problem)


def test_a_plan_has_neither_page_nor_stream(plan: Timeline) -> None:
    """A planned coverage's page and stream are a 404, and its WebSocket closes with 4404."""
    reader, accept = plan.newsroom.reader, {"Accept": "text/event-stream"}
    assert reader.get(f"/coverages/{plan.slug}").status_code == 404
    check_problem(reader.get(f"{plan.path}/events", headers=accept), 404)
    with open_socket(plan.newsroom.server, plan.slug) as socket:
        assert socket.close_code() == 4404
    assert plan.slug not in reader.get("/").text


def test_a_plan_is_in_nobodys_list_but_the_newsrooms(plan: Timeline) -> None:
    """A planned coverage is listed to the newsroom only."""
    for query in ("limit=100", "limit=100&status=planned"):
        listed = plan.newsroom.reader.get(f"/v1/coverages?{query}").json()["coverages"]
        assert plan.slug not in {coverage["slug"] for coverage in listed}
        assert "planned" not in {coverage["status"] for coverage in listed}
    for client in (plan.newsroom.contributor, plan.newsroom.editor, plan.newsroom.chief):
        listed = client.get("/v1/coverages?status=planned&limit=100").json()["coverages"]
        assert plan.slug in {coverage["slug"] for coverage in listed}


def test_the_list_gives_readers_no_place_behind_a_plan(plan: Timeline) -> None:
    """A planned coverage is a 404 as `after` of a reader's list."""
    check_problem(plan.newsroom.reader.get(f"/v1/coverages?after={plan.slug}"), 404)


@pytest.mark.parametrize("role", ["contributor", "editor", "chief"])
@pytest.mark.parametrize("below", ["", "/entries", "/events"])
def test_the_newsroom_sees_a_plan(plan: Timeline, role: str, below: str) -> None:
    """A key of any role reads a planned coverage; the response is not `public`."""
    answer = getattr(plan.newsroom, role).get(f"{plan.path}{below}")
    assert answer.status_code == 200, answer.text
    assert "public" not in answer.headers["cache-control"]


def test_the_newsroom_may_wait_at_a_plans_socket(plan: Timeline) -> None:
    """With a key the WebSocket of a planned coverage opens and has its opening event."""
    chief = {"Authorization": plan.newsroom.chief.headers["authorization"]}
    with open_socket(plan.newsroom.server, plan.slug, additional_headers=chief) as socket:
        assert socket.frame()["type"] == "hello"
        plan.change(status="live")
        assert socket.frame()["type"] == "coverage.opened"


def test_the_newsroom_may_wait_at_a_plans_stream(plan: Timeline) -> None:
    """With a key the stream of a planned coverage opens and has its opening event."""
    chief = {"Authorization": plan.newsroom.chief.headers["authorization"]}
    with open_stream(plan.newsroom.server, plan.slug, headers=chief) as stream:
        stream.frame()
        plan.change(status="live")
        assert stream.event()["type"] == "coverage.opened"


def test_a_plan_publishes_nothing(plan: Timeline) -> None:
    """A planned coverage takes drafts only; a publication is a 409."""
    answer = plan.newsroom.editor.post(f"{plan.path}/entries", json={"headline": "Too soon"})
    check_problem(answer, 409)
    assert plan.draft()["status"] == "draft"


def test_a_saved_plan_is_read_anew(plan: Timeline) -> None:
    """A change of a planned coverage changes its ETag."""
    chief = plan.newsroom.chief
    etag = chief.get(plan.path).headers["etag"]
    plan.change(title="Another title")
    answer = chief.get(plan.path, headers={"If-None-Match": etag})
    assert answer.status_code == 200
    assert answer.json()["title"] == "Another title"


def test_opening_a_plan_is_the_first_event(plan: Timeline) -> None:
    """Opening a planned coverage is event 1, with the coverage's details."""
    plan.change(title="At last")
    opened = plan.change(status="live")
    (event,) = plan.journal()
    assert (event["seq"], event["type"]) == (1, "coverage.opened")
    assert event["details"] == opened == plan.read()
    assert opened["title"] == "At last"


def test_a_public_coverage_is_never_a_plan_again(timeline: Timeline) -> None:
    """A public coverage cannot become planned again."""
    answer = timeline.newsroom.chief.patch(timeline.path, json={"status": "planned"})
    assert answer.status_code in {409, 422}
    check_problem(answer, answer.status_code)
    assert timeline.read()["status"] == "live"
