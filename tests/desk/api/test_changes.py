"""Promises of the desk's bell: hints at once, to the newsroom only, and as long as it may be."""

import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from tests.conftest import Newsroom
from tests.contract.newsrooms import client_of, new_key, new_slug, running_newsroom
from tests.contract.problem import check_problem
from tests.desk.desks import open_bell, open_bells, open_coverage, written
from tests.servers import PostgresServer
from tests.signed_in import sign_in, take_in


def _first(hints: Iterator[str]) -> set[str]:
    """What every stream begins with."""
    return {next(hints), next(hints)}


def _until(hints: Iterator[str], wanted: str) -> None:
    assert any(hint == wanted for hint in hints), f"no hint at {wanted}"


def test_every_change_of_a_draft_is_hinted_at(newsroom: Newsroom, slug: str) -> None:
    """Made, saved, handed in, returned, scheduled, published, deleted: without a word of it."""
    path, editor = f"/v1/coverages/{slug}", newsroom.editor
    with open_bell(newsroom.contributor, path) as hints:
        assert _first(hints) == {"drafts", "visits"}

        def heard(answer: httpx.Response) -> str:
            told = written(answer)
            assert next(hints) == "drafts"
            return str(told.get("id"))

        entry_id = heard(editor.post(f"{path}/entries", json={"headline": "x", "draft": True}))
        draft, entry = f"{path}/drafts/{entry_id}", f"{path}/entries/{entry_id}"
        seen = {"If-Match": "*"}
        heard(editor.patch(entry, json={"headline": "y"}, headers=seen))
        heard(editor.put(f"{draft}/submission"))
        heard(editor.delete(f"{draft}/submission"))
        heard(editor.put(f"{draft}/submission"))
        heard(editor.post(f"{draft}/return", json={"note": "Who?"}))
        heard(editor.patch(entry, json={"embargo_until": "2999-01-01T00:00:00Z"}, headers=seen))
        heard(editor.delete(f"{entry}/publication"))
        heard(editor.post(f"{entry}/publication"))
        written(editor.post(f"{entry}/retraction", json={"note": "It was not so."}))
        restored = heard(editor.post(f"{entry}/restoration"))
        heard(editor.delete(f"{path}/drafts/{restored}"))


def test_visits_are_hinted_at_when_they_change(newsroom: Newsroom, slug: str) -> None:
    """Coming, turning to an entry and leaving ring; being there still does not."""
    path, editor = f"/v1/coverages/{slug}", newsroom.editor
    with open_bell(newsroom.editor, path) as hints:
        _first(hints)
        for _ in range(3):
            written(editor.put(f"{path}/visits/tab", json={}))
        assert next(hints) == "visits"
        written(editor.put(f"{path}/visits/tab", json={"entry_id": "e1"}))
        assert next(hints) == "visits"
        written(editor.delete(f"{path}/visits/tab"))
        assert next(hints) == "visits"
        written(editor.post(f"{path}/entries", json={"headline": "x", "draft": True}))
        assert next(hints) == "drafts"


def test_another_coverages_desk_is_not_rung(newsroom: Newsroom, slug: str) -> None:
    """Each hears its own."""
    other = open_coverage(newsroom.chief, new_slug())
    with open_bell(newsroom.editor, f"/v1/coverages/{slug}") as hints:
        _first(hints)
        written(newsroom.editor.put(f"{other}/visits/tab", json={}))
        draft = {"headline": "x", "draft": True}
        written(newsroom.editor.post(f"/v1/coverages/{slug}/entries", json=draft))
        assert next(hints) == "drafts"


def test_one_stream_has_the_hints_of_several_desks(newsroom: Newsroom, slug: str) -> None:
    """Each hint names its coverage; what is not there is said, and ends none of the others."""
    other = open_coverage(newsroom.chief, new_slug()).rpartition("/")[2]
    draft = {"headline": "x", "draft": True}
    with open_bells(newsroom.editor, slug, "none", other) as hints:
        assert next(hints) == ("gone", "none")
        first = {next(hints) for _ in range(4)}
        assert first == {
            (matter, each) for matter in ("drafts", "visits") for each in (slug, other)
        }
        for each in (other, slug, other):
            written(newsroom.editor.post(f"/v1/coverages/{each}/entries", json=draft))
            assert next(hints) == ("drafts", each)


def test_the_bell_is_the_newsrooms(newsroom: Newsroom, slug: str) -> None:
    """Readers hear nothing of it, and HEAD answers the head alone."""
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
    """Another coverage is as if it were not there, and alone it is refused."""
    other = open_coverage(newsroom.chief, new_slug()).rpartition("/")[2]
    asked = {"name": "A guest", "role": "contributor", "coverage": slug}
    key = written(newsroom.chief.post("/v1/keys", json=asked))["key"]
    with client_of(newsroom.server, key) as guest:
        with open_bells(guest, other, slug) as hints:
            assert next(hints) == ("gone", other)
            assert {coverage for _, coverage in (next(hints), next(hints))} == {slug}
        check_problem(guest.get(f"/v1/desk?coverage={other}"), 403)


@pytest.fixture(scope="module")
def hasty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Newsroom]:
    """A server that heals and doubts after a fifth of a second."""
    folder = tmp_path_factory.mktemp("hasty")
    with running_newsroom(folder, heartbeat="PT0.2S", stream_capacity="1") as newsroom:
        yield newsroom


def test_a_lost_ring_is_healed_by_time(hasty: Newsroom) -> None:
    """After a silence everything is hinted at again, whatever was heard."""
    path = open_coverage(hasty.chief, new_slug())
    with open_bell(hasty.editor, path) as hints:
        assert [_first(hints) for _ in range(3)] == [{"drafts", "visits"}] * 3


def test_a_bell_takes_no_readers_place(hasty: Newsroom) -> None:
    """Several desks are open where one reader's stream is all that there is room for."""
    path = open_coverage(hasty.chief, new_slug())
    with ExitStack() as desks:
        for _ in range(3):
            _first(desks.enter_context(open_bell(hasty.editor, path)))
        with hasty.reader.stream(
            "GET", f"{path}/events", headers={"Accept": "text/event-stream"}
        ) as answer:
            assert answer.status_code == 200


def test_a_revoked_key_hears_no_more(hasty: Newsroom) -> None:
    """Its stream ends by itself."""
    path = open_coverage(hasty.chief, new_slug())
    key = new_key(hasty.chief, "contributor")
    with (
        client_of(hasty.server, key) as contributor,
        open_bell(contributor, path) as hints,
    ):
        _first(hints)
        written(hasty.chief.delete(f"/v1/keys/{key.split('_')[1]}"))
        for _ in hints:
            pass


def test_who_signs_out_hears_no_more(hasty: Newsroom) -> None:
    """The stream of a session ends with it."""
    path = open_coverage(hasty.chief, new_slug())
    take_in(hasty.server, "ed@example.org", "Ed", "editor")
    with sign_in(hasty.server, "ed@example.org") as ed, open_bell(ed, path) as hints:
        _first(hints)
        token = ed.get("/desk").text.partition('name="token" value="')[2].partition('"')[0]
        assert ed.post("/desk/sign-out", data={"token": token}).status_code == 303
        for _ in hints:
            pass


def test_a_stop_ends_the_bell_politely(tmp_path: Path) -> None:
    """Told to stop, the server waits for no desk."""
    with running_newsroom(tmp_path, drain="PT300S") as newsroom:
        path = open_coverage(newsroom.chief, "stop")
        with open_bell(newsroom.editor, path) as hints:
            _first(hints)
            began = time.monotonic()
            assert newsroom.server.stop() == 0
            assert list(hints) == []
        # Not to be measured, only to be told from waiting for the drain's end.
        assert time.monotonic() - began < 60


@pytest.mark.full("two servers of its own")
def test_what_changes_at_one_process_is_heard_at_another(
    tmp_path: Path, postgres: PostgresServer
) -> None:
    """The bell between processes carries it."""
    url = postgres.fresh_database()
    shared = {"database_url": url, "broker_url": url}
    for name in "here", "there":
        (tmp_path / name).mkdir()
    with (
        running_newsroom(tmp_path / "here", **shared) as here,
        running_newsroom(tmp_path / "there", **shared) as there,
    ):
        path = open_coverage(here.chief, "shared")
        with open_bell(there.editor, path) as hints:
            _first(hints)
            draft = {"headline": "x", "draft": True}
            written(here.editor.post(f"{path}/entries", json=draft))
            assert next(hints) == "drafts"
            written(here.editor.put(f"{path}/visits/tab", json={}))
            assert next(hints) == "visits"
