"""Answers that a process keeps ready, while another process takes what the newsroom writes."""

from collections.abc import Iterator
from contextlib import ExitStack

import httpx
import pytest

from tests.contract.streams import open_stream
from tests.dateline import DatelineServer
from tests.journeys.site import SLUG, Site, settled
from tests.servers import PostgresServer, Server

_PLACES = (f"/v1/coverages/{SLUG}", f"/v1/coverages/{SLUG}/entries", f"/coverages/{SLUG}")


class Desk:
    """The newsroom at one process, and a reader at the other."""

    def __init__(self, chief: httpx.Client, reader: httpx.Client) -> None:
        self.chief = chief
        self.reader = reader

    def publish(self, headline: str) -> str:
        """Publish at the one process; gives the cursor of the event."""
        posted = self.chief.post(f"/v1/coverages/{SLUG}/entries", json={"headline": headline})
        posted.raise_for_status()
        return str(posted.json()["cursor"])

    def read(self) -> list[str]:
        """Every place at the other, each twice, so that the second is kept if it may be."""
        return [self.reader.get(place).text for place in _PLACES for _ in range(2)]

    def check_shown(self, cursor: str) -> None:
        """Raises AssertionError where a place is older than the cursor."""
        for text in self.read():
            assert cursor in text


@pytest.fixture(params=["postgres", "redis"])
def ringer(request: pytest.FixtureRequest) -> Server:
    """The server of the bell, which may be stopped alone."""
    bell: Server = request.getfixturevalue(f"bell_{request.param}")
    return bell


@pytest.fixture
def servers(site: Site, database: PostgresServer, ringer: Server) -> list[DatelineServer]:
    """Two processes on one record."""
    settings = {"database_url": database.fresh_database(), "broker_url": ringer.fresh_database()}
    return [site.start(**settings) for _ in range(2)]


@pytest.fixture
def desk(site: Site, servers: list[DatelineServer]) -> Iterator[Desk]:
    """Clients of both."""
    with ExitStack() as opened:
        chief = opened.enter_context(site.chief(servers[0]))
        reader = httpx.Client(base_url=servers[1].url, timeout=120, trust_env=False)
        yield Desk(chief, opened.enter_context(reader))


@pytest.mark.full("the other broker", but=["redis"])
async def test_a_reader_who_was_told_finds_it_at_every_place(
    servers: list[DatelineServer], desk: Desk, ringer: Server
) -> None:
    """What a process has heard it shows; with the bell down, what anybody has been acknowledged.

    The reader waits for its stream, and then looks; without the bell it looks at once.
    """
    desk.read()
    with open_stream(servers[1], SLUG, after="0") as stream:
        for number in range(10):
            cursor = desk.publish(f"Number {number}")
            stream.until(cursor)
            desk.check_shown(cursor)
    ringer.stop()
    try:
        await settled(lambda: servers[1].log().count("The broker is down") == 1)
        for number in range(10):
            desk.check_shown(desk.publish(f"Without the bell {number}"))
    finally:
        ringer.start()
    with open_stream(servers[1], SLUG, after="0") as stream:
        for number in range(10):
            cursor = desk.publish(f"With it again {number}")
            stream.until(cursor)
            desk.check_shown(cursor)
