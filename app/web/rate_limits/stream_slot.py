"""Stream slots: an answer that stays open holds one; acquiring and releasing them is counted.

Every handler that waits for an event or writes an endless answer holds a slot meanwhile: streams,
WebSockets, long-polls and the desk's change feed. `tests/access/test_stream_slots.py` calls every
route and fails on one that stays open without a slot.
"""

from collections.abc import Callable
from typing import Literal, Self

from starlette.requests import HTTPConnection

from app.access.roles import Caller
from app.hub.connection import Reason
from app.hub.hub import OverCapacity
from app.hub.metrics import Metrics
from app.web.services import Services

Transport = Literal["sse", "sse-gzip", "websocket", "long-poll", "desk"]


class StreamSlot:
    """A stream's slot, released at the end of a `with` block or by the code that has taken it over.

    `reason` is why the stream ended, for the metrics.
    """

    __slots__ = ("_is_taken_over", "_metrics", "_on_release", "_transport", "reason")

    def __init__(self, metrics: Metrics, transport: str, on_release: Callable[[], None]) -> None:
        self._metrics = metrics
        self._transport = transport
        self._on_release = on_release
        self._is_taken_over = False
        self.reason: Reason = "client"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if not self._is_taken_over:
            self._release(self.reason)

    def hand_over(self) -> Callable[[Reason], None]:
        """Return the function that releases the slot; the new owner calls it with the reason."""
        self._is_taken_over = True
        return self._release

    def _release(self, reason: Reason) -> None:
        self._on_release()
        self._metrics.count_closed(self._transport, reason)


def admit(
    services: Services, client: HTTPConnection, transport: Transport, caller: Caller | None
) -> StreamSlot:
    """Acquire a slot, counted by address and, for a client with a key or session, by person.

    Args:
        services: the application's services.
        client: the request.
        transport: the stream's transport, for the metrics; the desk has a limiter of its own.
        caller: the caller; None for a reader.

    Raises:
        OverCapacity: no slot is available.
    """
    address = client.client.host if client.client else None
    return admit_address(services, address, transport, caller.id if caller else None)


def admit_address(
    services: Services, address: str | None, transport: Transport, person: str | None = None
) -> StreamSlot:
    """Acquire a slot, as `admit` does, for a client of which the address is known.

    Args:
        services: the application's services.
        address: the client's address; None, for a Unix socket, is not limited by address.
        transport: the stream's transport.
        person: the id of the person or key; None for a reader.

    Raises:
        OverCapacity: no slot is available.
    """
    metrics = services.hub.metrics
    limiter = services.desk_stream_limiter if transport == "desk" else services.stream_limiter
    try:
        on_release = limiter.enter(address, person, is_paced=transport != "long-poll")
    except OverCapacity:
        metrics.count_refused(transport)
        raise
    metrics.count_opened(transport)
    return StreamSlot(metrics, transport, on_release)
