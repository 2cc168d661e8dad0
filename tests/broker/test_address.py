"""The broker's URL."""

import subprocess
import sys

import pytest

from app.broker import open_broker
from app.broker.memory import MemoryBroker
from app.broker.remote import RemoteBroker


def test_memory_is_the_broker_of_one_process():
    """`memory://` is the broker of a single process, without a server."""
    assert isinstance(open_broker("memory://"), MemoryBroker)


@pytest.mark.parametrize(
    "url",
    [
        "postgres://host/name",
        "postgresql://user:word@one:5432,two:5433/name?sslmode=require",
        "redis://host",
        "rediss://:word@host:6380/3",
        "valkey://host/1",
        "valkeys://host",
    ],
)
def test_each_server_is_named_by_its_scheme(url: str):
    """A server's URL creates a broker that is not connected until it is opened."""
    broker = open_broker(url)
    assert isinstance(broker, RemoteBroker)
    assert not broker.is_connected


@pytest.mark.parametrize(
    "url",
    [
        "",
        "memory",
        "memory:",
        "memory://somewhere",
        "postgres",
        "redis:/host",
        "://host",
        "amqp://host",
        "nats://host",
        "postgresql+psycopg://host/name",
        "unix:///run/redis.sock",
    ],
)
def test_another_url_is_refused_with_what_it_should_be(url: str):
    """Any other URL is refused with the three kinds that exist."""
    with pytest.raises(ValueError, match=r"should be memory:// .* postgresql://.* redis://"):
        open_broker(url)


@pytest.mark.parametrize(
    ("url", "example"),
    [
        ("postgresql://user:geheim@host:port/name", "postgresql://USER"),
        ("postgresql://user:geheim@host/name?colour=red", "postgresql://USER"),
        ("redis://user:geheim@host:port", "redis://USER"),
        ("redis://user:geheim@host/0?colour=red", "redis://USER"),
        ("redis://user:geheim@host?db=first", "redis://USER"),
    ],
)
def test_a_url_that_the_driver_cannot_read_stops_the_start(url: str, example: str):
    """An invalid URL is refused at the start, with an example and without the password."""
    with pytest.raises(ValueError, match="should be like") as refusal:
        open_broker(url)
    assert example in str(refusal.value)
    assert "geheim" not in str(refusal.value)


@pytest.mark.parametrize(
    ("url", "library", "extra"),
    [
        ("postgresql://host/name", "psycopg", "dateline[postgres]"),
        ("redis://host", "redis", "dateline[redis]"),
    ],
)
def test_a_missing_library_is_named_by_its_extra(monkeypatch, url: str, library: str, extra: str):
    """A missing library is reported with the extra to install."""
    for module in [name for name in sys.modules if name.split(".")[0] == library]:
        monkeypatch.delitem(sys.modules, module)
    for module in ("app.broker.postgres", "app.broker.redis"):
        monkeypatch.delitem(sys.modules, module, raising=False)
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(ValueError, match="needs the extra") as refusal:
        open_broker(url)
    assert extra in str(refusal.value)


def test_no_driver_is_loaded_before_its_url_is_seen():
    """No driver is imported before a URL names it."""
    program = "import sys, app.broker; print({'psycopg', 'redis'} & set(sys.modules))"
    command = [sys.executable, "-c", program]
    assert subprocess.check_output(command, text=True).strip() == "set()"
