"""Tests of the embargo: a scheduled entry is published at its time, and not before."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.contract.problem import check_problem
from tests.contract.streams import open_socket, open_stream
from tests.contract.timeline import Timeline

FAR = "2999-01-01T00:00:00.000Z"


def soon(seconds: float) -> str:
    """Return the time in so many seconds."""
    return (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat()


def test_a_future_embargo_schedules(timeline: Timeline) -> None:
    """An entry with a future embargo is scheduled, is listed among the drafts and is no event."""
    head = timeline.head
    entry = timeline.publish(embargo_until=FAR)
    assert (entry["status"], entry["embargo_until"], entry.get("cursor")) == (
        "scheduled",
        FAR,
        None,
    )
    assert timeline.drafts[0]["embargo_until"] == FAR
    assert timeline.head == head


def test_a_past_embargo_is_ignored(timeline: Timeline) -> None:
    """An entry with a past embargo is published at once, with the current time."""
    entry = timeline.publish(embargo_until="1969-07-20T20:17:40Z")
    assert entry["status"] == "published"
    assert entry["published_at"] > "2000"
    assert entry["cursor"] == timeline.head


@pytest.mark.parametrize("until", [FAR, "1969-07-20T20:17:40Z"])
def test_draft_wins_over_the_embargo(timeline: Timeline, until: str) -> None:
    """An entry with `draft` and an embargo is a draft."""
    assert timeline.draft(embargo_until=until)["status"] == "draft"
    assert timeline.drafts[0]["status"] == "draft"


def test_it_goes_out_by_itself(timeline: Timeline) -> None:
    """At its time one event publishes a scheduled entry on every stream."""
    server, until = timeline.newsroom.server, soon(0.7)
    with (
        open_stream(server, timeline.slug) as stream,
        open_socket(server, timeline.slug) as socket,
    ):
        stream.frame(), socket.frame()
        scheduled = timeline.publish("Embargoedword", embargo_until=until)
        event = stream.event()
        assert socket.frame() == event
    assert (event["type"], event["entry"]["id"]) == ("entry.published", scheduled["id"])
    assert datetime.fromisoformat(event["at"]) >= datetime.fromisoformat(until).replace(
        microsecond=0
    )
    assert event["at"] == event["entry"]["published_at"]
    assert "embargo_until" not in event["entry"]
    assert timeline.drafts == []
    assert timeline.journal()[-1] == event


def test_no_word_leaks_before_its_time(timeline: Timeline) -> None:
    """No public URL and no stream contains a scheduled entry's text."""
    fields = {"body": "Embargoedword", "tags": ["Embargoedword"], "key_event": True}
    scheduled = timeline.publish("Embargoedword", embargo_until=FAR, **fields)
    reader = timeline.newsroom.reader
    addresses = [
        f"{timeline.path}{below}"
        for below in ("", "/entries", "/entries?key_events=true", f"/entries?at={FAR}", "/events")
    ]
    for address in [*addresses, "/v1/coverages", "/", f"/coverages/{timeline.slug}"]:
        assert "Embargoedword" not in reader.get(address).text
        assert scheduled["id"] not in reader.get(address).text
    for below in ("", "/revisions"):
        check_problem(timeline.get(f"/entries/{scheduled['id']}{below}"), 404)
    with open_stream(timeline.newsroom.server, timeline.slug, after="0") as stream:
        written = timeline.publish("Public")
        assert "Embargoedword" not in str(stream.until(written["cursor"]))


def test_the_time_can_be_moved(timeline: Timeline) -> None:
    """A change of the embargo reschedules; null makes a draft, and a past time publishes."""
    entry = timeline.publish(embargo_until=FAR)
    moved = timeline.amend(entry["id"], embargo_until="2998-01-01T00:00:00Z")
    assert (moved["status"], moved["embargo_until"]) == ("scheduled", "2998-01-01T00:00:00.000Z")
    assert timeline.amend(entry["id"], embargo_until=None)["status"] == "draft"
    with open_stream(timeline.newsroom.server, timeline.slug) as stream:
        stream.frame()
        timeline.amend(entry["id"], embargo_until="1969-07-20T20:17:40Z")
        assert stream.event()["entry"]["id"] == entry["id"]


def test_a_draft_can_be_given_a_time(timeline: Timeline) -> None:
    """An editor schedules a draft by an embargo."""
    draft = timeline.draft()
    assert timeline.amend(draft["id"], embargo_until=FAR)["status"] == "scheduled"


def test_a_scheduled_entry_can_be_published_or_deleted_at_once(timeline: Timeline) -> None:
    """A scheduled entry can be published or deleted before its time, which then has no effect."""
    until = soon(1.5)
    first, second = (timeline.publish(embargo_until=until) for _ in range(2))
    assert timeline.act(first["id"], "publication")["status"] == "published"
    address = f"{timeline.path}/drafts/{second['id']}"
    assert timeline.newsroom.editor.delete(address).status_code == 200
    with open_stream(timeline.newsroom.server, timeline.slug) as stream:
        stream.frame()
        third = timeline.publish("After that time", embargo_until=soon(1.6))
        assert stream.event()["entry"]["id"] == third["id"]
    published = [event["entry"]["id"] for event in timeline.journal()[1:]]
    assert published == [first["id"], third["id"]]


def test_a_public_entry_takes_no_embargo(timeline: Timeline) -> None:
    """A published entry takes no embargo."""
    entry = timeline.publish()
    answer = timeline.newsroom.editor.patch(
        f"{timeline.path}/entries/{entry['id']}",
        json={"embargo_until": FAR},
        headers={"If-Match": "*"},
    )
    assert answer.status_code in {409, 422}
    check_problem(answer, answer.status_code)
    assert timeline.entry(entry["id"])["status"] == "published"


def test_a_contributor_schedules_nothing(timeline: Timeline) -> None:
    """A contributor cannot schedule an entry (403)."""
    contributor = timeline.newsroom.contributor
    address = f"{timeline.path}/entries"
    check_problem(contributor.post(address, json={"headline": "x", "embargo_until": FAR}), 403)
    draft = contributor.post(address, json={"headline": "x", "draft": True}).json()
    answer = contributor.patch(
        f"{address}/{draft['id']}", json={"embargo_until": FAR}, headers={"If-Match": "*"}
    )
    check_problem(answer, 403)
    draft_ = contributor.get(f"{timeline.path}/drafts/{draft['id']}").json()
    assert (draft_["status"], draft_["embargo_until"]) == ("draft", None)
