"""The scripts, replayed into a real newsroom at a high speed."""

import asyncio
import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from logging.handlers import BufferingHandler
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.cli.local_api import local_client
from app.demo.clock import ReplayClock
from app.demo.player import Player
from app.demo.script import Script, ScriptedEntry, parse_time
from app.demo.script_file import STORIES, read_script
from app.formats.rfc3339 import format_time
from app.main import create_app
from app.settings import Settings

Json = dict[str, Any]

ACTIONS = {
    "entry.corrected": {"correct"},
    "entry.amended": {"amend", "check"},
    "entry.retracted": {"retract"},
    "entry.assessed": {"assess"},
}


@dataclass(frozen=True)
class Played:
    """The result of a replay.

    These are the journals after the opening and at the end, the coverages, their figures and their
    claims, each by the coverage's slug; and what the player logged.
    """

    opened: dict[str, list[Json]]
    journals: dict[str, list[Json]]
    coverages: dict[str, Json]
    figures: dict[str, list[Json]]
    claims: dict[str, list[Json]]
    logged: list[str]

    def changes(self, event_type: str) -> list[Json]:
        """Return the events of a type in all coverages, in order of time."""
        events = (event for journal in self.journals.values() for event in journal)
        chosen = (event for event in events if event["type"] == event_type)
        return sorted(chosen, key=lambda event: str(event["at"]))

    def revisions(self, entry_id: str) -> list[Json]:
        """Return the entry after each of its events."""
        events = (event for journal in self.journals.values() for event in journal)
        return [e["entry"] for e in events if e.get("entry", {}).get("id") == entry_id]


async def _journal(api: httpx.AsyncClient, slug: str) -> list[Json]:
    events: list[Json] = []
    more, cursor = True, "0"
    while more:
        query = {"after": cursor}
        page = (await api.get(f"/v1/coverages/{slug}/events", params=query)).json()
        events += page["events"]
        more, cursor = page["more"], page["cursor"]
    return events


async def _play(script: Script, folder: Path, log: BufferingHandler) -> Played:
    clock = ReplayClock(script.steps[0].at, 1e9)
    app = create_app(Settings(database_url=f"sqlite:///{folder}/dateline.db"), clock)
    slugs = [coverage.slug for coverage in script.coverage]
    async with app.router.lifespan_context(app), local_client(app, "http://demo") as api:
        player = Player(script, clock, api)
        await player.open()
        listed = (await api.get("/v1/coverages")).json()["coverages"]
        present = {coverage["slug"] for coverage in listed}
        opened = {slug: await _journal(api, slug) for slug in slugs if slug in present}
        await player.play()

        async def get(path: str, member: str | None = None) -> dict[str, Any]:
            answers = {
                slug: (await api.get(f"/v1/coverages/{slug}{path}")).json() for slug in slugs
            }
            return {slug: a[member] if member else a for slug, a in answers.items()}

        return Played(
            opened,
            {slug: await _journal(api, slug) for slug in slugs},
            await get(""),
            await get("/figures", "figures"),
            await get("/claims", "claims"),
            [record.getMessage() for record in log.buffer],
        )


def _select(script: Script, begins: datetime, entries: Iterable[ScriptedEntry]) -> Script:
    """Return the script with another begin, some of its entries, and the changes of these."""
    chosen = {entry.key: entry for entry in entries}
    changes = tuple(change for change in script.change if change.entry in chosen)
    entry = tuple(chosen.values())
    return Script(script.story, script.zero, begins, script.coverage, entry, changes)


def _seventh(whole: Script) -> Script:
    """Return the script with a seventh of the entries, and those that other steps need."""
    needed = {change.entry for change in whole.change}
    needed |= {entry.translation_of for entry in whole.entry if entry.translation_of}
    entries = (
        e
        for n, e in enumerate(whole.entry)
        if n % 7 == 0 or e.pinned or e.key in needed or e.translation_of
    )
    return _select(whole, whole.begins, entries)


WHOLE = pytest.param("apollo", marks=pytest.mark.full("the whole script"))
SEVENTH = pytest.param("apollo-a-seventh")
APOLLO = pytest.mark.parametrize("script", [SEVENTH, WHOLE], indirect=True)
FRONT = pytest.mark.parametrize("script", ["front"], indirect=True)


@pytest.fixture(scope="module", params=[SEVENTH, WHOLE, "front"])
def script(request: pytest.FixtureRequest) -> Script:
    """The script of a demonstration, whole or with a seventh of the unchanged entries."""
    story, _, part = request.param.partition("-")
    whole = read_script(STORIES[story])
    return _seventh(whole) if part else whole


@pytest.fixture(scope="module")
def played(script: Script, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    """One replay for all tests of a script."""
    log = BufferingHandler(1000)
    logger = logging.getLogger("app.demo.player")
    logger.addHandler(log)
    yield asyncio.run(_play(script, tmp_path_factory.mktemp("played"), log))
    logger.removeHandler(log)


def test_no_step_is_refused(script: Script, played: Played) -> None:
    """The server accepts all of the script, and the journals have each of its coverages."""
    assert played.logged == []
    assert set(played.journals) == {coverage.slug for coverage in script.coverage}


def test_every_entry_is_published_at_its_own_time(script: Script, played: Played) -> None:
    """The journals have the script's times to the second, whatever the speed."""
    retracted = {e["entry"]["id"] for e in played.changes("entry.retracted")}
    for slug, journal in played.journals.items():
        entries = (entry for entry in script.entry if script.slug_of(entry) == slug)
        expected = sorted(entries, key=lambda entry: entry.at)
        published = [event for event in journal if event["type"] == "entry.published"]
        assert [event["at"] for event in published] == [format_time(e.at) for e in expected]
        for event, entry in zip(published, expected, strict=True):
            headline = event["entry"]["headline"]
            assert headline == entry.headline or event["entry"]["id"] in retracted


def test_every_change_happens_at_its_own_time(script: Script, played: Played) -> None:
    """Corrections, amendments, retractions, assessments and pins are the script's, at its times."""
    for event_type, actions in ACTIONS.items():
        expected = sorted(format_time(c.at) for c in script.change if c.action in actions)
        assert expected
        assert [event["at"] for event in played.changes(event_type)] == expected
    pins = [c.at for c in script.change if c.action == "pin"]
    assert len(played.changes("entry.pinned")) == len(pins) + sum(e.pinned for e in script.entry)


@APOLLO
def test_the_velocity_is_corrected_in_public_13_seconds_later(played: Played) -> None:
    """The journal has the wrong figure, and 13 seconds later its correction with a note."""
    at = format_time(parse_time("102:41:12", read_script().zero))
    (correction,) = (event for event in played.changes("entry.corrected") if event["at"] == at)
    revisions = played.revisions(correction["entry"]["id"])
    assert [entry["revision"] for entry in revisions] == [1, 2]
    assert revisions[0]["published_at"] == format_time(parse_time("102:40:59", read_script().zero))
    assert "9,100" in revisions[0]["body"]["html"]
    assert "9,100" not in revisions[1]["body"]["html"]
    assert "760" in revisions[1]["correction"]["note"]
    assert [entry["figures"][1]["low"] for entry in revisions] == [9100, 760]


def test_translations_are_outdated_until_they_are_compared(script: Script, played: Played) -> None:
    """A translation is outdated if its original was corrected or assessed since it was compared."""
    expected = set()
    for entry in script.entry:
        checks = [c.at for c in script.change if (c.entry, c.action) == (entry.key, "check")]
        compared = max([entry.at, *checks])
        changes = (c for c in script.change if c.entry == entry.translation_of)
        if any(c.action in {"correct", "assess"} and c.at > compared for c in changes):
            expected.add(entry.headline)
    states = {
        event["entry"]["id"]: event["entry"]
        for journal in played.journals.values()
        for event in journal
        if "entry" in event
    }
    translations = [e for e in states.values() if e.get("translation_of")]
    assert len(translations) == sum(e.translation_of is not None for e in script.entry)
    outdated = {e["headline"] for e in translations if e["translation_of"]["outdated"]}
    assert outdated == expected
    assert played.changes("entry.outdated")


def test_every_claim_has_the_last_assessment_of_the_script(script: Script, played: Played) -> None:
    """The lists of claims have each claim once, with its status and the earlier ones."""
    for slug, claims in played.claims.items():
        expected = []
        for entry in script.entry:
            if script.slug_of(entry) != slug:
                continue
            for index, claim in enumerate(entry.claims):
                changes = [c for c in script.change if (c.entry, c.claim) == (entry.key, index)]
                statuses = [claim.status, *(c.status for c in changes)]
                expected.append((claim.source, claim.text, statuses))
        actual = [
            (c["source"]["name"], c["text"], [*(h["status"] for h in c["history"]), c["status"]])
            for c in claims
        ]
        assert sorted(actual, key=str) == sorted(expected, key=str)


@FRONT
def test_the_figures_of_the_war_contradict_each_other(played: Played) -> None:
    """Each source stands beside the others, with the number that it gave before."""
    lines = {
        (group["metric"], group["group"], line["source"]["name"]): (group["sources_differ"], line)
        for group in played.figures["ulvenna-4-may"]
        for line in group["sources"]
    }
    _, marenth = lines["killed", "Marenth soldiers", "Marenth Defence Ministry"]
    assert (marenth["low"], marenth["earlier"]["low"]) == (112, 107)
    _, tessary = lines["killed", "Tessary soldiers", "Tessary Defence Ministry"]
    assert (tessary["low"], tessary["high"], tessary["text"]) == (None, None, None)
    _, centre = lines["killed", "Tessary soldiers", "Lake Centre"]
    assert (centre["low"], centre["earlier"]["low"]) == (13, 11)
    differ, displaced = lines["displaced", "from Ulvenna", "Relief Committee"]
    assert (differ, displaced["about"]) == (True, True)
    assert lines["captured", "Marenth officers", "Tessary Interior Ministry"][1]["status"] == (
        "withdrawn"
    )


@FRONT
def test_the_page_of_the_day_before_is_closed_and_related(script: Script, played: Played) -> None:
    """It was closed in the evening before, and the page of the day links to it."""
    yesterday = script.coverage[2]
    assert yesterday.closed is not None
    closing = played.opened[yesterday.slug][-1]
    assert (closing["type"], closing["at"]) == ("coverage.closed", format_time(yesterday.closed))
    (link,) = played.coverages["ulvenna-4-may"]["related"]
    assert link["url"] == f"http://demo/coverages/{yesterday.slug}"


def test_the_page_is_full_when_the_replay_begins(script: Script, played: Played) -> None:
    """What precedes the begin of the script is played at the opening, and nothing else."""
    begins = format_time(script.begins)
    early = sum(entry.at < script.begins for entry in script.entry)
    opened = [event for journal in played.opened.values() for event in journal]
    assert sum(event["type"] == "entry.published" for event in opened) == early > 0
    assert all(event["at"] < begins for event in opened)
    for slug, journal in played.journals.items():
        count = len(played.opened.get(slug, []))
        assert journal[:count] == played.opened.get(slug, [])
        assert all(event["at"] >= begins for event in journal[count:])


def test_each_coverage_is_closed_in_the_end_and_stays(script: Script, played: Played) -> None:
    """Each last event closes a coverage, which keeps all entries that are not retracted."""
    for slug, coverage in played.coverages.items():
        journal = played.journals[slug]
        entries = [entry for entry in script.entry if script.slug_of(entry) == slug]
        assert journal[-1]["type"] == "coverage.closed"
        assert coverage["status"] == "closed"
        retracted = sum(event["type"] == "entry.retracted" for event in journal)
        assert coverage["entry_count"] == len(entries) - retracted
        assert len(coverage["key_events"]) == sum(entry.key_event for entry in entries)


async def _play_with_retraction(script: Script, folder: Path) -> Json:
    """Retract the only entry before the begin of the script, then play."""
    clock = ReplayClock(script.steps[0].at, 1e9)
    app = create_app(Settings(database_url=f"sqlite:///{folder}/dateline.db"), clock)
    async with app.router.lifespan_context(app), local_client(app, "http://demo") as api:
        player = Player(script, clock, api)
        await player.open()
        path = f"/v1/coverages/{script.main.slug}"
        (entry,) = (await api.get(f"{path}/entries")).json()["entries"]
        note = {"note": "Not so."}
        await api.post(f"{path}/entries/{entry['id']}/retraction", json=note)
        await player.play()
        return dict((await api.get(path)).json())


def test_what_somebody_else_did_does_not_stop_the_replay(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A change that is refused because somebody retracted its entry is logged and skipped."""
    whole = read_script()
    begins = parse_time("102:41:05", whole.zero)  # between the velocity and its correction
    entries = (entry for entry in whole.entry if entry.key in {"velocity", "landed"})
    script = _select(whole, begins, entries)
    with caplog.at_level(logging.WARNING):
        coverage = asyncio.run(_play_with_retraction(script, tmp_path))
    assert coverage["status"] == "closed"
    assert coverage["entry_count"] == 1
    assert coverage["pinned"] is not None
    assert "entry-retracted" in caplog.text
