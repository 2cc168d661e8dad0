"""Tests of a draft's workflow: submitted, withdrawn, returned with a note, published."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.conftest import Newsroom
from tests.contract.problem import check_problem
from tests.contract.timeline import Timeline
from tests.desk.desks import Json, written


@pytest.fixture
def timeline(newsroom: Newsroom, slug: str) -> Timeline:
    """A new live coverage."""
    return Timeline(newsroom, slug)


@pytest.fixture
def draft(timeline: Timeline) -> Json:
    """A draft of a contributor."""
    form = {"headline": "Mine", "draft": True}
    return written(timeline.newsroom.contributor.post(f"{timeline.path}/entries", json=form))


def _submit(timeline: Timeline, draft: Json) -> Json:
    address = f"{timeline.path}/drafts/{draft['id']}/submission"
    return written(timeline.newsroom.contributor.put(address))


def test_a_new_draft_is_not_handed_in(timeline: Timeline, draft: Json) -> None:
    """A new draft is neither submitted nor returned, in the response and in the list."""
    for document in draft, timeline.drafts[0]:
        assert (document["submitted_at"], document["returned"]) == (None, None)


def test_the_list_of_drafts_tells_the_time(timeline: Timeline) -> None:
    """The list of drafts has the server's time, for the desk's countdown."""
    before = datetime.now(UTC)
    answer = written(timeline.newsroom.editor.get(f"{timeline.path}/drafts"))
    server_time = datetime.fromisoformat(answer["now"])
    assert before - timedelta(milliseconds=1) <= server_time <= datetime.now(UTC)


def test_a_submitted_draft_stands_in_the_editors_list(timeline: Timeline, draft: Json) -> None:
    """A submitted draft is listed with the time of its submission; its revision is unchanged.

    Submitting it again changes nothing.
    """
    submitted = _submit(timeline, draft)
    assert submitted["submitted_at"] is not None
    assert submitted["revision"] == draft["revision"]
    assert timeline.drafts[0]["submitted_at"] == submitted["submitted_at"]
    assert _submit(timeline, draft)["submitted_at"] == submitted["submitted_at"]


def test_a_contributor_does_not_change_what_is_handed_in(timeline: Timeline, draft: Json) -> None:
    """A contributor cannot change or delete a submitted draft (409); an editor can."""
    _submit(timeline, draft)
    contributor = timeline.newsroom.contributor
    entry, draft_path = (
        f"{timeline.path}/{collection}/{draft['id']}" for collection in ("entries", "drafts")
    )
    answer = contributor.patch(entry, json={"headline": "Late"}, headers={"If-Match": "*"})
    assert "take it back" in check_problem(answer, 409, "entry-submitted")["detail"]
    check_problem(contributor.delete(draft_path), 409, "entry-submitted")
    assert timeline.drafts[0]["headline"] == "Mine"
    assert timeline.amend(draft["id"], headline="Edited")["submitted_at"] is not None


def test_a_contributor_takes_it_back_and_goes_on(timeline: Timeline, draft: Json) -> None:
    """Its author withdraws a submission, twice without error, and edits the draft again."""
    _submit(timeline, draft)
    contributor = timeline.newsroom.contributor
    address = f"{timeline.path}/drafts/{draft['id']}/submission"
    for _ in range(2):
        assert written(contributor.delete(address))["submitted_at"] is None
    entry = f"{timeline.path}/entries/{draft['id']}"
    saved = contributor.patch(entry, json={"headline": "Better"}, headers={"If-Match": '"1"'})
    assert written(saved)["headline"] == "Better"


def test_an_editor_returns_it_with_a_note(timeline: Timeline, draft: Json) -> None:
    """An editor returns a draft with a note, which its author reads with the editor's name.

    A new submission clears the note.
    """
    _submit(timeline, draft)
    address = f"{timeline.path}/drafts/{draft['id']}/return"
    editor, contributor = timeline.newsroom.editor, timeline.newsroom.contributor
    returned = written(editor.post(address, json={"note": "Who says so?"}))
    assert returned["submitted_at"] is None
    note = written(contributor.get(f"{timeline.path}/drafts/{draft['id']}"))["returned"]
    assert (note["note"], note["by"]) == ("Who says so?", "test editor")
    assert note["at"] > draft["updated_at"]
    assert _submit(timeline, draft)["returned"] is None


def test_what_is_not_handed_in_is_not_returned(timeline: Timeline, draft: Json) -> None:
    """A draft that was not submitted cannot be returned (409), nor one without a note (422)."""
    address = f"{timeline.path}/drafts/{draft['id']}/return"
    editor = timeline.newsroom.editor
    check_problem(editor.post(address, json={"note": "No"}), 409, "entry-not-submitted")
    _submit(timeline, draft)
    check_problem(editor.post(address, json={"note": " "}), 422)
    check_problem(editor.post(address, json={}), 422)


def test_a_contributor_returns_nothing_and_hands_in_only_their_own(
    timeline: Timeline, draft: Json
) -> None:
    """A contributor gets a 403 for a return and for another's draft, and 404 for a public entry."""
    contributor = timeline.newsroom.contributor
    drafts = f"{timeline.path}/drafts"
    answer = contributor.post(f"{drafts}/{draft['id']}/return", json={"note": "No"})
    check_problem(answer, 403)
    others = timeline.draft("Another's")
    for method in "PUT", "DELETE":
        check_problem(contributor.request(method, f"{drafts}/{others['id']}/submission"), 403)
    public = timeline.publish()
    check_problem(contributor.put(f"{drafts}/{public['id']}/submission"), 404)


def test_publication_clears_the_flow(timeline: Timeline, draft: Json) -> None:
    """Publication clears the submission, and no public response shows it or the author."""
    _submit(timeline, draft)
    published = timeline.act(draft["id"], "publication")
    assert published["status"] == "published"
    assert not {"submitted_at", "returned", "author"} & set(timeline.entry(draft["id"]))
    assert "submitted_at" not in timeline.get("/events").text


def test_a_scheduled_entry_becomes_a_draft_again(timeline: Timeline) -> None:
    """Cancelling a scheduled publication makes a draft; repeated, it changes nothing.

    A contributor gets a 403.
    """
    scheduled = timeline.publish(embargo_until="2999-01-01T00:00:00Z")
    address = f"{timeline.path}/entries/{scheduled['id']}/publication"
    check_problem(timeline.newsroom.contributor.delete(address), 403)
    for _ in range(2):
        draft = written(timeline.newsroom.editor.delete(address))
        assert (draft["status"], draft["embargo_until"]) == ("draft", None)
    assert timeline.page()["entries"] == []


def test_what_is_out_is_not_undone(timeline: Timeline) -> None:
    """A published or retracted entry cannot be made a draft again (409)."""
    entry = timeline.publish()
    address = f"{timeline.path}/entries/{entry['id']}/publication"
    check_problem(timeline.newsroom.editor.delete(address), 409, "entry-published")
    timeline.retract(entry["id"])
    check_problem(timeline.newsroom.editor.delete(address), 409, "entry-retracted")


def test_a_contributor_does_not_change_what_is_scheduled(timeline: Timeline, draft: Json) -> None:
    """A contributor can neither change nor submit a scheduled draft (409)."""
    timeline.amend(draft["id"], embargo_until="2999-01-01T00:00:00Z")
    contributor = timeline.newsroom.contributor
    entry = f"{timeline.path}/entries/{draft['id']}"
    answer = contributor.patch(entry, json={"headline": "Other"}, headers={"If-Match": "*"})
    check_problem(answer, 409, "entry-scheduled")
    answer = contributor.put(f"{timeline.path}/drafts/{draft['id']}/submission")
    check_problem(answer, 409, "entry-scheduled")
