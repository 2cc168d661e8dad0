"""Promises of pages of the past: kept for as long as they are right, and no longer."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import orjson
import pytest

from app.hub.past import PastPages
from tests.reader.doors import Doors, ask, open_doors

FAR = "2999-01-01T00:00:00Z"


@pytest.fixture
async def doors(tmp_path: Path) -> AsyncIterator[Doors]:
    """A newsroom of its own, in which answers are not kept, but pages of the past are."""
    async with open_doors(tmp_path, capacity=0) as doors:
        await doors.write("POST", "", {"slug": "fire", "title": "A fire"})
        yield doors


def past_of(doors: Doors) -> PastPages:
    """The pages of the past that its process keeps."""
    past: PastPages = doors.made.state.services.past
    return past


async def publish(doors: Doors, words: str) -> str:
    """Publish an entry; gives its id."""
    entry = await doors.write("POST", "/fire/entries", {"headline": words})
    return str(entry["id"])


async def shown_at(doors: Doors, moment: str) -> list[str | None]:
    """The headlines of the page as it stood then, newest first."""
    status, _, body = await ask(doors.hot, f"/v1/coverages/fire/entries?at={moment}")
    assert status == 200, body
    return [entry["headline"] for entry in orjson.loads(body)["entries"]]


async def test_moments_between_two_events_have_one_page(doors: Doors):
    """Whoever asks for another moment each time has the journal folded once."""
    await publish(doors, "One")
    for second in range(5):
        assert await shown_at(doors, f"2999-01-01T00:00:0{second}Z") == ["One"]
    assert len(past_of(doors)) == 1


async def test_a_kept_page_stays_right_while_the_coverage_goes_on(doors: Doors):
    """New entries are not on it, and the head of its answer is the journal's as it is now."""
    await publish(doors, "One")
    services = doors.made.state.services
    then = services.now().isoformat().replace("+00:00", "Z")
    assert await shown_at(doors, then) == ["One"]
    await publish(doors, "Two")
    assert await shown_at(doors, then) == ["One"]
    assert await shown_at(doors, FAR) == ["Two", "One"]
    _, _, now = await ask(doors.hot, "/v1/coverages/fire")
    _, _, page = await ask(doors.hot, f"/v1/coverages/fire/entries?at={then}")
    assert orjson.loads(page)["cursor"] == orjson.loads(now)["cursor"]


async def test_retracted_words_do_not_stay_in_memory(doors: Doors):
    """What is kept of a coverage is dropped as soon as this process hears of the retraction."""
    entry_id = await publish(doors, "Not so")
    assert await shown_at(doors, FAR) == ["Not so"]
    assert len(past_of(doors)) == 1
    await doors.write("POST", f"/fire/entries/{entry_id}/retraction", {"note": "It was not."})
    async with asyncio.timeout(60):
        while len(past_of(doors)):  # noqa: ASYNC110  what is promised has no event
            await asyncio.sleep(0.01)


async def test_a_retraction_ends_every_kept_page(doors: Doors):
    """The next answer has the tombstone; another process's retraction is found in the journal."""
    entry_id = await publish(doors, "Not so")
    services = doors.made.state.services
    then = services.now().isoformat().replace("+00:00", "Z")
    assert await shown_at(doors, then) == ["Not so"]
    doors.made.state.services.hub.follower.on_redaction(
        lambda _slug: None
    )  # as if nobody heard of it
    await doors.write("POST", f"/fire/entries/{entry_id}/retraction", {"note": "It was not."})
    assert await shown_at(doors, then) == [None]


async def test_a_page_of_a_moment_to_come_shows_all_up_to_the_head_that_it_names(doors: Doors):
    """Whenever an entry is published while it is made: else a cache would keep the older page."""

    async def read(turns: int) -> tuple[int, int]:
        for _ in range(turns):
            await asyncio.sleep(0)
        _, _, body = await ask(doors.hot, f"/v1/coverages/fire/entries?at={FAR}&limit=100")
        page = orjson.loads(body)
        return int(page["cursor"].rpartition("-")[2]), len(page["entries"])

    for number in range(60):
        reading = [asyncio.create_task(read(turns)) for turns in range(0, 60, 6)]
        await publish(doors, f"Report {number}")
        for head, entries in await asyncio.gather(*reading):
            assert entries == head - 1, "the first event has opened the coverage"
