"""Tests of drafts: they are private to the newsroom until they are published."""

from typing import Any

import pytest

from tests.contract.newsrooms import client_of, new_key
from tests.contract.problem import check_problem
from tests.contract.streams import open_socket, open_stream
from tests.contract.timeline import Timeline


def test_a_draft_is_answered_with_its_address(timeline: Timeline) -> None:
    """A new draft is a 201 with its URL in `Location` and its revision, without a cursor."""
    form = {"headline": "Not yet", "draft": True}
    answer = timeline.newsroom.contributor.post(f"{timeline.path}/entries", json=form)
    assert answer.status_code == 201
    draft = answer.json()
    assert (draft["status"], draft["published_at"], draft["seq"]) == ("draft", None, None)
    assert draft.get("cursor") is None
    assert answer.headers["etag"] == f'"{draft["revision"]}"'
    location = answer.headers["location"].removeprefix(timeline.newsroom.server.url)
    assert location == f"{timeline.path}/drafts/{draft['id']}"
    stored = timeline.newsroom.contributor.get(location).json()
    assert (stored["id"], stored["headline"], stored["status"]) == (draft["id"], "Not yet", "draft")


def test_drafts_are_listed_to_the_newsroom(timeline: Timeline) -> None:
    """The newsroom's list has drafts and scheduled entries, and no public ones."""
    draft = timeline.draft()
    scheduled = timeline.publish(embargo_until="2999-01-01T00:00:00Z")
    timeline.publish("Public")
    assert {draft_["id"] for draft_ in timeline.drafts} == {draft["id"], scheduled["id"]}
    assert {draft_["status"] for draft_ in timeline.drafts} == {"draft", "scheduled"}


def test_readers_have_no_way_to_a_draft(timeline: Timeline) -> None:
    """No public URL contains a draft's text; the newsroom's URLs answer readers with 401."""
    entry_id = timeline.draft("Draftword", body="Draftword", tags=["Draftword"], key_event=True)[
        "id"
    ]
    reader = timeline.newsroom.reader
    for address in ("", f"/{entry_id}"):
        check_problem(reader.get(f"{timeline.path}/drafts{address}"), 401)
    for below in (f"/entries/{entry_id}", f"/entries/{entry_id}/revisions"):
        check_problem(timeline.get(below), 404)
    assert reader.get(f"/coverages/{timeline.slug}/entries/{entry_id}").status_code == 404
    for address in (
        "",
        "/entries",
        "/events",
        "/entries?tag=Draftword",
        "/entries?key_events=true",
    ):
        assert "Draftword" not in reader.get(f"{timeline.path}{address}").text
    for address in ("/", f"/coverages/{timeline.slug}"):
        assert "Draftword" not in reader.get(address).text


def test_a_draft_makes_no_event(timeline: Timeline) -> None:
    """Creating, saving and deleting a draft causes no event and does not change the head."""
    head = timeline.head
    with (
        open_stream(timeline.newsroom.server, timeline.slug) as stream,
        open_socket(timeline.newsroom.server, timeline.slug) as socket,
    ):
        stream.frame(), socket.frame()
        draft = timeline.draft("Draftword")
        timeline.amend(draft["id"], headline="Draftword two")
        timeline.newsroom.editor.delete(f"{timeline.path}/drafts/{draft['id']}")
        assert timeline.head == head
        written = timeline.publish("Public")
        assert stream.event()["cursor"] == socket.frame()["cursor"] == written["cursor"]


def test_a_draft_is_saved_with_its_revision(timeline: Timeline) -> None:
    """Each save of a draft increments its revision; a stale or missing one is refused."""
    draft = timeline.draft()
    etag = f'"{draft["revision"]}"'
    saved = timeline.amend(draft["id"], etag, headline="Nearly")
    assert (saved["status"], saved["revision"]) == ("draft", draft["revision"] + 1)
    editor, address = timeline.newsroom.editor, f"{timeline.path}/entries/{draft['id']}"
    answer = editor.patch(address, json={"headline": "Late"}, headers={"If-Match": etag})
    check_problem(answer, 412)
    check_problem(editor.patch(address, json={"headline": "Blind"}), 428)
    stored = editor.get(f"{timeline.path}/drafts/{draft['id']}")
    assert stored.json()["headline"] == "Nearly"
    assert stored.headers["etag"] == f'"{saved["revision"]}"'


def test_publishing_a_draft_makes_it_an_entry(timeline: Timeline) -> None:
    """A published draft has the seq of its publication and revision 1, and is no longer a draft."""
    draft = timeline.draft("At last", body="Words", tags=["moon"])
    timeline.amend(draft["id"], headline="At long last")
    timeline.publish("In between")
    entry = timeline.act(draft["id"], "publication")
    assert (entry["status"], entry["revision"], entry["seq"]) == ("published", 1, 3)
    assert (entry["id"], entry["headline"]) == (draft["id"], "At long last")
    assert entry.pop("cursor") == timeline.head
    assert timeline.entry(draft["id"]) == entry
    assert timeline.drafts == []
    check_problem(timeline.newsroom.editor.get(f"{timeline.path}/drafts/{draft['id']}"), 404)


def test_nothing_of_the_newsrooms_goes_out_with_a_publication(timeline: Timeline) -> None:
    """No public response shows an entry's author or former embargo."""
    public_fields = set(timeline.entry(timeline.publish()["id"]))
    scheduled = timeline.publish(embargo_until="2999-01-01T00:00:00Z")
    timeline.act(scheduled["id"], "publication")
    assert set(timeline.entry(scheduled["id"])) == public_fields
    assert "2999" not in timeline.get("/events").text


def test_a_published_entry_is_published_once(timeline: Timeline) -> None:
    """A second publication is a 409 and no event."""
    draft = timeline.draft()
    timeline.act(draft["id"], "publication")
    head = timeline.head
    address = f"{timeline.path}/entries/{draft['id']}/publication"
    check_problem(timeline.newsroom.editor.post(address), 409)
    assert timeline.head == head


@pytest.mark.parametrize(
    ("action", "payload"),
    [("correction", {"note": "n", "headline": "x"}), ("retraction", {"note": "n"})],
)
def test_a_draft_has_nothing_public_to_act_on(
    timeline: Timeline, action: str, payload: dict[str, Any]
) -> None:
    """A draft can be neither corrected nor retracted nor pinned."""
    address = f"{timeline.path}/entries/{timeline.draft()['id']}"
    editor = timeline.newsroom.editor
    check_problem(editor.post(f"{address}/{action}", json=payload), 409)
    check_problem(editor.put(f"{address}/pin"), 409)


def test_a_deleted_draft_is_gone(timeline: Timeline) -> None:
    """Deleting a draft returns it; afterwards it is a 404."""
    draft = timeline.draft("Never")
    address = f"{timeline.path}/drafts/{draft['id']}"
    answer = timeline.newsroom.editor.delete(address)
    assert answer.status_code == 200
    assert answer.json()["headline"] == "Never"
    for repeated in (
        timeline.newsroom.editor.delete(address),
        timeline.newsroom.editor.get(address),
    ):
        check_problem(repeated, 404)
    answer = timeline.newsroom.editor.post(f"{timeline.path}/entries/{draft['id']}/publication")
    check_problem(answer, 404)


def test_a_public_entry_is_no_draft_to_delete(timeline: Timeline) -> None:
    """A public entry cannot be deleted as a draft."""
    entry = timeline.publish()
    answer = timeline.newsroom.editor.delete(f"{timeline.path}/drafts/{entry['id']}")
    check_problem(answer, 404)
    assert timeline.entry(entry["id"])["status"] == "published"


def test_a_contributor_has_only_their_own(timeline: Timeline) -> None:
    """A contributor neither sees, reads, changes nor deletes another's draft."""
    mine = timeline.newsroom.contributor.post(
        f"{timeline.path}/entries", json={"headline": "Mine", "draft": True}
    ).json()
    others = timeline.draft("Othersword")
    key = new_key(timeline.newsroom.chief, "contributor")
    with client_of(timeline.newsroom.server, key) as other_contributor:
        assert other_contributor.get(f"{timeline.path}/drafts").json()["drafts"] == []
    contributor = timeline.newsroom.contributor
    listed = contributor.get(f"{timeline.path}/drafts")
    assert [draft["id"] for draft in listed.json()["drafts"]] == [mine["id"]]
    foreign = f"{timeline.path}/drafts/{others['id']}"
    any_revision = {"If-Match": "*"}
    address = f"{timeline.path}/entries/{others['id']}"
    for answer in (
        contributor.get(foreign),
        contributor.delete(foreign),
        contributor.patch(address, json={"headline": "Taken"}, headers=any_revision),
    ):
        assert answer.status_code in {403, 404}
        check_problem(answer, answer.status_code)
        assert "Othersword" not in answer.text
    assert timeline.newsroom.editor.get(foreign).json()["headline"] == "Othersword"


def test_a_contributor_works_on_their_own(timeline: Timeline) -> None:
    """A contributor creates, changes and deletes their own draft, but does not publish it."""
    contributor = timeline.newsroom.contributor
    form = {"headline": "Mine", "draft": True}
    draft = contributor.post(f"{timeline.path}/entries", json=form).json()
    address = f"{timeline.path}/entries/{draft['id']}"
    saved = contributor.patch(address, json={"headline": "Better"}, headers={"If-Match": '"1"'})
    assert (saved.status_code, saved.json()["headline"]) == (200, "Better")
    check_problem(contributor.post(f"{address}/publication"), 403)
    assert contributor.delete(f"{timeline.path}/drafts/{draft['id']}").status_code == 200


def test_an_editor_works_on_anybodys(timeline: Timeline) -> None:
    """An editor lists, changes and publishes a contributor's draft."""
    form = {"headline": "Mine", "draft": True}
    answer = timeline.newsroom.contributor.post(f"{timeline.path}/entries", json=form)
    draft = answer.json()
    assert draft["id"] in {draft_["id"] for draft_ in timeline.drafts}
    timeline.amend(draft["id"], headline="Edited")
    assert timeline.act(draft["id"], "publication")["headline"] == "Edited"


def test_no_cache_keeps_drafts(timeline: Timeline) -> None:
    """A draft is never `public` to caches."""
    draft = timeline.draft()
    for address in ("", f"/{draft['id']}"):
        answer = timeline.newsroom.editor.get(f"{timeline.path}/drafts{address}")
        assert "public" not in answer.headers["cache-control"]
        assert {"no-store", "private"} & set(answer.headers["cache-control"].split(", "))


def test_an_amendment_cannot_empty_a_draft(timeline: Timeline) -> None:
    """A change that would leave a draft empty is a 422."""
    draft = timeline.draft()
    answer = timeline.newsroom.editor.patch(
        f"{timeline.path}/entries/{draft['id']}", json={"headline": None}, headers={"If-Match": "*"}
    )
    check_problem(answer, 422)
    assert timeline.drafts[0]["headline"] == "Not yet"
