"""Tests of revisions: an entry's earlier content, with the notes of corrections."""

from tests.contract.problem import check_problem
from tests.contract.timeline import Timeline


def test_revisions_are_told_oldest_first(timeline: Timeline) -> None:
    """Revisions are listed oldest first with their content; a correction's has its note."""
    entry = timeline.publish("One", body="First *words*.")
    timeline.amend(entry["id"], headline="Two")
    timeline.correct(entry["id"], "It was three.", headline="Three", body={"html": "<p>Third</p>"})
    timeline.amend(entry["id"], headline=None)
    revisions = timeline.revisions(entry["id"])
    assert [revision["revision"] for revision in revisions] == [1, 2, 3, 4]
    assert [revision["headline"] for revision in revisions] == ["One", "Two", "Three", None]
    assert [revision["note"] for revision in revisions] == [None, None, "It was three.", None]
    assert revisions[0]["body"] == {
        "html": "<p>First <em>words</em>.</p>",
        "markdown": "First *words*.",
    }
    assert revisions[2]["body"] == {"html": "<p>Third</p>", "markdown": None}
    assert set(revisions[0]) >= {"revision", "at", "note", "headline", "body"}


def test_a_revisions_time_is_that_of_its_event(timeline: Timeline) -> None:
    """A revision's time is that of its event."""
    entry = timeline.publish()
    timeline.amend(entry["id"], headline="Two")
    timeline.correct(entry["id"], headline="Three")
    times = [revision["at"] for revision in timeline.revisions(entry["id"])]
    assert times == [event["at"] for event in timeline.journal()[1:]]
    assert times[0] == entry["published_at"]


def test_a_change_of_no_words_is_a_revision_too(timeline: Timeline) -> None:
    """A change of tags only is a revision; a pin is not."""
    entry = timeline.publish()
    timeline.amend(entry["id"], tags=["late"])
    timeline.pin(entry["id"])
    timeline.unpin(entry["id"])
    assert [revision["revision"] for revision in timeline.revisions(entry["id"])] == [1, 2]


def test_a_correction_in_the_same_moment_as_an_amendment_keeps_its_note(timeline: Timeline) -> None:
    """Each note is on its own revision, however fast changes follow each other."""
    entry = timeline.publish()
    for number in range(10):
        timeline.correct(entry["id"], f"Note {number}.", headline=f"Corrected {number}")
        timeline.amend(entry["id"], headline=f"Amended {number}")
    notes = [revision["note"] for revision in timeline.revisions(entry["id"])]
    expected = [note for number in range(10) for note in (f"Note {number}.", None)]
    assert notes == [None, *expected]


def test_what_a_draft_said_is_no_revision(timeline: Timeline) -> None:
    """Saves of a draft are not revisions of the published entry."""
    draft = timeline.draft("Draftword one")
    timeline.amend(draft["id"], headline="Draftword two")
    check_problem(timeline.get(f"/entries/{draft['id']}/revisions"), 404)
    timeline.amend(draft["id"], headline="Said at last")
    timeline.act(draft["id"], "publication")
    (revision,) = timeline.revisions(draft["id"])
    assert (revision["revision"], revision["headline"]) == (1, "Said at last")


def test_a_retracted_entry_has_no_revisions(timeline: Timeline) -> None:
    """A retracted entry's revisions are an empty list."""
    entry = timeline.publish()
    timeline.correct(entry["id"], headline="Better")
    timeline.retract(entry["id"])
    assert timeline.revisions(entry["id"]) == []
