"""Tests of amendments, which change no fact, and corrections, which have a public note."""

from typing import Any

import pytest

from tests.contract.problem import check_problem, pointers
from tests.contract.timeline import Timeline


def test_an_amendment_changes_what_it_names(timeline: Timeline) -> None:
    """An amendment changes the given fields; null and empty remove optional ones."""
    place = {"name": "Sea of Tranquility"}
    entry = timeline.publish("One", body="Words", tags=["a", "b"], kind="quote", place=place)
    amended = timeline.amend(entry["id"], headline="Two", tags=[], place=None)
    assert (amended["headline"], amended["tags"], amended["place"]) == ("Two", [], None)
    assert (amended["kind"], amended["body"]) == ("quote", entry["body"])
    assert (amended["revision"], amended["correction"]) == (2, None)


def test_an_amendment_is_one_event(timeline: Timeline) -> None:
    """An amendment is one event with the complete entry; its cursor is in the response."""
    entry = timeline.publish("One")
    amended = timeline.amend(entry["id"], headline="Two")
    event = timeline.journal()[-1]
    assert (event["type"], event["cursor"]) == ("entry.amended", amended.pop("cursor"))
    assert event["entry"] == amended == timeline.entry(entry["id"])


def test_a_correction_says_what_was_wrong(timeline: Timeline) -> None:
    """A correction sets fields, and stores the note with its time in the entry."""
    entry = timeline.publish("At 20:17:39", body="Words")
    corrected = timeline.correct(
        entry["id"], "It was a second later.", headline="At 20:17:40", tags=["time"]
    )
    assert (corrected["headline"], corrected["tags"]) == ("At 20:17:40", ["time"])
    assert corrected["correction"]["note"] == "It was a second later."
    assert corrected["correction"]["at"] == corrected["updated_at"]
    assert (corrected["revision"], corrected["body"]) == (2, entry["body"])
    event = timeline.journal()[-1]
    assert (event["type"], event["cursor"]) == ("entry.corrected", corrected["cursor"])


def test_a_correction_answers_its_etag(timeline: Timeline) -> None:
    """The response to a correction has the new ETag."""
    entry = timeline.publish()
    answer = timeline.newsroom.editor.post(
        f"{timeline.path}/entries/{entry['id']}/correction", json={"note": "n", "headline": "x"}
    )
    assert (answer.status_code, answer.headers["etag"]) == (200, '"2"')


def test_the_latest_correction_stands(timeline: Timeline) -> None:
    """An entry has its latest correction's note; an amendment keeps it."""
    entry = timeline.publish()
    timeline.correct(entry["id"], "First note.", headline="a")
    assert timeline.amend(entry["id"], headline="b")["correction"]["note"] == "First note."
    assert timeline.correct(entry["id"], "Second note.", headline="c")["correction"]["note"] == (
        "Second note."
    )


def test_a_correction_redacts_nothing(timeline: Timeline) -> None:
    """A correction redacts nothing: earlier text stays in revisions and journal."""
    entry = timeline.publish("Wrongword")
    timeline.correct(entry["id"], headline="Rightword")
    assert timeline.revisions(entry["id"])[0]["headline"] == "Wrongword"
    assert timeline.journal()[1]["entry"]["headline"] == "Wrongword"


def test_a_note_alone_is_a_correction(timeline: Timeline) -> None:
    """A correction may consist of a note alone."""
    entry = timeline.publish("As it was")
    corrected = timeline.correct(entry["id"], "An earlier version gave another time.")
    assert (corrected["revision"], corrected["headline"]) == (2, "As it was")


@pytest.mark.parametrize("action", ["correction", "retraction"])
@pytest.mark.parametrize(
    "payload", [{}, {"note": ""}, {"note": "  \n"}, {"note": None}, {"note": 5}, {"note": "nul\0"}]
)
def test_the_note_is_required(timeline: Timeline, action: str, payload: dict[str, Any]) -> None:
    """A correction or retraction without a note is a 422 and changes nothing."""
    entry = timeline.publish("Stays")
    head = timeline.head
    answer = timeline.newsroom.editor.post(
        f"{timeline.path}/entries/{entry['id']}/{action}", json=payload
    )
    assert pointers(check_problem(answer, 422)) == {"/note"}
    assert timeline.head == head
    assert timeline.entry(entry["id"])["status"] == "published"


@pytest.mark.parametrize("wrong", [{"headline": 5}, {"kind": "x"}, {"tags": [""]}, {"body": 7}])
def test_a_correction_of_the_wrong_shape_changes_nothing(
    timeline: Timeline, wrong: dict[str, Any]
) -> None:
    """A change with one invalid field is refused as a whole."""
    entry = timeline.publish("Stays", body="Words")
    form = {"note": "n", "language": "de", **wrong}
    address = f"{timeline.path}/entries/{entry['id']}"
    check_problem(timeline.newsroom.editor.post(f"{address}/correction", json=form), 422)
    del form["note"]
    any_revision = {"If-Match": "*"}
    check_problem(timeline.newsroom.editor.patch(address, json=form, headers=any_revision), 422)
    del entry["cursor"]
    assert timeline.entry(entry["id"]) == entry


@pytest.mark.parametrize("emptied", [{"headline": None}, {"headline": ""}, {"headline": "  "}])
def test_nothing_may_be_left_empty(timeline: Timeline, emptied: dict[str, Any]) -> None:
    """A change that would leave an entry empty is a 422."""
    entry = timeline.publish("Only this")
    address = f"{timeline.path}/entries/{entry['id']}"
    editor = timeline.newsroom.editor
    check_problem(editor.patch(address, json=emptied, headers={"If-Match": "*"}), 422)
    check_problem(editor.post(f"{address}/correction", json={"note": "n", **emptied}), 422)
    assert timeline.entry(entry["id"])["headline"] == "Only this"


@pytest.mark.parametrize("field", ["status", "seq", "id", "revision", "published_at", "pinned"])
def test_what_the_server_decides_cannot_be_sent(timeline: Timeline, field: str) -> None:
    """A field that the server sets is refused or ignored."""
    entry = timeline.publish()
    address = f"{timeline.path}/entries/{entry['id']}"
    form = {field: {"pinned": True, "seq": 99, "revision": 99}.get(field, "x")}
    answer = timeline.newsroom.editor.patch(address, json=form, headers={"If-Match": "*"})
    assert answer.status_code in {200, 422}
    assert timeline.entry(entry["id"])[field] == entry[field]
