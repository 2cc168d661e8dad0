"""Promises of the flow: handed in, taken back, returned with a note, published."""

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
    """A contributor's draft."""
    given = {"headline": "Mine", "draft": True}
    return written(timeline.newsroom.contributor.post(f"{timeline.path}/entries", json=given))


def _submit(timeline: Timeline, draft: Json) -> Json:
    address = f"{timeline.path}/drafts/{draft['id']}/submission"
    return written(timeline.newsroom.contributor.put(address))


def test_a_new_draft_is_not_handed_in(timeline: Timeline, draft: Json) -> None:
    """The newsroom's view says so, in the answer and in the list."""
    for shown in draft, timeline.drafts[0]:
        assert (shown["submitted_at"], shown["returned"]) == (None, None)


def test_the_list_of_drafts_tells_the_time(timeline: Timeline) -> None:
    """By the clock that publishes them, so that a desk can count down without one of its own."""
    before = datetime.now(UTC)
    answer = written(timeline.newsroom.editor.get(f"{timeline.path}/drafts"))
    told = datetime.fromisoformat(answer["now"])
    assert before - timedelta(milliseconds=1) <= told <= datetime.now(UTC)


def test_a_submitted_draft_stands_in_the_editors_list(timeline: Timeline, draft: Json) -> None:
    """With the time since when it waits; its revision is the same."""
    submitted = _submit(timeline, draft)
    assert submitted["submitted_at"] is not None
    assert submitted["revision"] == draft["revision"]
    assert timeline.drafts[0]["submitted_at"] == submitted["submitted_at"]
    assert _submit(timeline, draft)["submitted_at"] == submitted["submitted_at"]


def test_a_contributor_does_not_change_what_is_handed_in(timeline: Timeline, draft: Json) -> None:
    """A 409 that says how, and nothing is stored; an editor may."""
    _submit(timeline, draft)
    contributor = timeline.newsroom.contributor
    entry, at_desk = (f"{timeline.path}/{shelf}/{draft['id']}" for shelf in ("entries", "drafts"))
    answer = contributor.patch(entry, json={"headline": "Late"}, headers={"If-Match": "*"})
    assert "take it back" in check_problem(answer, 409, "entry-submitted")["detail"]
    check_problem(contributor.delete(at_desk), 409, "entry-submitted")
    assert timeline.drafts[0]["headline"] == "Mine"
    assert timeline.amend(draft["id"], headline="Edited")["submitted_at"] is not None


def test_a_contributor_takes_it_back_and_goes_on(timeline: Timeline, draft: Json) -> None:
    """After that it is theirs again, and taking it back again changes nothing."""
    _submit(timeline, draft)
    contributor = timeline.newsroom.contributor
    address = f"{timeline.path}/drafts/{draft['id']}/submission"
    for _ in range(2):
        assert written(contributor.delete(address))["submitted_at"] is None
    entry = f"{timeline.path}/entries/{draft['id']}"
    saved = contributor.patch(entry, json={"headline": "Better"}, headers={"If-Match": '"1"'})
    assert written(saved)["headline"] == "Better"


def test_an_editor_returns_it_with_a_note(timeline: Timeline, draft: Json) -> None:
    """Its author reads what is to be done and by whose word, and may go on."""
    _submit(timeline, draft)
    address = f"{timeline.path}/drafts/{draft['id']}/return"
    editor, contributor = timeline.newsroom.editor, timeline.newsroom.contributor
    returned = written(editor.post(address, json={"note": "Who says so?"}))
    assert returned["submitted_at"] is None
    seen = written(contributor.get(f"{timeline.path}/drafts/{draft['id']}"))["returned"]
    assert (seen["note"], seen["by"]) == ("Who says so?", "test editor")
    assert seen["at"] > draft["updated_at"]
    assert _submit(timeline, draft)["returned"] is None


def test_what_is_not_handed_in_is_not_returned(timeline: Timeline, draft: Json) -> None:
    """409; and a return without a note is a 422."""
    address = f"{timeline.path}/drafts/{draft['id']}/return"
    editor = timeline.newsroom.editor
    check_problem(editor.post(address, json={"note": "No"}), 409, "entry-not-submitted")
    _submit(timeline, draft)
    check_problem(editor.post(address, json={"note": " "}), 422)
    check_problem(editor.post(address, json={}), 422)


def test_a_contributor_returns_nothing_and_hands_in_only_their_own(
    timeline: Timeline, draft: Json
) -> None:
    """403, and an entry that is no draft is unknown here."""
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
    """No public answer tells of it."""
    _submit(timeline, draft)
    published = timeline.act(draft["id"], "publication")
    assert published["status"] == "published"
    assert not {"submitted_at", "returned", "author"} & set(timeline.entry(draft["id"]))
    assert "submitted_at" not in timeline.get("/events").text


def test_a_scheduled_entry_becomes_a_draft_again(timeline: Timeline) -> None:
    """Once, and asked again nothing changes; a contributor may not."""
    scheduled = timeline.publish(embargo_until="2999-01-01T00:00:00Z")
    address = f"{timeline.path}/entries/{scheduled['id']}/publication"
    check_problem(timeline.newsroom.contributor.delete(address), 403)
    for _ in range(2):
        undone = written(timeline.newsroom.editor.delete(address))
        assert (undone["status"], undone["embargo_until"]) == ("draft", None)
    assert timeline.page()["entries"] == []


def test_what_is_out_is_not_undone(timeline: Timeline) -> None:
    """409 for an entry that readers have, and for a tombstone."""
    entry = timeline.publish()
    address = f"{timeline.path}/entries/{entry['id']}/publication"
    check_problem(timeline.newsroom.editor.delete(address), 409, "entry-published")
    timeline.retract(entry["id"])
    check_problem(timeline.newsroom.editor.delete(address), 409, "entry-retracted")


def test_a_contributor_does_not_change_what_is_scheduled(timeline: Timeline, draft: Json) -> None:
    """What an editor has passed goes out with the words that the editor saw."""
    timeline.amend(draft["id"], embargo_until="2999-01-01T00:00:00Z")
    contributor = timeline.newsroom.contributor
    entry = f"{timeline.path}/entries/{draft['id']}"
    answer = contributor.patch(entry, json={"headline": "Other"}, headers={"If-Match": "*"})
    check_problem(answer, 409, "entry-scheduled")
    answer = contributor.put(f"{timeline.path}/drafts/{draft['id']}/submission")
    check_problem(answer, 409, "entry-scheduled")
