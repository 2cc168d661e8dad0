"""Tests of a coverage's successor: the page of the next day."""

import pytest

from tests.conftest import Newsroom
from tests.contract.newsrooms import client_of, new_slug, new_timeline
from tests.contract.problem import check_problem
from tests.contract.timeline import Timeline

HEAD = {
    "kicker": "Apollo 11",
    "standfirst": "Eagle is down.",
    "language": "en",
    "languages": ["en", "ka"],
    "bylines": [{"name": "Houston desk"}],
}


@pytest.fixture
def today(newsroom: Newsroom) -> Timeline:
    """A live coverage with a whole head."""
    related = [{"title": "The way there", "url": "https://news.example/day-4"}]
    return new_timeline(newsroom, new_slug(), **HEAD, related=related)


def test_the_successor_takes_over_the_head(newsroom: Newsroom, today: Timeline) -> None:
    """Today's coverage is closed, and the next is live with its head; each links to the other."""
    slug = new_slug()
    form = {"slug": slug, "title": "The sixth day"}
    answer = newsroom.chief.post(f"{today.path}/successor", json=form)
    assert answer.status_code == 201
    assert answer.headers["location"].endswith(f"/v1/coverages/{slug}")
    successor, closed = newsroom.reader.get(f"/v1/coverages/{slug}").json(), today.read()
    assert successor == answer.json()
    assert (successor["status"], successor["title"]) == ("live", "The sixth day")
    assert {name: successor[name] for name in HEAD} == HEAD
    assert [link["url"] for link in successor["related"]] == [
        closed["url"],
        "https://news.example/day-4",
    ]
    assert closed["status"] == "closed"
    assert closed["ended_at"] is not None
    assert closed["related"][0] == {"title": "The sixth day", "url": successor["url"]}


def test_a_repeated_request_changes_nothing(newsroom: Newsroom, today: Timeline) -> None:
    """The same request again answers 200 with the successor; neither journal grows."""
    form = {"slug": new_slug(), "title": "The sixth day"}
    first = newsroom.chief.post(f"{today.path}/successor", json=form)
    closed = today.read()
    again = newsroom.chief.post(f"{today.path}/successor", json=form)
    assert (again.status_code, again.json()) == (200, first.json())
    assert today.read() == closed


def test_a_taken_address_changes_nothing(newsroom: Newsroom, today: Timeline) -> None:
    """If another coverage has the slug, the answer is 409, and today's stays open."""
    form = {"slug": new_timeline(newsroom, new_slug()).slug, "title": "The sixth day"}
    before = today.read()
    check_problem(newsroom.chief.post(f"{today.path}/successor", json=form), 409, "slug-taken")
    assert today.read() == before


def test_a_planned_coverage_has_no_successor(newsroom: Newsroom) -> None:
    """A coverage that was never open is refused: 409."""
    plan = new_timeline(newsroom, new_slug(), status="planned")
    form = {"slug": new_slug(), "title": "The sixth day"}
    answer = newsroom.chief.post(f"{plan.path}/successor", json=form)
    check_problem(answer, 409, "coverage-planned")
    assert newsroom.reader.get(f"/v1/coverages/{form['slug']}").status_code == 404


def test_a_withdrawn_coverage_has_no_successor(newsroom: Newsroom, today: Timeline) -> None:
    """Its title, head and summary do not come back with another page: 410."""
    newsroom.chief.put(f"{today.path}/withdrawal", json={"note": "By order."}).raise_for_status()
    form = {"slug": new_slug(), "title": "The sixth day"}
    answer = newsroom.chief.post(f"{today.path}/successor", json=form)
    check_problem(answer, 410, "withdrawn-coverage")
    assert newsroom.reader.get(f"/v1/coverages/{form['slug']}").status_code == 404


def test_a_link_that_was_typed_before_is_no_successor(newsroom: Newsroom, today: Timeline) -> None:
    """Closed with a link to an address that nothing has yet, it still gets its successor there."""
    slug = new_slug()
    url = today.read()["url"].replace(today.slug, slug)
    today.change(status="closed", related=[{"title": "Tomorrow", "url": url}])
    form = {"slug": slug, "title": "The sixth day"}
    assert newsroom.chief.post(f"{today.path}/successor", json=form).status_code == 201
    assert today.read()["related"] == [{"title": "The sixth day", "url": url}]


def test_a_chief_of_one_coverage_opens_no_other(newsroom: Newsroom, today: Timeline) -> None:
    """A chief of today's coverage alone gets 403, and it stays open."""
    key = {"name": "of one page", "role": "chief", "coverage": today.slug}
    secret = newsroom.chief.post("/v1/keys", json=key).raise_for_status().json()["key"]
    with client_of(newsroom.server, secret) as client:
        form = {"slug": new_slug(), "title": "The sixth day"}
        check_problem(client.post(f"{today.path}/successor", json=form), 403, "not-allowed")
    assert today.read()["status"] == "live"


def test_the_audit_names_both(newsroom: Newsroom, today: Timeline) -> None:
    """The audit has one line about it, with both slugs."""
    slug = new_slug()
    form = {"slug": slug, "title": "The sixth day"}
    newsroom.chief.post(f"{today.path}/successor", json=form).raise_for_status()
    lines = newsroom.chief.get("/v1/audit", params={"coverage": today.slug}).json()
    [line] = [each for each in lines["audit"] if each["action"] == "openSuccessor"]
    assert line["detail"] == {"coverage": slug}


def test_a_retraction_tells_where_its_copies_are(newsroom: Newsroom, today: Timeline) -> None:
    """The reach of a retracted summary lists its public copies, those of later days too."""
    days, ids = [today], [today.publish("No water")["id"]]
    newsroom.editor.put(f"{today.path}/entries/{ids[0]}/summary").raise_for_status()
    for title in ("The sixth day", "The seventh day"):
        form = {"slug": new_slug(), "title": title}
        successor = newsroom.chief.post(f"{days[-1].path}/successor", json=form)
        ids.append(successor.raise_for_status().json()["summary"])
        days.append(Timeline(newsroom, form["slug"]))
    assert len(set(ids)) == 3
    copies = [
        {"coverage": day.slug, "entry_id": each, "title": day.read()["title"]}
        for day, each in zip(days, ids, strict=True)
    ]
    for at, left in ((0, copies[1:]), (1, copies[2:]), (2, [])):
        days[at].retract(ids[at])
        reach = newsroom.editor.get(f"{today.path}/entries/{ids[0]}/reach").json()
        assert reach["copies"] == left
