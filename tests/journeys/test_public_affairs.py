"""A day of coverage in a minute: hundreds of posts, readers cut off, and the server killed."""

import asyncio
import random
import time
from collections.abc import Callable

import pytest

from tests.dateline import DatelineServer
from tests.journeys.commentary import ROWS, read_rows
from tests.journeys.outbox import Outbox
from tests.journeys.readers import READERS, PollReader, Reader, all_reached, check_same, following
from tests.journeys.site import (
    SLUG,
    Site,
    check_published_once,
    read_journal,
    read_metric,
    settled,
)

pytestmark = pytest.mark.full("hours of commentary, and thousands of readers")

_OF_EACH_KIND = 50
_POSTING_CLIENTS = 8
_HANGS = 540  # seconds until an event counts as missing
# Seconds between two cuts; polls are short, so their cuts come often enough to hit some midway.
_STREAM_LIVES, _POLL_LIVES = (0.2, 12.0), (0.01, 2.0)


@pytest.mark.timeout(_HANGS + 60)
async def test_every_reader_ends_with_the_whole_commentary_once_and_in_order(
    site: Site, figures: Callable[[str], None]
) -> None:
    """Cut connections and a `kill -9` with a restart lose no acknowledged entry and double none."""
    server = site.start(stream_lifetime="PT15S", heartbeat="PT1S")
    before = read_metric(server, "process_open_fds")
    payloads = {
        f"row-{number}": {"headline": f"{row.time} GET", "body": row.text}
        for number, row in enumerate(read_rows())
    }
    assert len(payloads) == ROWS
    outbox = Outbox([server.url], SLUG, site.key)
    started = time.monotonic()
    readers = _readers(server)
    async with asyncio.timeout(_HANGS), following(readers), asyncio.TaskGroup() as tasks:
        tasks.create_task(outbox.deliver(payloads, _POSTING_CLIENTS))
        await outbox.count(ROWS // 2)
        await asyncio.to_thread(server.kill)
        before_the_kill = dict(outbox.acknowledged)
        await asyncio.to_thread(server.start)
        await all_reached(readers, ROWS + 1)
    seconds = time.monotonic() - started
    assert sum(reader.cuts for reader in readers) >= len(readers)
    journal = read_journal(server)
    assert journal[0]["type"] == "coverage.opened"
    assert before_the_kill.items() <= outbox.acknowledged.items()
    check_published_once(journal, outbox.acknowledged)
    _check_texts(outbox, payloads)
    check_same(readers, journal)
    await settled(lambda: read_metric(server, "dateline_connections") == 0)
    # The readers' sockets are closed; only pooled database connections may remain.
    await settled(lambda: read_metric(server, "process_open_fds") < before + _OF_EACH_KIND / 2)
    memory = read_metric(server, "process_resident_memory_bytes") / 2**20
    figures(f"{_summary(readers, outbox, seconds)}, {memory:.0f} MiB at the end")


def _readers(server: DatelineServer) -> list[Reader]:
    kinds = [kind for kind in READERS for _ in range(_OF_EACH_KIND)]
    lives = {PollReader: _POLL_LIVES}
    return [
        kind(server.url, SLUG, random.Random(n), lives.get(kind, _STREAM_LIVES))
        for n, kind in enumerate(kinds)
    ]


def _check_texts(outbox: Outbox, payloads: dict[str, dict[str, str]]) -> None:
    for key, payload in payloads.items():
        entry = outbox.acknowledged[key]
        assert entry["headline"] == payload["headline"]
        assert entry["body"]["markdown"] == payload["body"]


def _summary(readers: list[Reader], outbox: Outbox, seconds: float) -> str:
    received = sum(len(reader.seqs) for reader in readers)
    cuts = sum(reader.cuts for reader in readers)
    ends = sum(len(reader.endings) for reader in readers if reader.kind != "long-poll")
    return (
        f"{len(outbox.acknowledged)} rows by {_POSTING_CLIENTS} clients"
        f" ({outbox.lost} requests lost in the kill and repeated),"
        f" {len(readers)} readers, {cuts} cuts, {ends} other ends,"
        f" {received} events received, {seconds:.1f} s"
    )
