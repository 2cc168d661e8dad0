"""The script, replayed into a real newsroom at a high speed."""

import asyncio
import logging
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.cli.local_api import local_client
from app.demo.clock import ReplayClock
from app.demo.player import Player
from app.demo.script import Script, parse_mission_time, read_script
from app.formats.rfc3339 import format_time
from app.main import create_app
from app.settings import Settings

Json = dict[str, Any]

pytestmark = pytest.mark.full("the whole script", but=["a-seventh"])

ACTIONS = {"entry.corrected": "correct", "entry.amended": "amend", "entry.retracted": "retract"}


@dataclass(frozen=True)
class Played:
    """The result of a replay: the journal after the opening and at the end, and the coverage."""

    opened: list[Json]
    journal: list[Json]
    coverage: Json

    def changes(self, event_type: str) -> list[Json]:
        """Return the events of a type."""
        return [event for event in self.journal if event["type"] == event_type]


async def _journal(api: httpx.AsyncClient) -> list[Json]:
    events: list[Json] = []
    more, cursor = True, "0"
    while more:
        query = {"after": cursor}
        page = (await api.get("/v1/coverages/apollo-11/events", params=query)).json()
        events += page["events"]
        more, cursor = page["more"], page["cursor"]
    return events


async def _play(script: Script, folder: Path) -> Played:
    clock = ReplayClock(script.steps[0].at, 1e9)
    app = create_app(Settings(database_url=f"sqlite:///{folder}/dateline.db"), clock)
    async with app.router.lifespan_context(app), local_client(app, "http://demo") as api:
        player = Player(script, clock, api)
        await player.open()
        opened = await _journal(api)
        await player.play()
        coverage = (await api.get("/v1/coverages/apollo-11")).json()
        return Played(opened, await _journal(api), coverage)


@pytest.fixture(scope="module", params=[7, 1], ids=["a-seventh", "whole"])
def script(request: pytest.FixtureRequest) -> Script:
    """The demonstration's script, whole or with a seventh of the unchanged entries."""
    whole = read_script()
    changed = {change.entry for change in whole.change}
    entries = (
        e
        for n, e in enumerate(whole.entry)
        if n % request.param == 0 or e.pinned or e.key in changed
    )
    return Script(whole.coverage, tuple(entries), whole.change)


@pytest.fixture(scope="module")
def played(script: Script, tmp_path_factory: pytest.TempPathFactory) -> Played:
    """One replay for all tests."""
    return asyncio.run(_play(script, tmp_path_factory.mktemp("played")))


def test_every_entry_is_published_at_its_own_time(script: Script, played: Played) -> None:
    """The journal has the script's times to the second, whatever the speed."""
    expected = [(e.at, e.headline) for e in sorted(script.entry, key=lambda e: e.at)]
    published = played.changes("entry.published")
    retracted = {e["entry"]["id"] for e in played.changes("entry.retracted")}
    assert [event["at"] for event in published] == [format_time(at) for at, _ in expected]
    for event, (_, headline) in zip(published, expected, strict=True):
        assert event["entry"]["headline"] == headline or event["entry"]["id"] in retracted


def test_every_change_happens_at_its_own_time(script: Script, played: Played) -> None:
    """Corrections, amendments, retractions and pins are those of the script, at its times."""
    for event_type, action in ACTIONS.items():
        expected = [format_time(c.at) for c in script.change if c.action == action]
        assert expected
        assert [event["at"] for event in played.changes(event_type)] == expected
    pins = [c.at for c in script.change if c.action == "pin"]
    assert len(played.changes("entry.pinned")) == len(pins) + sum(e.pinned for e in script.entry)


def test_the_velocity_is_corrected_in_public_13_seconds_later(played: Played) -> None:
    """The journal has the wrong figure, and 13 seconds later its correction with a note."""
    at = format_time(parse_mission_time("102:41:12"))
    (correction,) = (event for event in played.changes("entry.corrected") if event["at"] == at)
    revisions = [
        event["entry"] for event in played.journal
        if event.get("entry", {}).get("id") == correction["entry"]["id"]
    ]  # fmt: skip
    assert [entry["revision"] for entry in revisions] == [1, 2]
    assert revisions[0]["published_at"] == format_time(parse_mission_time("102:40:59"))
    assert "9,100" in revisions[0]["body"]["html"]
    assert "9,100" not in revisions[1]["body"]["html"]
    assert "760" in revisions[1]["correction"]["note"]


def test_the_page_is_full_when_the_replay_begins(script: Script, played: Played) -> None:
    """Entries before the begin of the script are published at the opening, and no others."""
    before = [entry for entry in script.entry if entry.at < script.coverage.begins]
    counts = Counter(event["type"] for event in played.opened)
    assert counts == {"coverage.opened": 1, "entry.published": len(before), "entry.pinned": 1}
    assert played.journal[: len(played.opened)] == played.opened


def test_the_coverage_is_closed_in_the_end_and_stays(script: Script, played: Played) -> None:
    """The last event closes the coverage, which keeps all entries that are not retracted."""
    assert played.journal[-1]["type"] == "coverage.closed"
    assert played.coverage["status"] == "closed"
    retracted = len(played.changes("entry.retracted"))
    assert played.coverage["entry_count"] == len(script.entry) - retracted
    assert len(played.coverage["key_events"]) == sum(entry.key_event for entry in script.entry)


async def _play_with_retraction(script: Script, folder: Path) -> Json:
    """Retract the only entry before the begin of the script, then play."""
    clock = ReplayClock(script.steps[0].at, 1e9)
    app = create_app(Settings(database_url=f"sqlite:///{folder}/dateline.db"), clock)
    async with app.router.lifespan_context(app), local_client(app, "http://demo") as api:
        player = Player(script, clock, api)
        await player.open()
        path = "/v1/coverages/apollo-11"
        (entry,) = (await api.get(f"{path}/entries")).json()["entries"]
        note = {"note": "Not so."}
        await api.post(f"{path}/entries/{entry['id']}/retraction", json=note)
        await player.play()
        return dict((await api.get(path)).json())


def test_what_somebody_else_did_does_not_stop_the_replay(
    script: Script, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A change that is refused because somebody retracted its entry is logged and skipped."""
    wanted = {"velocity", "landed"}
    begins = "102:41:05"  # between the velocity and its correction
    script = Script(
        replace(script.coverage, begins=begins),
        tuple(entry for entry in script.entry if entry.key in wanted),
        tuple(change for change in script.change if change.entry in wanted),
    )
    with caplog.at_level(logging.WARNING):
        coverage = asyncio.run(_play_with_retraction(script, tmp_path))
    assert coverage["status"] == "closed"
    assert coverage["entry_count"] == 1
    assert coverage["pinned"] is not None
    assert "entry-retracted" in caplog.text
