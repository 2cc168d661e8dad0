"""A place for an answer that stays open: counted when it is given, and when it is given back.

Every handler that waits for an event or writes an endless answer holds one meanwhile: streams,
WebSockets, long-polls and the desk's hints. `tests/access/test_places.py` asks every route and
fails on one that stays open without.
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


class Place:
    """What a stream holds; given back at the end of a `with` block, or by who has taken it over.

    `reason` is why the stream ended, for the metrics.
    """

    __slots__ = ("_is_taken_over", "_leave", "_metrics", "_transport", "reason")

    def __init__(self, metrics: Metrics, transport: str, leave: Callable[[], None]) -> None:
        self._metrics = metrics
        self._transport = transport
        self._leave = leave
        self._is_taken_over = False
        self.reason: Reason = "client"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if not self._is_taken_over:
            self._give_back(self.reason)

    def hand_over(self) -> Callable[[Reason], None]:
        """Leave it to somebody else, who calls this with the reason when the stream is over."""
        self._is_taken_over = True
        return self._give_back

    def _give_back(self, reason: Reason) -> None:
        self._leave()
        self._metrics.left(self._transport, reason)


def admit(
    services: Services, client: HTTPConnection, transport: Transport, caller: Caller | None
) -> Place:
    """Take a place, by address and, of those who have shown a key or a session, by person.

    Args:
        services: the rooms.
        client: who wants it.
        transport: how the stream is written, for the metrics; the desk's are counted apart.
        caller: who it is; None for a reader.

    Raises:
        OverCapacity: there is none.
    """
    metrics = services.hub.metrics
    limiter = services.desk_stream_limiter if transport == "desk" else services.stream_limiter
    try:
        leave = limiter.enter(
            client.client.host if client.client else None,
            caller.id if caller else None,
            is_paced=transport != "long-poll",
        )
    except OverCapacity:
        metrics.refused(transport)
        raise
    metrics.entered(transport)
    return Place(metrics, transport, leave)
