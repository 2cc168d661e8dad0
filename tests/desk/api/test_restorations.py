"""Tests of restoration: a retraction is final for readers; editors get the content as a draft."""

import sqlite3
from pathlib import Path

import pytest

from tests.conftest import Newsroom
from tests.contract.newsrooms import new_timeline, running_newsroom
from tests.contract.problem import check_problem
from tests.contract.timeline import Timeline
from tests.desk.desks import written

WORDS = {
    "headline": "The headline",
    "body": "The *body*",
    "kind": "quote",
    "tags": ["tag"],
    "bylines": ["Ada"],
    "place": {"name": "Port", "lat": 1.0, "lon": 2.0},
    "happened_at": "1969-07-20T20:17:40Z",
    "key_event": True,
}


def test_a_retracted_entrys_last_words_become_a_draft(newsroom: Newsroom, slug: str) -> None:
    """The last content of a retracted entry becomes a new draft; the tombstone is unchanged."""
    timeline = Timeline(newsroom, slug)
    entry = timeline.publish(None, **WORDS)
    timeline.correct(entry["id"], body="The *last* body")
    timeline.pin(entry["id"])
    timeline.retract(entry["id"])
    tombstone = timeline.entry(entry["id"])
    answer = newsroom.editor.post(f"{timeline.path}/entries/{entry['id']}/restoration")
    assert answer.status_code == 201
    draft = answer.json()
    assert answer.headers["location"] == f"{timeline.path}/drafts/{draft['id']}"
    assert draft["id"] != entry["id"]
    assert (draft["status"], draft["revision"], draft["pinned"]) == ("draft", 1, False)
    assert draft["body"]["markdown"] == "The *last* body"
    for name in ("headline", "kind", "tags", "bylines", "place", "happened_at", "key_event"):
        assert draft[name] == entry[name], name
    assert timeline.entry(entry["id"]) == tombstone
    published = timeline.act(draft["id"], "publication")
    assert (published["status"], published["headline"]) == ("published", "The headline")


def test_it_can_be_restored_again(newsroom: Newsroom, slug: str) -> None:
    """Each restoration of the same entry creates another draft."""
    timeline = Timeline(newsroom, slug)
    entry = timeline.publish("x")
    timeline.retract(entry["id"])
    address = f"{timeline.path}/entries/{entry['id']}/restoration"
    drafts = {written(newsroom.editor.post(address))["id"] for _ in range(2)}
    assert {draft["id"] for draft in timeline.drafts} == drafts
    assert len(drafts) == 2


def test_only_editors_restore_and_only_what_is_retracted(newsroom: Newsroom, slug: str) -> None:
    """Only editors restore entries, and only retracted ones in a coverage that is not closed.

    A refusal does not contain the entry's text.
    """
    timeline = Timeline(newsroom, slug)
    entry = timeline.publish("Wordsword")
    address = f"{timeline.path}/entries/{entry['id']}/restoration"
    check_problem(newsroom.editor.post(address), 409, "entry-not-retracted")
    check_problem(newsroom.editor.post(f"{timeline.path}/entries/none/restoration"), 404)
    timeline.retract(entry["id"])
    for client, status in (newsroom.contributor, 403), (newsroom.reader, 401):
        answer = client.post(address)
        check_problem(answer, status)
        assert "Wordsword" not in answer.text
    timeline.newsroom.chief.patch(timeline.path, json={"status": "closed"})
    check_problem(newsroom.editor.post(address), 409, "coverage-closed")


def test_words_are_kept_no_longer_than_the_operator_says(tmp_path: Path) -> None:
    """With `keep_retracted` 0 the content of a retracted entry is not stored at all."""
    with running_newsroom(tmp_path, keep_retracted="0") as newsroom:
        timeline = new_timeline(newsroom, "brief")
        entry = timeline.publish("Wordsword")
        timeline.retract(entry["id"])
        answer = newsroom.editor.post(f"{timeline.path}/entries/{entry['id']}/restoration")
        check_problem(answer, 410, "words-forgotten")
        with sqlite3.connect(tmp_path / "dateline.db") as database:
            assert "Wordsword" not in "\n".join(database.iterdump())


@pytest.mark.full("the end of a time is waited for, and a restart")
def test_old_words_are_dropped_by_themselves(tmp_path: Path) -> None:
    """Content past `keep_retracted` cannot be restored, and is deleted when the server starts."""
    with running_newsroom(tmp_path, keep_retracted="0.2") as newsroom:
        timeline = new_timeline(newsroom, "brief")
        entry = timeline.publish("Wordsword")
        timeline.retract(entry["id"])
        address = f"{timeline.path}/entries/{entry['id']}/restoration"
        while newsroom.editor.post(address).status_code == 201:
            pass
        check_problem(newsroom.editor.post(address), 410, "words-forgotten")
        for draft in timeline.drafts:
            newsroom.editor.delete(f"{timeline.path}/drafts/{draft['id']}")
        newsroom.server.stop()
        newsroom.server.start()
        while _withdrawn(tmp_path):
            pass


def _withdrawn(folder: Path) -> int:
    with sqlite3.connect(folder / "dateline.db") as record:
        (number,) = record.execute("SELECT count(*) FROM withdrawn").fetchone()
    return int(number)
