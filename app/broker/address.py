"""The broker's URL: chooses the broker, and imports a driver only if the URL names it."""

from app.broker.broker import Broker
from app.broker.memory import MemoryBroker
from app.broker.remote import RemoteBroker
from app.broker.timeouts import BrokerTimeouts

_POSTGRES = ("postgres", "postgresql")
# Valkey uses the Redis driver, which accepts only Redis's own URL schemes.
_REDIS = {"redis": "redis", "rediss": "rediss", "valkey": "redis", "valkeys": "rediss"}


def open_broker(url: str, timeouts: BrokerTimeouts | None = None) -> Broker:
    """Create the broker that a URL names; `await broker.open()` then connects it.

    Args:
        url: memory://, postgresql://… or redis://…, as the operator wrote it.
        timeouts: the broker's time-outs; None means the defaults.

    Raises:
        ValueError: the URL names no broker, or one whose library is not installed. The message
            never repeats the URL, which may contain a password.
    """
    if url == "memory://":
        return MemoryBroker()
    timeouts = timeouts or BrokerTimeouts()
    scheme, mark, rest = url.partition("://")
    if mark and scheme in _POSTGRES:
        try:
            from app.broker.postgres import PostgresTransport  # noqa: PLC0415 - an optional library
        except ImportError:
            raise ValueError(
                "the broker's URL names PostgreSQL, which needs the extra dateline[postgres]:"
                " pip install 'dateline[postgres]'"
            ) from None
        return RemoteBroker(PostgresTransport(url, timeouts), timeouts)
    if mark and scheme in _REDIS:
        try:
            from app.broker.redis import RedisTransport  # noqa: PLC0415 - an optional library
        except ImportError:
            raise ValueError(
                "the broker's URL names Redis, which needs the extra dateline[redis]:"
                " pip install 'dateline[redis]'"
            ) from None
        return RemoteBroker(RedisTransport(f"{_REDIS[scheme]}://{rest}", timeouts), timeouts)
    raise ValueError(
        "the broker's URL should be memory:// (a single process),"
        " postgresql://USER:PASSWORD@HOST/DATABASE or redis://HOST:PORT/NUMBER"
    )
