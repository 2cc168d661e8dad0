"""Pages as of a time while the journal goes on, and after retractions."""

import asyncio
from collections.abc import AsyncIterator

import orjson
import pytest
import pytest_asyncio

from tests.reader.newsroom_app import NewsroomApp, ask, open_newsroom_app
from tests.record import retract_one

pytestmark = pytest.mark.asyncio(loop_scope="module")

FUTURE = "2999-01-01T00:00:00Z"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def newsroom_app(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[NewsroomApp]:
    """A newsroom application without a response cache."""
    async with open_newsroom_app(tmp_path_factory.mktemp("past"), capacity=0) as newsroom_app:
        yield newsroom_app


@pytest_asyncio.fixture(loop_scope="module")
async def slug(newsroom_app: NewsroomApp) -> str:
    """The slug of a new coverage."""
    return await newsroom_app.open_coverage()


async def publish(newsroom_app: NewsroomApp, slug: str, headline: str) -> str:
    """Publish an entry and return its id."""
    entry = await newsroom_app.write("POST", f"/{slug}/entries", {"headline": headline})
    return str(entry["id"])


async def shown_at(newsroom_app: NewsroomApp, slug: str, time: str) -> list[str | None]:
    """Return the headlines of the page as of a time, newest first."""
    status, _, body = await ask(newsroom_app.cached, f"/v1/coverages/{slug}/entries?at={time}")
    assert status == 200, body
    return [entry["headline"] for entry in orjson.loads(body)["entries"]]


async def test_a_past_page_stays_as_it_was_while_the_coverage_goes_on(
    newsroom_app: NewsroomApp, slug: str
):
    """A past page has no newer entries, but the journal's current cursor."""
    await publish(newsroom_app, slug, "One")
    services = newsroom_app.uncached.state.services
    then = services.now().isoformat().replace("+00:00", "Z")
    assert await shown_at(newsroom_app, slug, then) == ["One"]
    await publish(newsroom_app, slug, "Two")
    assert await shown_at(newsroom_app, slug, then) == ["One"]
    assert await shown_at(newsroom_app, slug, FUTURE) == ["Two", "One"]
    _, _, coverage = await ask(newsroom_app.cached, f"/v1/coverages/{slug}")
    _, _, page = await ask(newsroom_app.cached, f"/v1/coverages/{slug}/entries?at={then}")
    assert orjson.loads(page)["cursor"] == orjson.loads(coverage)["cursor"]


async def test_a_retraction_changes_every_past_page(newsroom_app: NewsroomApp, slug: str):
    """Without a notification of a retraction, the next page still has the tombstone."""
    entry_id = await publish(newsroom_app, slug, "Not so")
    services = newsroom_app.uncached.state.services
    then = services.now().isoformat().replace("+00:00", "Z")
    assert await shown_at(newsroom_app, slug, then) == ["Not so"]
    await retract_one(services.store, slug, entry_id)
    assert await shown_at(newsroom_app, slug, then) == [None]


@pytest.mark.full("more often", but=["20"])
@pytest.mark.parametrize("reports", [20, 60])
async def test_a_page_of_a_moment_to_come_shows_all_up_to_the_head_that_it_names(
    newsroom_app: NewsroomApp, slug: str, reports: int
):
    """A page as of a future time has all entries up to the cursor that it names.

    This holds while entries are published concurrently; otherwise the response cache would keep an
    incomplete page.
    """

    async def read(turns: int) -> tuple[int, int]:
        for _ in range(turns):
            await asyncio.sleep(0)
        _, _, body = await ask(
            newsroom_app.cached, f"/v1/coverages/{slug}/entries?at={FUTURE}&limit=100"
        )
        page = orjson.loads(body)
        return int(page["cursor"].rpartition("-")[2]), len(page["entries"])

    for number in range(reports):
        reading = [asyncio.create_task(read(turns)) for turns in range(0, 60, 6)]
        await publish(newsroom_app, slug, f"Report {number}")
        for head, entries in await asyncio.gather(*reading):
            assert entries == head - 1, "the first event has opened the coverage"
