"""Tests of answers that are on their way while their coverage is withdrawn."""

import asyncio
from dataclasses import replace

import orjson
import pytest

from app.clock import utc_now
from app.store.coverages import save_availability
from app.store.journal import lock_coverage, record_change
from app.timeline.change import publish
from app.timeline.entry import Entry
from app.timeline.withdrawal import Withdrawal
from tests.reader.newsroom_app import NewsroomApp, ask

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_who_waits_gets_nothing_of_a_withdrawn_coverage(newsroom_app: NewsroomApp) -> None:
    """A wait that a withdrawal ends is a 410, though something was published before it."""
    app, slug = newsroom_app.uncached.app, await newsroom_app.open_coverage()
    path, services = f"/v1/coverages/{slug}", app.state.services
    cursor = orjson.loads((await ask(app, path))[2])["cursor"]
    waiting = asyncio.create_task(ask(app, f"{path}/events?after={cursor}&wait=50"))
    topics = services.hub.follower.topics
    while slug not in topics or not topics[slug].subscribers:  # noqa: ASYNC110  nothing signals it
        await asyncio.sleep(0)
    now = utc_now()
    entry = Entry("late", slug, "draft", updated_at=now, language="en", headline="Too late")
    async with services.store.writing() as session:
        change = publish(await lock_coverage(session, slug), entry, now)
        await record_change(session, change)
        withdrawal = Withdrawal(now, "Ann", "By order.")
        await save_availability(session, replace(change.coverage, withdrawn=withdrawal))
    services.hub.follower.end(slug)
    status, _, body = await waiting
    assert (status, b"Too late" in body) == (410, False)
