"""Promises of the safety delay: what people publish can be undone until it goes out."""

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
def long(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A desk whose delay does not end within a test."""
    with running_desk(tmp_path_factory.mktemp("long"), safety_delay="60") as desk:
        yield desk


def test_what_a_person_publishes_is_held_and_undone(long: Desk) -> None:
    """The answer says until when; undone, it is a draft, and readers have heard nothing."""
    _, chief = long
    path = open_coverage(chief, "held")
    held = written(chief.post(f"{path}/entries", json={"headline": "Too soon"}))
    assert (held["status"], held["cursor"]) == ("scheduled", None)
    wait = datetime.fromisoformat(held["embargo_until"]) - datetime.fromisoformat(
        held["updated_at"]
    )
    assert wait == timedelta(seconds=60)
    undone = written(chief.delete(f"{path}/entries/{held['id']}/publication"))
    assert (undone["status"], undone["embargo_until"]) == ("draft", None)
    assert written(chief.get(f"{path}/entries"))["entries"] == []


def test_a_draft_that_a_person_publishes_is_held_too(long: Desk) -> None:
    """Pressed twice, the delay does not begin anew; undone, it is as handed in as it was."""
    _, chief = long
    path = open_coverage(chief, "held-draft")
    draft = written(chief.post(f"{path}/entries", json={"headline": "x", "draft": True}))
    submitted = written(chief.put(f"{path}/drafts/{draft['id']}/submission"))
    address = f"{path}/entries/{draft['id']}/publication"
    held = written(chief.post(address))
    assert held["status"] == "scheduled"
    assert written(chief.post(address))["embargo_until"] == held["embargo_until"]
    assert written(chief.delete(address))["submitted_at"] == submitted["submitted_at"]


def test_what_a_tool_publishes_goes_out_at_once(long: Desk) -> None:
    """A key has no second thoughts."""
    server, chief = long
    path = open_coverage(chief, "tools")
    with client_of(server, server.key("editor")) as tool:
        entry = written(tool.post(f"{path}/entries", json={"headline": "Now"}))
    assert entry["status"] == "published"


def test_what_cannot_be_published_is_refused_before_the_delay(long: Desk) -> None:
    """Not a minute later, when nobody looks any more."""
    _, chief = long
    plan = {"slug": "plan", "title": "A plan", "status": "planned"}
    written(chief.post("/v1/coverages", json=plan))
    answer = chief.post("/v1/coverages/plan/entries", json={"headline": "x"})
    check_problem(answer, 409, "coverage-planned")


def test_undoing_and_going_out_have_one_winner(tmp_path: Path) -> None:
    """Whoever undoes at the very moment is told which it was, and the journal agrees."""
    with running_desk(tmp_path, safety_delay="0.6") as (server, chief):
        path = open_coverage(chief, "race")
        number = 24
        held = [
            written(chief.post(f"{path}/entries", json={"headline": f"Thing {n}"}))
            for n in range(number)
        ]
        undone, out = set(), set()
        with open_stream(server, "race", after="0") as stream:
            stream.event()  # the coverage was opened
            first = stream.event()["entry"]["id"]
            with ThreadPoolExecutor(4) as pool:
                answers = pool.map(
                    lambda entry: chief.delete(f"{path}/entries/{entry['id']}/publication"), held
                )
                for entry, answer in zip(held, answers, strict=True):
                    if answer.is_success:
                        undone.add(entry["id"])
                    else:
                        check_problem(answer, 409, "entry-published")
                        out.add(entry["id"])
        assert first in out
        drafts = {draft["id"] for draft in written(chief.get(f"{path}/drafts"))["drafts"]}
        journal = written(chief.get(f"{path}/events"))["events"]
        published = [e["entry"]["id"] for e in journal if e["type"] == "entry.published"]
        assert sorted(published) == sorted(out)
        assert drafts == undone
        assert len(out) + len(undone) == number
