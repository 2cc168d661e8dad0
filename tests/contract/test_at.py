"""Tests of `at`: the page as of a time is the fold of the journal up to then."""

import pytest

from tests.contract.problem import check_problem
from tests.contract.timeline import Json, Timeline, fold_events


def page_at(timeline: Timeline, time: str) -> dict[str, Json]:
    """Return the page's entries at a time, by id."""
    entries = timeline.page(at=time, limit=100)["entries"]
    return {entry["id"]: entry for entry in entries}


def make_changes(timeline: Timeline) -> list[Json]:
    """Make every kind of change to a coverage; returns its journal."""
    figures = [{"metric": "killed", "value": "107", "source": "A centre"}]
    first = timeline.publish("First", body="With *words*.", tags=["one"], figures=figures)
    second = timeline.publish("Second", key_event=True)
    timeline.pin(first["id"])
    timeline.change(kicker="Changed", status="paused")
    timeline.amend(second["id"], headline="Second, longer", tags=["two"])
    timeline.pin(second["id"])
    timeline.correct(first["id"], "It was the 21st.", body="On the 21st.")
    timeline.act(first["id"], "assessment", {"figure": 0, "status": "false", "note": "It was 11."})
    third = timeline.publish("Third", language="fr")
    timeline.unpin(second["id"])
    timeline.retract(third["id"])
    timeline.change(status="closed")
    return timeline.journal()


def test_the_page_at_each_event_is_what_the_events_add_up_to(timeline: Timeline) -> None:
    """At the time of each event the page is the fold of all events up to it, inclusive."""
    events = make_changes(timeline)
    for time in {event["at"] for event in events}:
        until = [event for event in events if event["at"] <= time]
        assert page_at(timeline, time) == fold_events(until), time


def test_the_page_now_is_the_page_at_the_end_of_time(timeline: Timeline) -> None:
    """The page at the end of time is the current page."""
    make_changes(timeline)
    assert timeline.page(at="9999-12-31T23:59:59.999Z") == timeline.page()


def test_times_never_run_backwards(timeline: Timeline) -> None:
    """Events are in order of time as well as of seq, so that a time splits the journal in two."""
    times = [event["at"] for event in make_changes(timeline)]
    assert times == sorted(times)


@pytest.mark.parametrize("time", ["0001-01-01T00:00:00Z", "1969-07-20T20:17:40Z"])
def test_before_it_was_opened_the_page_is_empty(timeline: Timeline, time: str) -> None:
    """Before the coverage was opened the page is empty, which is no error."""
    timeline.publish()
    page = timeline.page(at=time)
    assert (page["entries"], page["next"], page["previous"]) == ([], None, None)
    assert page["cursor"] == timeline.head


def test_a_moment_before_publication_does_not_know_the_entry(timeline: Timeline) -> None:
    """Before its publication an entry is neither on the page nor valid as `before`."""
    opened = timeline.journal()[0]["at"]
    while (entry := timeline.publish())["published_at"] == opened:
        pass
    assert entry["id"] not in page_at(timeline, opened)
    check_problem(timeline.get("/entries", at=opened, before=entry["id"]), 404)


def test_a_pin_and_its_leave_are_seen_at_their_times(timeline: Timeline) -> None:
    """An entry is pinned from the event of its pin on; a later unpin does not change that page."""
    entry = timeline.publish()
    timeline.pin(entry["id"])
    pinned = timeline.journal()[-1]["at"]
    assert page_at(timeline, pinned)[entry["id"]]["pinned"] is True
    while timeline.publish()["published_at"] == pinned:
        pass
    timeline.unpin(entry["id"])
    assert page_at(timeline, pinned)[entry["id"]]["pinned"] is True
    assert timeline.entry(entry["id"])["pinned"] is False


def test_a_corrected_entry_is_shown_as_it_was(timeline: Timeline) -> None:
    """A correction redacts nothing: the earlier page has the earlier text."""
    entry = timeline.publish("Wrong")
    while timeline.publish()["published_at"] == entry["published_at"]:
        pass
    timeline.correct(entry["id"], headline="Right")
    before = page_at(timeline, entry["published_at"])[entry["id"]]
    assert (before["headline"], before["correction"], before["revision"]) == ("Wrong", None, 1)


def test_a_retracted_entry_is_a_tombstone_at_every_moment(timeline: Timeline) -> None:
    """A retracted entry is a tombstone at every time, even that of its publication."""
    entry = timeline.publish("Unsaidword", body="Unsaidword")
    timeline.publish("Another")
    tombstone = timeline.retract(entry["id"])
    del tombstone["cursor"]
    page = page_at(timeline, entry["published_at"])
    assert page[entry["id"]] == tombstone == timeline.entry(entry["id"])
    assert "Unsaidword" not in str(page)


def test_a_draft_was_never_there(timeline: Timeline) -> None:
    """An entry appears at its publication, not when its draft was created."""
    draft = timeline.draft()
    other = timeline.publish()
    while timeline.publish()["published_at"] == other["published_at"]:
        pass
    timeline.act(draft["id"], "publication")
    assert draft["id"] not in page_at(timeline, other["published_at"])


def test_filters_are_those_of_then(timeline: Timeline) -> None:
    """Filters apply to the entry as of the time: a tag added later does not match."""
    entry = timeline.publish(tags=["then"])
    while timeline.publish()["published_at"] == entry["published_at"]:
        pass
    timeline.amend(entry["id"], tags=["now"])
    then = entry["published_at"]
    assert timeline.shown(at=then, tag="then") == [entry["id"]]
    assert timeline.shown(at=then, tag="now") == []


def test_offsets_and_digits_of_a_moment_do_not_matter(timeline: Timeline) -> None:
    """A time's offset does not matter, and microseconds are cut to milliseconds."""
    entry = timeline.publish()
    at = entry["published_at"].removesuffix("Z")
    for text in (f"{at}000Z", f"{at}999Z", f"{at}+00:00", f"{at}-00:00"):
        assert entry["id"] in page_at(timeline, text)
