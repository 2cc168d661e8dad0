"""Tests of what has changed between two positions of a coverage."""

from typing import Any

import pytest

from tests.conftest import Newsroom
from tests.contract.newsrooms import new_slug, new_timeline
from tests.contract.problem import check_problem, pointers
from tests.contract.timeline import Timeline

Json = dict[str, Any]
KINDS = ("published", "amended", "corrected", "retracted", "assessed", "outdated")
MINISTRY = {"source": "Ministry of Defence"}


def _killed(value: int, source: str = "Ministry") -> Json:
    return {"metric": "killed", "low": value, "high": value, "source": source}


def _told(changes: Json) -> list[tuple[str, str]]:
    """Return the kind and the entry's id of each change."""
    return [(change["kind"], change["entry_id"]) for change in changes["changes"]]


def _assess(timeline: Timeline, entry: Json, status: str, note: str | None) -> Json:
    form = {"claim": entry["claims"][0]["id"], "status": status, "note": note}
    return timeline.act(entry["id"], "assessment", form)


def test_a_change_has_every_field_of_the_contract(timeline: Timeline) -> None:
    """The answer and each change have every field; an entry has its states before and after."""
    entry = timeline.publish("Two were hurt", figures=[_killed(2)])
    left = timeline.head
    timeline.correct(entry["id"], "It was three.", headline="Three were hurt", figures=[_killed(3)])
    changes = timeline.read("/changes", **{"from": left})
    assert (changes["from"], changes["to"]) == (left, timeline.head)
    assert changes["counts"] == {**dict.fromkeys(KINDS, 0), "corrected": 1}
    assert (changes["more"], changes["next"]) == (False, None)
    (change,) = changes["changes"]
    event = timeline.journal()[-1]
    assert change["entry_id"] == entry["id"]
    assert (change["kind"], change["title"]) == ("corrected", "Three were hurt")
    assert (change["note"], change["at"], change["seq"]) == (
        "It was three.",
        event["at"],
        event["seq"],
    )
    assert change["url"] == entry["url"]
    assert change["before"] == {k: v for k, v in entry.items() if k != "cursor"}
    assert change["after"] == timeline.entry(entry["id"])
    (figure,) = changes["figures"]
    assert (figure["metric"], figure["group"]) == ("killed", None)
    assert figure["source"] == {"name": "Ministry", "url": None}
    assert (figure["before"]["low"], figure["after"]["low"]) == (2, 3)
    assert figure["entry_id"] == entry["id"]


def test_each_entry_has_one_change_in_order_of_importance(timeline: Timeline) -> None:
    """However often an entry changed it is listed once, and what was wrong comes first."""
    names = ("amended", "contested", "confirmed", "corrected", "retracted", "pinned")
    old = {name: timeline.publish(name, claims=[MINISTRY]) for name in names}
    left = timeline.head
    timeline.amend(old["amended"]["id"], headline="Amended")
    plain = timeline.publish("New")
    key_event = timeline.publish("New and a key event", key_event=True)
    timeline.correct(plain["id"], "A new entry stays new.", headline="Still new")
    timeline.pin(old["pinned"]["id"])
    _assess(timeline, old["confirmed"], "confirmed", "We have seen it.")
    for number in range(3):
        timeline.amend(old["corrected"]["id"], headline=f"Number {number}")
        timeline.correct(old["corrected"]["id"], f"Note {number}")
        timeline.amend(old["corrected"]["id"], tags=[f"tag {number}"])
    _assess(timeline, old["contested"], "disputed", "The other side denies it.")
    gone = timeline.publish("New, and gone")
    timeline.retract(old["retracted"]["id"], "It was not so.")
    timeline.retract(gone["id"], "Nor was this.")
    changes = timeline.read("/changes", **{"from": left})
    assert _told(changes) == [
        ("retracted", gone["id"]),
        ("retracted", old["retracted"]["id"]),
        ("corrected", old["corrected"]["id"]),
        ("assessed", old["contested"]["id"]),
        ("published", key_event["id"]),
        ("assessed", old["confirmed"]["id"]),
        ("published", plain["id"]),
        ("amended", old["amended"]["id"]),
    ]
    notes = [change["note"] for change in changes["changes"]]
    assert notes[:4] == ["Nor was this.", "It was not so.", "Note 2", "The other side denies it."]
    assert notes[4:] == [None, "We have seen it.", None, None]
    counts = {"retracted": 2, "corrected": 1, "assessed": 2, "published": 2, "amended": 1}
    assert changes["counts"] == {**counts, "outdated": 0}
    (assessed,) = changes["changes"][3]["assessed"]
    assert (assessed["status"], assessed["source"]["name"]) == ("disputed", "Ministry of Defence")


def test_of_a_retracted_entry_there_is_the_tombstone_alone(timeline: Timeline) -> None:
    """A retraction has no `before`, in earlier ranges too, and its figures are nowhere."""
    entry = timeline.publish("Unsayable at first", figures=[_killed(1)])
    left = timeline.head
    timeline.correct(entry["id"], "An unsayable note.", headline="Unsayable", figures=[_killed(2)])
    middle = timeline.head
    timeline.publish("Later", figures=[_killed(3)])
    timeline.retract(entry["id"])
    for earlier, later in (("0", timeline.head), (left, timeline.head), (left, middle)):
        answer = timeline.get("/changes", **{"from": earlier, "to": later})
        assert "nsayable" not in answer.text
        change = answer.json()["changes"][0]
        assert (change["kind"], change["title"], change["before"]) == ("retracted", None, None)
        assert change["note"] == "It was not so."
        assert change["after"] == timeline.entry(entry["id"])
        assert all(figure["before"] is None for figure in answer.json()["figures"])


def test_positions_are_cursors_or_times(timeline: Timeline) -> None:
    """A time means the events until then; before the opening it is the start, as `0` is."""
    first, second = timeline.publish("One"), timeline.publish("Two")
    at = {entry["id"]: entry["published_at"] for entry in (first, second)}
    for start in ("0", "1969-07-20T20:17:40Z"):
        assert _told(timeline.read("/changes", **{"from": start})) == [
            ("published", second["id"]),
            ("published", first["id"]),
        ]
    if at[first["id"]] != at[second["id"]]:
        assert _told(timeline.read("/changes", **{"from": at[first["id"]]})) == [
            ("published", second["id"])
        ]
    page = timeline.read("/changes", **{"from": "0", "to": first["cursor"]})
    assert _told(page) == [("published", first["id"])]
    assert page["to"] == first["cursor"]
    assert not timeline.read("/changes", **{"from": "2100-01-01T00:00:00Z"})["changes"]


@pytest.mark.parametrize("cursor", ["nonsense", "other-1", "2020-10-03", "", "-1"])
def test_an_unknown_position_is_gone(timeline: Timeline, cursor: str) -> None:
    """What is neither a time nor a cursor of this journal is a 410, as for events."""
    check_problem(timeline.get("/changes", **{"from": cursor}), 410, "unknown-cursor")
    answer = timeline.get("/changes", **{"from": "0", "to": cursor})
    check_problem(answer, 410, "unknown-cursor")


def test_a_wrong_query_is_named(timeline: Timeline) -> None:
    """Without `from`, with a later position before it, or a wrong limit the answer is a 422."""
    cursor = timeline.publish()["cursor"]
    for query, pointer in (
        ({}, "/from"),
        ({"from": cursor, "to": "0"}, "/to"),
        ({"from": "2020-01-02T00:00:00Z", "to": "2020-01-01T00:00:00Z"}, "/to"),
        ({"from": "0", "limit": "101"}, "/limit"),
        ({"from": "0", "offset": "-1"}, "/offset"),
        ({"from": "0", "until": cursor}, "/until"),
    ):
        problem = check_problem(timeline.get("/changes", **query), 422)
        assert pointer in pointers(problem), query


def test_all_changes_are_reached_by_pages(timeline: Timeline) -> None:
    """Each page leads to the next one, which is not disturbed by later events."""
    for number in range(7):
        timeline.publish(f"Number {number}", figures=[_killed(number, f"Source {number}")])
    page = timeline.read("/changes", **{"from": "0", "limit": 3})
    assert page["more"]
    pages = []
    for each in timeline.turn(page):
        pages.append(each)
        timeline.publish("Meanwhile", figures=[_killed(1, "Another")])
    assert [len(each["changes"]) for each in pages] == [3, 3, 1]
    titles = [change["title"] for each in pages for change in each["changes"]]
    assert titles == [f"Number {number}" for number in range(6, -1, -1)]
    sources = [figure["source"]["name"] for each in pages for figure in each["figures"]]
    assert sources == [f"Source {number}" for number in range(6, -1, -1)]
    assert all(each["counts"]["published"] == 7 for each in pages)


def test_figures_that_say_the_same_are_no_change(timeline: Timeline) -> None:
    """Only a figure that differs in the end is listed; a removed one has no `after`."""
    removed = timeline.publish("A", figures=[_killed(1, "Mayor")])
    timeline.publish("B", figures=[_killed(107)])
    left = timeline.head
    timeline.publish("C", figures=[_killed(108)])
    timeline.publish("D", figures=[_killed(107, "MINISTRY")])
    timeline.correct(removed["id"], figures=[])
    (figure,) = timeline.read("/changes", **{"from": left})["figures"]
    assert (figure["source"]["name"], figure["after"]) == ("Mayor", None)
    assert figure["before"]["low"] == 1


def test_a_range_that_is_over_is_cached_for_longer(timeline: Timeline) -> None:
    """With a fixed end the answer may be cached for a minute; a retraction changes its ETag."""
    entry = timeline.publish("One")
    query = {"from": "0", "to": entry["cursor"]}
    fixed, live = timeline.get("/changes", **query), timeline.get("/changes", **{"from": "0"})
    assert fixed.headers["cache-control"] == "public, max-age=60"
    assert "s-maxage=1" in live.headers["cache-control"]
    timeline.publish("Two")
    same, later = timeline.get("/changes", **query), timeline.get("/changes", **{"from": "0"})
    assert same.headers["etag"] == fixed.headers["etag"]
    assert later.headers["etag"] != live.headers["etag"]
    timeline.retract(entry["id"])
    assert timeline.get("/changes", **query).headers["etag"] != fixed.headers["etag"]
    ahead = timeline.get("/changes", **{"from": "0", "to": "2100-01-01T00:00:00Z"})
    assert "s-maxage=1" in ahead.headers["cache-control"]


def test_changes_of_a_planned_coverage_are_for_the_newsroom(newsroom: Newsroom) -> None:
    """Readers get the 404 of an unknown slug; the newsroom an empty list that no cache stores."""
    timeline = new_timeline(newsroom, new_slug(), status="planned")
    check_problem(timeline.get("/changes", **{"from": "0"}), 404, "unknown-coverage")
    answer = newsroom.chief.get(f"{timeline.path}/changes", params={"from": "0"})
    assert (answer.status_code, answer.json()["changes"]) == (200, [])
    assert answer.headers["cache-control"] == "private, no-store"
