"""A retraction withdraws an entry's media files; nothing else does."""

import time

import httpx
import pytest

from tests.conftest import Newsroom
from tests.contract.newsrooms import client_of, new_slug, new_timeline, running_newsroom
from tests.contract.timeline import Timeline
from tests.media.pictures import encoded, picture
from tests.media.sending import Json, addresses, sent, stored_ids
from tests.media.waiting import wait_for_avif


@pytest.fixture
def timeline(media_newsroom: Newsroom) -> Timeline:
    """A new live coverage."""
    return new_timeline(media_newsroom, new_slug())


@pytest.fixture
def media(media_newsroom: Newsroom) -> Json:
    """A picture with all its renditions."""
    media = sent(media_newsroom.contributor, encoded(picture()))
    wait_for_avif(media_newsroom.reader, media)
    return media


def statuses(client: httpx.Client, media: Json) -> set[int]:
    """Return the status codes of a picture's addresses."""
    return {client.get(address).status_code for address in addresses(media)}


def publish(timeline: Timeline, **fields: object) -> Json:
    """Create an entry and return it."""
    answer = timeline.newsroom.editor.post(f"{timeline.path}/entries", json=fields)
    assert answer.status_code == 201, answer.text
    entry: Json = answer.json()
    return entry


def retract(timeline: Timeline, entry: Json) -> None:
    """Retract an entry."""
    address = f"{timeline.path}/entries/{entry['id']}/retraction"
    answer = timeline.newsroom.editor.post(address, json={"note": "Not what it seemed."})
    assert answer.status_code == 200, answer.text


def test_the_files_are_gone_when_the_answer_comes(timeline: Timeline, media: Json):
    """Every address of the picture is a 404 once the retraction is acknowledged.

    No entry may use it any more.
    """
    entry = publish(timeline, media=[media["id"]])
    reader, editor = timeline.newsroom.reader, timeline.newsroom.editor
    assert statuses(reader, media) == {200}
    retract(timeline, entry)
    assert statuses(reader, media) == {404}
    assert editor.get(f"/v1/media/{media['id']}").status_code == 404
    refused = editor.post(f"{timeline.path}/entries", json={"media": [media["id"]]})
    assert refused.json()["type"] == "/problems/unknown-media"


def test_files_that_others_show_in_public_stay_until_the_last(timeline: Timeline, media: Json):
    """Files stay while another public entry or the lead of an open coverage shows them.

    A draft does not keep them.
    """
    newsroom = timeline.newsroom
    other = new_timeline(newsroom, new_slug())
    first, second = publish(timeline, media=[media["id"]]), publish(other, media=[media["id"]])
    publish(timeline, media=[media["id"]], draft=True)
    newsroom.chief.patch(other.path, json={"lead_image": media["id"]}).raise_for_status()
    for entry, coverage in ((first, timeline), (second, other)):
        retract(coverage, entry)
        assert statuses(newsroom.reader, media) == {200}
    newsroom.chief.patch(other.path, json={"lead_image": None}).raise_for_status()
    assert statuses(newsroom.reader, media) == {404}


@pytest.mark.parametrize("kind", ["draft", "submitted", "scheduled", "plan"])
def test_nothing_private_keeps_a_file_public(timeline: Timeline, media: Json, kind: str):
    """Drafts, scheduled entries and the lead of a planned coverage do not keep a file public."""
    newsroom = timeline.newsroom
    other = new_timeline(newsroom, new_slug(), status="planned" if kind == "plan" else "live")
    entry = publish(timeline, media=[media["id"]])
    if kind == "plan":
        newsroom.chief.patch(other.path, json={"lead_image": media["id"]}).raise_for_status()
    else:
        later = (
            {"embargo_until": "2999-01-01T00:00:00Z"} if kind == "scheduled" else {"draft": True}
        )
        writer = newsroom.editor if kind == "scheduled" else newsroom.contributor
        document = {"headline": "Private", "media": [media["id"]], **later}
        created = writer.post(f"{other.path}/entries", json=document)
        assert created.status_code == 201, created.text
        if kind == "submitted":
            address = f"{other.path}/drafts/{created.json()['id']}/submission"
            writer.put(address).raise_for_status()
    retract(timeline, entry)
    assert statuses(newsroom.reader, media) == {404}


def test_a_draft_gets_a_copy_when_it_is_published(timeline: Timeline, media: Json):
    """A draft with a retracted picture can be saved, and gets a copy at its publication.

    The retracted addresses stay 404.
    """
    newsroom, other = timeline.newsroom, new_timeline(timeline.newsroom, new_slug())
    draft = publish(other, headline="Kept", media=[media["id"]], draft=True)
    retract(timeline, publish(timeline, media=[media["id"]]))
    address = f"{other.path}/entries/{draft['id']}"
    change = {"headline": "Saved", "media": [media["id"]]}
    newsroom.editor.patch(address, json=change, headers={"If-Match": "*"}).raise_for_status()
    published = newsroom.editor.post(f"{address}/publication").raise_for_status().json()
    (copy,) = published["media"]
    assert copy["id"] != media["id"]
    assert statuses(newsroom.reader, copy) == {200}
    assert statuses(newsroom.reader, media) == {404}
    retract(other, published)
    assert statuses(newsroom.reader, copy) == {404}


def test_a_plan_opens_with_a_copy_of_its_lead(timeline: Timeline, media: Json):
    """A planned coverage whose lead image was retracted opens with a copy of it."""
    newsroom = timeline.newsroom
    plan = new_timeline(newsroom, new_slug(), status="planned")
    newsroom.chief.patch(plan.path, json={"lead_image": media["id"]}).raise_for_status()
    retract(timeline, publish(timeline, media=[media["id"]]))
    opened = newsroom.chief.patch(plan.path, json={"status": "live"}).raise_for_status().json()
    assert opened["lead_image"]["id"] != media["id"]
    assert statuses(newsroom.reader, opened["lead_image"]) == {200}


def test_a_picture_of_an_earlier_revision_goes_too(timeline: Timeline, media: Json):
    """A picture of an earlier revision is withdrawn by the retraction, but not by an amendment.

    Until then the journal shows it.
    """
    entry = publish(timeline, headline="Eagle", media=[media["id"]])
    address = f"{timeline.path}/entries/{entry['id']}"
    timeline.newsroom.editor.patch(
        address, json={"media": []}, headers={"If-Match": "*"}
    ).raise_for_status()
    assert statuses(timeline.newsroom.reader, media) == {200}
    retract(timeline, entry)
    assert statuses(timeline.newsroom.reader, media) == {404}


def test_a_retraction_while_avif_is_made_leaves_none(timeline: Timeline):
    """An AVIF that is finished after the retraction is not served."""
    retracted = []
    for _ in range(3):
        media = sent(timeline.newsroom.contributor, encoded(picture(1600, 1200)))
        retract(timeline, publish(timeline, media=[media["id"]]))
        assert statuses(timeline.newsroom.reader, media) == {404}
        retracted.append(media)
    later = sent(timeline.newsroom.contributor, encoded(picture(100, 100)))
    wait_for_avif(timeline.newsroom.reader, later)
    for media in retracted:
        assert statuses(timeline.newsroom.reader, media) == {404}


def test_withdrawn_files_are_kept_for_the_newsroom(timeline: Timeline, media: Json):
    """Withdrawn files are moved to a folder that is not served."""
    folder = timeline.newsroom.server.folder / "media"
    retract(timeline, publish(timeline, media=[media["id"]]))
    assert len(list((folder / "withdrawn" / media["id"]).iterdir())) == len(addresses(media))
    assert media["id"] in stored_ids(folder)


def test_a_restored_entry_has_new_addresses_for_its_pictures(timeline: Timeline, media: Json):
    """Each restored draft has its own copy of the picture; the retracted addresses stay 404."""
    newsroom = timeline.newsroom
    entry = publish(timeline, media=[media["id"]])
    retract(timeline, entry)
    address = f"{timeline.path}/entries/{entry['id']}/restoration"
    drafts = [newsroom.editor.post(address).raise_for_status().json() for _ in range(2)]
    (first,), (second,) = (draft["media"] for draft in drafts)
    assert len({media["id"], first["id"], second["id"]}) == len(drafts) + 1
    assert [first[name] for name in ("alt", "credit", "width")] == [
        media[name] for name in ("alt", "credit", "width")
    ]
    timeline.act(drafts[0]["id"], "publication")
    for copy in first, second:
        assert statuses(newsroom.reader, copy) == {200}
    assert statuses(newsroom.reader, media) == {404}
    retract(timeline, drafts[0])
    assert statuses(newsroom.reader, first) == {404}
    assert statuses(newsroom.reader, second) == {200}


def test_what_a_crash_broke_off_is_done_after_the_restart(tmp_path):
    """After a crash between commit and withdrawal, the restarted server withdraws the files."""
    with running_newsroom(tmp_path) as newsroom:
        timeline = new_timeline(newsroom, "restarted")
        media = sent(newsroom.contributor, encoded(picture()))
        entry = publish(timeline, media=[media["id"]])
        # The move to this folder fails, so that the retraction is committed but its files stay.
        blocked = tmp_path / "media" / "withdrawn"
        blocked.write_bytes(b"")
        retract(timeline, entry)
        assert newsroom.reader.get(media["url"]).status_code == 200
        newsroom.server.kill()
        blocked.unlink()
        newsroom.server.start()
        with client_of(newsroom.server) as reader:
            wait_until_gone(reader, media)
        later = sent(newsroom.contributor, encoded(picture()))
        newsroom.server.kill()
        newsroom.server.start()
        wait_for_avif(newsroom.reader, later)


def wait_until_gone(reader: httpx.Client, media: Json) -> None:
    """Wait until every address is a 404."""
    deadline = time.monotonic() + 60
    while statuses(reader, media) != {404}:
        assert time.monotonic() < deadline, "the files are still served"
        time.sleep(0.05)
