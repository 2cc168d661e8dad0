"""A place for a stream: counted when it is given, and when it is given back."""

from collections.abc import Callable
from typing import Self

from starlette.requests import HTTPConnection

from app.hub.connection import Reason
from app.hub.hub import OverCapacity
from app.hub.metrics import Metrics
from app.web.house import House


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


def admit(house: House, client: HTTPConnection | None, transport: str) -> Place:
    """Take a place.

    Args:
        house: the rooms.
        client: who wants it; None is not counted by address.
        transport: how the stream is written, for the metrics.

    Raises:
        OverCapacity: there is none.
    """
    metrics = house.hub.metrics
    try:
        leave = house.crowd.enter(client.client.host if client and client.client else None)
    except OverCapacity:
        metrics.refused(transport)
        raise
    metrics.entered(transport)
    return Place(metrics, transport, leave)
