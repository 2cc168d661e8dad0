"""Tests of a single entry."""

import re

import pytest

from tests.contract.newsrooms import new_timeline
from tests.contract.problem import check_problem
from tests.contract.timeline import Timeline

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
FIELDS = {
    "id",
    "coverage",
    "seq",
    "revision",
    "status",
    "headline",
    "body",
    "kind",
    "key_event",
    "pinned",
    "bylines",
    "tags",
    "place",
    "happened_at",
    "published_at",
    "updated_at",
    "edited_at",
    "correction",
    "retraction",
    "media",
    "language",
    "url",
}


def test_an_entry_has_every_field_of_the_contract(timeline: Timeline) -> None:
    """An entry has every field of the contract, with defaults for unset ones."""
    entry = timeline.entry(timeline.publish("Only a headline")["id"])
    assert set(entry) >= FIELDS
    assert isinstance(entry["id"], str)
    assert (entry["coverage"], entry["status"], entry["revision"]) == (
        timeline.slug,
        "published",
        1,
    )
    assert (entry["kind"], entry["key_event"], entry["pinned"]) == ("update", False, False)
    assert [entry[name] for name in ("bylines", "tags", "media")] == [[], [], []]
    absent = ("body", "place", "happened_at", "edited_at", "correction", "retraction")
    assert [entry[name] for name in absent] == [None] * len(absent)
    assert TIME.fullmatch(entry["published_at"])
    assert entry["updated_at"] == entry["published_at"]
    assert entry["url"].endswith(f"/coverages/{timeline.slug}/entries/{entry['id']}")


def test_an_entry_is_the_same_wherever_it_is_read(timeline: Timeline) -> None:
    """An entry is equal in its own URL, the page, its event and the response to its POST."""
    written = timeline.publish("The Eagle has landed", body="*Tranquility* here.", tags=["moon"])
    event = timeline.journal()[-1]
    assert written.pop("cursor") == event["cursor"]
    assert timeline.entry(written["id"]) == event["entry"] == written
    assert timeline.page()["entries"] == [written]


def test_seq_is_the_place_of_the_publication(timeline: Timeline) -> None:
    """An entry's seq is that of its publication and never changes."""
    entry = timeline.publish()
    assert entry["seq"] == timeline.journal()[-1]["seq"] == 2
    timeline.amend(entry["id"], headline="Otherwise")
    timeline.pin(entry["id"])
    assert timeline.entry(entry["id"])["seq"] == 2
    timeline.retract(entry["id"])
    assert timeline.entry(entry["id"])["seq"] == 2


def test_revisions_count_up_and_publication_stays(timeline: Timeline) -> None:
    """Amendments and corrections increment the revision, a pin does not; `published_at` stays."""
    entry = timeline.publish()
    revised = [
        timeline.amend(entry["id"], headline="Two"),
        timeline.pin(entry["id"]),
        timeline.correct(entry["id"], headline="Three"),
    ]
    assert [state["revision"] for state in revised] == [2, 2, 3]
    assert {state["published_at"] for state in revised} == {entry["published_at"]}
    assert revised[-1]["updated_at"] >= revised[0]["updated_at"] >= entry["published_at"]


def test_a_tombstone_keeps_its_place_and_no_words(timeline: Timeline) -> None:
    """A tombstone keeps identity, seq, revision, time and URL; all content is empty."""
    fields = {"body": "Words.", "tags": ["a"], "bylines": ["B"], "key_event": True, "kind": "quote"}
    place, happened = {"name": "Sea of Tranquility"}, "1969-07-20T20:17:40Z"
    entry = timeline.publish("Words", place=place, happened_at=happened, **fields)
    timeline.correct(entry["id"], "A note with words.")
    timeline.pin(entry["id"])
    timeline.retract(entry["id"], "It was not so.")
    tombstone = timeline.entry(entry["id"])
    kept_fields = ("id", "seq", "published_at", "coverage", "url")
    assert {name: tombstone[name] for name in kept_fields} == {
        name: entry[name] for name in kept_fields
    }
    assert (tombstone["status"], tombstone["revision"], tombstone["pinned"]) == (
        "retracted",
        2,
        False,
    )
    assert tombstone["retraction"]["note"] == "It was not so."
    assert TIME.fullmatch(tombstone["retraction"]["at"])
    emptied_fields = ("headline", "body", "place", "happened_at", "correction")
    assert [tombstone[name] for name in emptied_fields] == [None] * len(emptied_fields)
    assert [tombstone[name] for name in ("tags", "bylines", "media")] == [[], [], []]
    assert tombstone["key_event"] is False


def test_an_entrys_etag_is_its_revision(timeline: Timeline) -> None:
    """An entry's ETag is accepted as `If-Match`, pinned or not."""
    entry = timeline.publish()
    address = f"/entries/{entry['id']}"
    assert timeline.get(address).headers["etag"] == '"1"'
    timeline.amend(entry["id"], revision=timeline.get(address).headers["etag"], headline="Two")
    assert timeline.get(address).headers["etag"] == '"2"'
    timeline.pin(entry["id"])
    timeline.amend(entry["id"], revision=timeline.get(address).headers["etag"], headline="Three")
    assert timeline.entry(entry["id"])["headline"] == "Three"


@pytest.mark.parametrize("entry_id", ["nobody", "%00", "%C3%A4", "-", "..%2f..", "x" * 300, "%FF"])
def test_an_unknown_entry_is_not_there(timeline: Timeline, entry_id: str) -> None:
    """An unknown entry id is a 404 for readers and editors."""
    for below in ("", "/revisions"):
        for client in (timeline.newsroom.reader, timeline.newsroom.editor):
            check_problem(client.get(f"{timeline.path}/entries/{entry_id}{below}"), 404)


def test_an_entry_of_another_coverage_is_not_there(timeline: Timeline) -> None:
    """An entry is found in its own coverage only."""
    other = new_timeline(timeline.newsroom, f"{timeline.slug}-2")
    entry = other.publish()
    for below in ("", "/revisions"):
        check_problem(timeline.get(f"/entries/{entry['id']}{below}"), 404)
    any_revision = {"If-Match": "*"}
    address = f"{timeline.path}/entries/{entry['id']}"
    check_problem(timeline.newsroom.editor.patch(address, json={}, headers=any_revision), 404)
    check_problem(timeline.newsroom.editor.put(f"{address}/pin"), 404)
