"""The broker's URL. Refuses to load a driver that the URL does not ask for."""

from app.broker.broker import Broker
from app.broker.memory import MemoryBroker
from app.broker.patience import Patience
from app.broker.wire import Wire
from app.broker.wired import WiredBroker

_POSTGRES = ("postgres", "postgresql")
# Valkey is reached as Redis is, by a driver that knows the old name alone.
_REDIS = {"redis": "redis", "rediss": "rediss", "valkey": "redis", "valkeys": "rediss"}


def open_broker(url: str, patience: Patience | None = None) -> Broker:
    """Make the broker that a URL names; `await broker.open()` then connects it.

    Args:
        url: memory://, postgresql://… or redis://…, as the operator wrote it.
        patience: how long to wait for what; None means the usual waits.

    Raises:
        ValueError: the URL names no broker, or one whose library is not installed. The sentence
            never repeats the URL, which may hold a password.
    """
    if url == "memory://":
        return MemoryBroker()
    patience = patience or Patience()
    return WiredBroker(_find_wire(url, patience), patience)


def _find_wire(url: str, patience: Patience) -> Wire:
    scheme, mark, rest = url.partition("://")
    if mark and scheme in _POSTGRES:
        return _postgres_wire(url, patience)
    if mark and scheme in _REDIS:
        return _redis_wire(f"{_REDIS[scheme]}://{rest}", patience)
    raise ValueError(
        "the broker's URL should be memory:// (a single process),"
        " postgresql://USER:PASSWORD@HOST/DATABASE or redis://HOST:PORT/NUMBER"
    )


def _postgres_wire(url: str, patience: Patience) -> Wire:
    try:
        from app.broker.postgres import PostgresWire  # noqa: PLC0415 - an optional library
    except ImportError:
        raise ValueError(
            "the broker's URL names PostgreSQL, which needs the extra dateline[postgres]:"
            " pip install 'dateline[postgres]'"
        ) from None
    return PostgresWire(url, patience)


def _redis_wire(url: str, patience: Patience) -> Wire:
    try:
        from app.broker.redis import RedisWire  # noqa: PLC0415 - an optional library
    except ImportError:
        raise ValueError(
            "the broker's URL names Redis, which needs the extra dateline[redis]:"
            " pip install 'dateline[redis]'"
        ) from None
    return RedisWire(url, patience)
