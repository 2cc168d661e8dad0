"""Tests of the safety delay: a person's publication can be cancelled until it takes effect."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path

import httpx
import pytest

from tests.contract.newsrooms import client_of
from tests.contract.problem import check_problem
from tests.contract.streams import open_stream
from tests.dateline import DatelineServer
from tests.desk.desks import open_coverage, running_desk, written

Desk = tuple[DatelineServer, httpx.Client]


@pytest.fixture(scope="module")
def desk_with_delay(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A desk with a safety delay of 60 seconds, which does not end within a test."""
    with running_desk(tmp_path_factory.mktemp("long"), safety_delay="60") as desk:
        yield desk


def test_what_a_person_publishes_is_held_and_undone(desk_with_delay: Desk) -> None:
    """A person's publication is scheduled for the end of the delay; cancelled, it is a draft.

    Readers see nothing of it: not by its id, in lists, in the journal, on pages or on a stream.
    """
    server, chief = desk_with_delay
    path = open_coverage(chief, "held")
    with open_stream(server, "held", after="0") as stream:
        assert stream.event()["type"] == "coverage.opened"
        scheduled = written(chief.post(f"{path}/entries", json={"headline": "Too soon"}))
        assert (scheduled["status"], scheduled["cursor"]) == ("scheduled", None)
        wait = datetime.fromisoformat(scheduled["embargo_until"]) - datetime.fromisoformat(
            scheduled["updated_at"]
        )
        assert wait == timedelta(seconds=60)
        _check_unseen(server, path, scheduled["id"])
        draft = written(chief.delete(f"{path}/entries/{scheduled['id']}/publication"))
        assert (draft["status"], draft["embargo_until"]) == ("draft", None)
        _check_unseen(server, path, scheduled["id"])
        with client_of(server, server.key("editor")) as tool:
            shown = written(tool.post(f"{path}/entries", json={"headline": "Shown"}))
        (event,) = stream.until(shown["cursor"])
        assert event["entry"]["id"] == shown["id"]


def _check_unseen(server: DatelineServer, path: str, entry_id: str) -> None:
    """Check that a reader finds neither the coverage's only entry nor an event of it."""
    page = path.removeprefix("/v1")
    with client_of(server) as reader:
        assert written(reader.get(f"{path}/entries"))["entries"] == []
        events = written(reader.get(f"{path}/events"))["events"]
        assert [event["type"] for event in events] == ["coverage.opened"]
        for address in (f"{path}/entries/{entry_id}", f"{page}/entries/{entry_id}"):
            assert reader.get(address).status_code == 404
        assert "Too soon" not in reader.get(page).raise_for_status().text


def test_a_draft_that_a_person_publishes_is_held_too(desk_with_delay: Desk) -> None:
    """A person's publication of a draft is delayed, and a repeated one keeps the same time.

    Cancelled, the draft is as submitted as before.
    """
    _, chief = desk_with_delay
    path = open_coverage(chief, "held-draft")
    draft = written(chief.post(f"{path}/entries", json={"headline": "x", "draft": True}))
    submitted = written(chief.put(f"{path}/drafts/{draft['id']}/submission"))
    address = f"{path}/entries/{draft['id']}/publication"
    scheduled = written(chief.post(address))
    assert scheduled["status"] == "scheduled"
    assert written(chief.post(address))["embargo_until"] == scheduled["embargo_until"]
    assert written(chief.delete(address))["submitted_at"] == submitted["submitted_at"]


def test_what_a_tool_publishes_goes_out_at_once(desk_with_delay: Desk) -> None:
    """A publication by an API key is not delayed."""
    server, chief = desk_with_delay
    path = open_coverage(chief, "tools")
    with client_of(server, server.key("editor")) as tool:
        entry = written(tool.post(f"{path}/entries", json={"headline": "Now"}))
    assert entry["status"] == "published"


def test_what_cannot_be_published_is_refused_before_the_delay(desk_with_delay: Desk) -> None:
    """A publication that is not allowed is refused at once, not after the delay."""
    _, chief = desk_with_delay
    plan = {"slug": "plan", "title": "A plan", "status": "planned"}
    written(chief.post("/v1/coverages", json=plan))
    answer = chief.post("/v1/coverages/plan/entries", json={"headline": "x"})
    check_problem(answer, 409, "coverage-planned")


def test_undoing_and_going_out_have_one_winner(tmp_path: Path) -> None:
    """Of a cancellation and a publication at the same time one succeeds.

    The response and the journal agree on which.
    """
    with running_desk(tmp_path, safety_delay="0.6") as (server, chief):
        path = open_coverage(chief, "race")
        number = 24
        scheduled = [
            written(chief.post(f"{path}/entries", json={"headline": f"Thing {n}"}))
            for n in range(number)
        ]
        cancelled, published_ids = set(), set()
        with open_stream(server, "race", after="0") as stream:
            stream.event()  # the coverage was opened
            first = stream.event()["entry"]["id"]
            with ThreadPoolExecutor(4) as pool:
                answers = pool.map(
                    lambda entry: chief.delete(f"{path}/entries/{entry['id']}/publication"),
                    scheduled,
                )
                for entry, answer in zip(scheduled, answers, strict=True):
                    if answer.is_success:
                        cancelled.add(entry["id"])
                    else:
                        check_problem(answer, 409, "entry-published")
                        published_ids.add(entry["id"])
        assert first in published_ids
        drafts = {draft["id"] for draft in written(chief.get(f"{path}/drafts"))["drafts"]}
        journal = written(chief.get(f"{path}/events"))["events"]
        published = [e["entry"]["id"] for e in journal if e["type"] == "entry.published"]
        assert sorted(published) == sorted(published_ids)
        assert drafts == cancelled
        assert len(published_ids) + len(cancelled) == number
