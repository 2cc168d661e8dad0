"""Response cache of one process, while the newsroom writes at another process."""

from collections.abc import Iterator
from contextlib import ExitStack

import httpx
import pytest

from tests.contract.streams import open_stream
from tests.dateline import DatelineServer
from tests.journeys.site import SLUG, Site, settled
from tests.servers import PostgresServer, Server

_PATHS = (f"/v1/coverages/{SLUG}", f"/v1/coverages/{SLUG}/entries", f"/coverages/{SLUG}")


class Desk:
    """A chief's client at one process, and a reader's client at the other."""

    def __init__(self, chief: httpx.Client, reader: httpx.Client) -> None:
        self.chief = chief
        self.reader = reader

    def publish(self, headline: str) -> str:
        """Publish an entry at the chief's process; returns the cursor of its event."""
        posted = self.chief.post(f"/v1/coverages/{SLUG}/entries", json={"headline": headline})
        posted.raise_for_status()
        return str(posted.json()["cursor"])

    def read(self) -> list[str]:
        """Read each path at the reader's process twice: the second may come from the cache."""
        return [self.reader.get(path).text for path in _PATHS for _ in range(2)]

    def check_shown(self, cursor: str) -> None:
        """Check that every answer includes the event of the cursor."""
        for text in self.read():
            assert cursor in text


@pytest.fixture(params=["postgres", "redis"])
def broker_server(request: pytest.FixtureRequest) -> Server:
    """The broker's server, which the test can stop alone."""
    server: Server = request.getfixturevalue(f"broker_{request.param}")
    return server


@pytest.fixture
def servers(site: Site, database: PostgresServer, broker_server: Server) -> list[DatelineServer]:
    """Two processes on one database."""
    settings = {
        "database_url": database.fresh_database(),
        "broker_url": broker_server.fresh_database(),
    }
    return [site.start(**settings) for _ in range(2)]


@pytest.fixture
def desk(site: Site, servers: list[DatelineServer]) -> Iterator[Desk]:
    """A chief's client of the first process and a reader's client of the second."""
    with ExitStack() as stack:
        chief = stack.enter_context(site.chief(servers[0]))
        reader = httpx.Client(base_url=servers[1].url, timeout=120, trust_env=False)
        yield Desk(chief, stack.enter_context(reader))


@pytest.mark.full("the other broker", but=["redis"])
async def test_a_reader_who_was_told_finds_it_at_every_place(
    servers: list[DatelineServer], desk: Desk, broker_server: Server
) -> None:
    """A cached answer is never older than an event that the reader has received.

    While the broker runs, the reader reads once its stream has delivered the event; while the
    broker is down, at once after the acknowledgement.
    """
    desk.read()
    with open_stream(servers[1], SLUG, after="0") as stream:
        for number in range(10):
            cursor = desk.publish(f"Number {number}")
            stream.until(cursor)
            desk.check_shown(cursor)
    broker_server.stop()
    try:
        await settled(lambda: servers[1].log().count("The broker is down") == 1)
        for number in range(10):
            desk.check_shown(desk.publish(f"Without the broker {number}"))
    finally:
        broker_server.start()
    with open_stream(servers[1], SLUG, after="0") as stream:
        for number in range(10):
            cursor = desk.publish(f"With it again {number}")
            stream.until(cursor)
            desk.check_shown(cursor)
