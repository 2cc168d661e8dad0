"""Promises of pages of the past: kept for as long as they are right, and no longer."""

import asyncio
from collections.abc import AsyncIterator

import orjson
import pytest
import pytest_asyncio

from app.hub.past import PastPages
from tests.reader.doors import Doors, ask, open_doors

pytestmark = pytest.mark.asyncio(loop_scope="module")

FAR = "2999-01-01T00:00:00Z"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def doors(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Doors]:
    """A newsroom in which answers are not kept, but pages of the past are."""
    async with open_doors(tmp_path_factory.mktemp("past"), capacity=0) as doors:
        yield doors


@pytest_asyncio.fixture(loop_scope="module")
async def slug(doors: Doors) -> str:
    """A coverage of the test's own."""
    return await doors.open_coverage()


def kept_of(doors: Doors, slug: str) -> int:
    """How many pages of a coverage's past its process keeps."""
    past: PastPages = doors.made.state.services.past
    return sum(key[0] == slug for key in past._pages)


async def publish(doors: Doors, slug: str, words: str) -> str:
    """Publish an entry; gives its id."""
    entry = await doors.write("POST", f"/{slug}/entries", {"headline": words})
    return str(entry["id"])


async def shown_at(doors: Doors, slug: str, moment: str) -> list[str | None]:
    """The headlines of the page as it stood then, newest first."""
    status, _, body = await ask(doors.hot, f"/v1/coverages/{slug}/entries?at={moment}")
    assert status == 200, body
    return [entry["headline"] for entry in orjson.loads(body)["entries"]]


async def test_moments_between_two_events_have_one_page(doors: Doors, slug: str):
    """Whoever asks for another moment each time has the journal folded once."""
    await publish(doors, slug, "One")
    for second in range(5):
        assert await shown_at(doors, slug, f"2999-01-01T00:00:0{second}Z") == ["One"]
    assert kept_of(doors, slug) == 1


async def test_a_kept_page_stays_right_while_the_coverage_goes_on(doors: Doors, slug: str):
    """New entries are not on it, and the head of its answer is the journal's as it is now."""
    await publish(doors, slug, "One")
    services = doors.made.state.services
    then = services.now().isoformat().replace("+00:00", "Z")
    assert await shown_at(doors, slug, then) == ["One"]
    await publish(doors, slug, "Two")
    assert await shown_at(doors, slug, then) == ["One"]
    assert await shown_at(doors, slug, FAR) == ["Two", "One"]
    _, _, now = await ask(doors.hot, f"/v1/coverages/{slug}")
    _, _, page = await ask(doors.hot, f"/v1/coverages/{slug}/entries?at={then}")
    assert orjson.loads(page)["cursor"] == orjson.loads(now)["cursor"]


async def test_retracted_words_do_not_stay_in_memory(doors: Doors, slug: str):
    """What is kept of a coverage is dropped as soon as this process hears of the retraction."""
    entry_id = await publish(doors, slug, "Not so")
    assert await shown_at(doors, slug, FAR) == ["Not so"]
    assert kept_of(doors, slug) == 1
    await doors.write("POST", f"/{slug}/entries/{entry_id}/retraction", {"note": "It was not."})
    async with asyncio.timeout(60):
        while kept_of(doors, slug):  # noqa: ASYNC110  what is promised has no event
            await asyncio.sleep(0.01)


async def test_a_retraction_ends_every_kept_page(doors: Doors, slug: str):
    """The next answer has the tombstone; another process's retraction is found in the journal."""
    entry_id = await publish(doors, slug, "Not so")
    services = doors.made.state.services
    then = services.now().isoformat().replace("+00:00", "Z")
    assert await shown_at(doors, slug, then) == ["Not so"]
    services.hub.follower.on_redaction(lambda _slug: None)  # as if nobody heard of it
    try:
        await doors.write("POST", f"/{slug}/entries/{entry_id}/retraction", {"note": "It was not."})
    finally:
        services.hub.follower.on_redaction(services.past.drop)
    assert await shown_at(doors, slug, then) == [None]


@pytest.mark.full("more often", but=["20"])
@pytest.mark.parametrize("reports", [20, 60])
async def test_a_page_of_a_moment_to_come_shows_all_up_to_the_head_that_it_names(
    doors: Doors, slug: str, reports: int
):
    """Whenever an entry is published while it is made: else a cache would keep the older page."""

    async def read(turns: int) -> tuple[int, int]:
        for _ in range(turns):
            await asyncio.sleep(0)
        _, _, body = await ask(doors.hot, f"/v1/coverages/{slug}/entries?at={FAR}&limit=100")
        page = orjson.loads(body)
        return int(page["cursor"].rpartition("-")[2]), len(page["entries"])

    for number in range(reports):
        reading = [asyncio.create_task(read(turns)) for turns in range(0, 60, 6)]
        await publish(doors, slug, f"Report {number}")
        for head, entries in await asyncio.gather(*reading):
            assert entries == head - 1, "the first event has opened the coverage"
