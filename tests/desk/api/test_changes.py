"""Tests of the desk's change notifications: they are prompt, private to the newsroom, and end."""

import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from tests.conftest import Newsroom
from tests.contract.newsrooms import client_of, new_key, new_slug, running_newsroom
from tests.contract.problem import check_problem
from tests.desk.desks import open_coverage, open_coverage_notifications, open_notifications, written
from tests.servers import PostgresServer
from tests.signed_in import sign_in, take_in


def _first(events: Iterator[str]) -> set[str]:
    """Read the two notifications with which every stream begins."""
    return {next(events), next(events)}


def _until(events: Iterator[str], expected: str) -> None:
    assert any(event == expected for event in events), f"no hint at {expected}"


def test_every_change_of_a_draft_is_hinted_at(newsroom: Newsroom, slug: str) -> None:
    """Every change of a draft is notified, without any content."""
    path, editor = f"/v1/coverages/{slug}", newsroom.editor
    with open_coverage_notifications(newsroom.contributor, path) as events:
        assert _first(events) == {"drafts", "visits"}

        def check_notified(answer: httpx.Response) -> str:
            document = written(answer)
            assert next(events) == "drafts"
            return str(document.get("id"))

        entry_id = check_notified(
            editor.post(f"{path}/entries", json={"headline": "x", "draft": True})
        )
        draft, entry = f"{path}/drafts/{entry_id}", f"{path}/entries/{entry_id}"
        any_revision = {"If-Match": "*"}
        check_notified(editor.patch(entry, json={"headline": "y"}, headers=any_revision))
        check_notified(editor.put(f"{draft}/submission"))
        check_notified(editor.delete(f"{draft}/submission"))
        check_notified(editor.put(f"{draft}/submission"))
        check_notified(editor.post(f"{draft}/return", json={"note": "Who?"}))
        check_notified(
            editor.patch(
                entry, json={"embargo_until": "2999-01-01T00:00:00Z"}, headers=any_revision
            )
        )
        check_notified(editor.delete(f"{entry}/publication"))
        check_notified(editor.post(f"{entry}/publication"))
        written(editor.post(f"{entry}/retraction", json={"note": "It was not so."}))
        restored = check_notified(editor.post(f"{entry}/restoration"))
        check_notified(editor.delete(f"{path}/drafts/{restored}"))


def test_visits_are_hinted_at_when_they_change(newsroom: Newsroom, slug: str) -> None:
    """A visit that begins, changes its entry or ends is notified; a renewed one is not."""
    path, editor = f"/v1/coverages/{slug}", newsroom.editor
    with open_coverage_notifications(newsroom.editor, path) as events:
        _first(events)
        for _ in range(3):
            written(editor.put(f"{path}/visits/tab", json={}))
        assert next(events) == "visits"
        written(editor.put(f"{path}/visits/tab", json={"entry_id": "e1"}))
        assert next(events) == "visits"
        written(editor.delete(f"{path}/visits/tab"))
        assert next(events) == "visits"
        written(editor.post(f"{path}/entries", json={"headline": "x", "draft": True}))
        assert next(events) == "drafts"


def test_a_write_without_a_draft_is_not_hinted_at(newsroom: Newsroom, slug: str) -> None:
    """What is published and changed without a draft lets no open desk read the drafts again."""
    path, editor = f"/v1/coverages/{slug}", newsroom.editor
    with open_coverage_notifications(newsroom.editor, path) as events:
        _first(events)
        entry_id = written(editor.post(f"{path}/entries", json={"headline": "x"}))["id"]
        entry = f"{path}/entries/{entry_id}"
        written(editor.patch(entry, json={"headline": "y"}, headers={"If-Match": "*"}))
        written(editor.put(f"{entry}/pin"))
        written(editor.post(f"{entry}/retraction", json={"note": "It was not so."}))
        written(editor.put(f"{path}/visits/tab", json={}))
        assert next(events) == "visits"


def test_another_coverages_desk_is_not_rung(newsroom: Newsroom, slug: str) -> None:
    """A change in one coverage is not notified at another coverage's desk."""
    other = open_coverage(newsroom.chief, new_slug())
    with open_coverage_notifications(newsroom.editor, f"/v1/coverages/{slug}") as events:
        _first(events)
        written(newsroom.editor.put(f"{other}/visits/tab", json={}))
        draft = {"headline": "x", "draft": True}
        written(newsroom.editor.post(f"/v1/coverages/{slug}/entries", json=draft))
        assert next(events) == "drafts"


def test_one_stream_has_the_hints_of_several_desks(newsroom: Newsroom, slug: str) -> None:
    """One stream carries the notifications of several coverages, each with its slug.

    An unknown coverage is reported as `gone` and does not end the stream.
    """
    other = open_coverage(newsroom.chief, new_slug()).rpartition("/")[2]
    draft = {"headline": "x", "draft": True}
    with open_notifications(newsroom.editor, slug, "none", other) as events:
        assert next(events) == ("gone", "none")
        first = {next(events) for _ in range(4)}
        assert first == {
            (event, coverage) for event in ("drafts", "visits") for coverage in (slug, other)
        }
        for coverage in (other, slug, other):
            written(newsroom.editor.post(f"/v1/coverages/{coverage}/entries", json=draft))
            assert next(events) == ("drafts", coverage)


def test_the_bell_is_the_newsrooms(newsroom: Newsroom, slug: str) -> None:
    """Readers get a 401, invalid queries a problem, and HEAD the headers only."""
    path = f"/v1/desk?coverage={slug}"
    check_problem(newsroom.reader.get(path), 401)
    check_problem(newsroom.editor.get("/v1/desk?coverage=none"), 404)
    check_problem(newsroom.editor.get("/v1/desk"), 422)
    many = "&".join(f"coverage={number}" for number in range(51))
    check_problem(newsroom.editor.get(f"/v1/desk?{many}"), 422)
    answer = newsroom.editor.head(path)
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["cache-control"] == "no-store"


def test_who_works_in_one_coverage_hears_that_one_only(newsroom: Newsroom, slug: str) -> None:
    """A key for one coverage gets the notifications of that coverage only.

    Another coverage is reported as `gone` beside it; alone it is a 403.
    """
    other = open_coverage(newsroom.chief, new_slug()).rpartition("/")[2]
    form = {"name": "A guest", "role": "contributor", "coverage": slug}
    key = written(newsroom.chief.post("/v1/keys", json=form))["key"]
    with client_of(newsroom.server, key) as guest:
        with open_notifications(guest, other, slug) as events:
            assert next(events) == ("gone", other)
            assert {coverage for _, coverage in (next(events), next(events))} == {slug}
        check_problem(guest.get(f"/v1/desk?coverage={other}"), 403)


@pytest.fixture(scope="module")
def impatient_newsroom(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Newsroom]:
    """A server with a heartbeat of 0.2 seconds and room for one reader's stream."""
    folder = tmp_path_factory.mktemp("hasty")
    with running_newsroom(folder, heartbeat="PT0.2S", stream_capacity="1") as newsroom:
        yield newsroom


def test_a_lost_ring_is_healed_by_time(impatient_newsroom: Newsroom) -> None:
    """Both notifications are repeated after a heartbeat without any, in case one was lost."""
    path = open_coverage(impatient_newsroom.chief, new_slug())
    with open_coverage_notifications(impatient_newsroom.editor, path) as events:
        assert [_first(events) for _ in range(3)] == [{"drafts", "visits"}] * 3


def test_a_bell_takes_no_readers_place(impatient_newsroom: Newsroom) -> None:
    """Desk streams do not count against the readers' stream capacity."""
    path = open_coverage(impatient_newsroom.chief, new_slug())
    with ExitStack() as desks:
        for _ in range(3):
            _first(
                desks.enter_context(open_coverage_notifications(impatient_newsroom.editor, path))
            )
        with impatient_newsroom.reader.stream(
            "GET", f"{path}/events", headers={"Accept": "text/event-stream"}
        ) as answer:
            assert answer.status_code == 200


def test_a_revoked_key_hears_no_more(impatient_newsroom: Newsroom) -> None:
    """The stream of a revoked key is closed."""
    path = open_coverage(impatient_newsroom.chief, new_slug())
    key = new_key(impatient_newsroom.chief, "contributor")
    with (
        client_of(impatient_newsroom.server, key) as contributor,
        open_coverage_notifications(contributor, path) as events,
    ):
        _first(events)
        written(impatient_newsroom.chief.delete(f"/v1/keys/{key.split('_')[1]}"))
        for _ in events:
            pass


def test_who_signs_out_hears_no_more(impatient_newsroom: Newsroom) -> None:
    """The stream of a session is closed when the session signs out."""
    path = open_coverage(impatient_newsroom.chief, new_slug())
    take_in(impatient_newsroom.server, "ed@example.org", "Ed", "editor")
    with (
        sign_in(impatient_newsroom.server, "ed@example.org") as ed,
        open_coverage_notifications(ed, path) as events,
    ):
        _first(events)
        token = ed.get("/desk").text.partition('name="token" value="')[2].partition('"')[0]
        assert ed.post("/desk/sign-out", data={"token": token}).status_code == 303
        for _ in events:
            pass


def test_a_stop_ends_the_bell_politely(tmp_path: Path) -> None:
    """A stopping server closes desk streams at once and does not wait for the drain's end."""
    with running_newsroom(tmp_path, drain="PT300S") as newsroom:
        path = open_coverage(newsroom.chief, "stop")
        with open_coverage_notifications(newsroom.editor, path) as events:
            _first(events)
            began = time.monotonic()
            assert newsroom.server.stop() == 0
            assert list(events) == []
        # No speed is asserted: this only tells an immediate stop from one at the end of the drain.
        assert time.monotonic() - began < 60


@pytest.mark.full("two servers of its own")
def test_what_changes_at_one_process_is_heard_at_another(
    tmp_path: Path, postgres: PostgresServer
) -> None:
    """Changes at one server process are notified at another, by the broker."""
    url = postgres.fresh_database()
    shared = {"database_url": url, "broker_url": url}
    for name in "here", "there":
        (tmp_path / name).mkdir()
    with (
        running_newsroom(tmp_path / "here", **shared) as here,
        running_newsroom(tmp_path / "there", **shared) as there,
    ):
        path = open_coverage(here.chief, "shared")
        with open_coverage_notifications(there.editor, path) as events:
            _first(events)
            draft = {"headline": "x", "draft": True}
            written(here.editor.post(f"{path}/entries", json=draft))
            assert next(events) == "drafts"
            written(here.editor.put(f"{path}/visits/tab", json={}))
            assert next(events) == "visits"
