"""Tests of pins: a coverage has at most one pinned entry."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.contract.problem import check_problem
from tests.contract.timeline import Timeline


def test_a_pinned_entry_is_named_by_its_coverage(timeline: Timeline) -> None:
    """A pin is returned, and is in the entry, the coverage and one event."""
    entry = timeline.publish()
    pinned = timeline.pin(entry["id"])
    assert pinned["pinned"] is True
    assert timeline.read()["pinned"] == entry["id"]
    assert timeline.entry(entry["id"])["pinned"] is True
    event = timeline.journal()[-1]
    assert (event["type"], event["cursor"]) == ("entry.pinned", pinned["cursor"])
    assert event["entry"]["pinned"] is True


def test_moving_the_pin_is_two_events(timeline: Timeline) -> None:
    """Pinning another entry is two events; the response has the cursor of the second."""
    first, second = timeline.publish(), timeline.publish()
    timeline.pin(first["id"])
    pinned = timeline.pin(second["id"])
    events = timeline.journal()[-2:]
    changes = [(event["type"], event["entry"]["id"], event["entry"]["pinned"]) for event in events]
    assert changes == [("entry.unpinned", first["id"], False), ("entry.pinned", second["id"], True)]
    assert pinned["cursor"] == events[-1]["cursor"]
    assert timeline.read()["pinned"] == second["id"]
    assert [e["id"] for e in timeline.page()["entries"] if e["pinned"]] == [second["id"]]


def test_unpinning_takes_the_pin_away(timeline: Timeline) -> None:
    """Unpinning returns the entry and removes the coverage's pin."""
    entry = timeline.publish()
    timeline.pin(entry["id"])
    assert timeline.unpin(entry["id"])["pinned"] is False
    assert timeline.read()["pinned"] is None
    assert timeline.journal()[-1]["type"] == "entry.unpinned"


def test_pinning_twice_is_pinning_once(timeline: Timeline) -> None:
    """A repeated PUT or DELETE returns the entry and is no event."""
    entry = timeline.publish()
    timeline.pin(entry["id"])
    head = timeline.head
    assert timeline.pin(entry["id"])["pinned"] is True
    assert timeline.head == head
    timeline.unpin(entry["id"])
    head = timeline.head
    assert timeline.unpin(entry["id"])["pinned"] is False
    assert timeline.head == head


def test_unpinning_another_leaves_the_pin(timeline: Timeline) -> None:
    """Unpinning another entry keeps the pin."""
    first, second = timeline.publish(), timeline.publish()
    timeline.pin(first["id"])
    timeline.unpin(second["id"])
    assert timeline.read()["pinned"] == first["id"]


@pytest.mark.parametrize("method", ["put", "delete"])
def test_what_is_not_there_cannot_be_pinned(timeline: Timeline, method: str) -> None:
    """Pinning an unknown entry is a 404, a draft or tombstone a 409."""
    act = getattr(timeline.newsroom.editor, method)
    tombstone = timeline.publish()
    timeline.retract(tombstone["id"])
    for entry_id, status in (
        ("nobody", 404),
        (timeline.draft()["id"], 409),
        (tombstone["id"], 409),
    ):
        check_problem(act(f"{timeline.path}/entries/{entry_id}/pin"), status)


def test_racing_for_the_pin_leaves_one(timeline: Timeline) -> None:
    """After concurrent pins the journal has one pinned entry, which is the coverage's."""
    entries = [timeline.publish() for _ in range(6)]
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda entry: timeline.pin(entry["id"]), entries))
    pinned: set[str] = set()
    for event in timeline.journal():
        if event["type"] == "entry.unpinned":
            pinned.remove(event["entry"]["id"])
        if event["type"] == "entry.pinned":
            pinned.add(event["entry"]["id"])
            assert len(pinned) == 1
    assert pinned == {timeline.read()["pinned"]}


def test_the_pin_stays_through_changes_of_the_entry(timeline: Timeline) -> None:
    """Amendments and corrections keep the pin."""
    entry = timeline.publish()
    timeline.pin(entry["id"])
    assert timeline.amend(entry["id"], headline="Two")["pinned"] is True
    assert timeline.correct(entry["id"], headline="Three")["pinned"] is True
    assert timeline.read()["pinned"] == entry["id"]


def test_a_pinned_entry_may_be_put_on_the_page_apart(timeline: Timeline) -> None:
    """A pinned entry keeps its place in the JSON page."""
    first = timeline.publish()
    timeline.publish()
    timeline.pin(first["id"])
    assert timeline.shown()[-1] == first["id"]
