"""Long-poll queue: requests that wait for a topic's next event; equal ones share one response.

A parked request occupies only its connection: no task, no timer, no database query. It waits for
an event after the head that it has, so the topic's buffer has that event when it comes.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from app.formats.wires import Form
from app.timeline.cursor import Cursor
from app.timeline.event import Event


@dataclass(frozen=True, slots=True)
class PollAnswer:
    """The answer to all long-polls with the same query.

    Args:
        etag: the page's ETag.
        page: the whole response with the page.
        not_modified: the 304 response for clients that already have the page.
    """

    etag: str
    page: bytes
    not_modified: bytes


class ParkedRequest(Protocol):
    """A request that waits for its answer."""

    @property
    def is_disconnected(self) -> bool:
        """Whether the client has disconnected."""

    def on_change(self, callback: Callable[[], None]) -> None:
        """Register a callback for when the client disconnects or sends its next request."""

    def answer(self, answer: PollAnswer) -> None:
        """Send the answer; do nothing if the client has disconnected."""

    def drop(self) -> None:
        """Release its slot without an answer, and close the connection if it is still open."""


@dataclass(frozen=True, slots=True)
class PollQuery:
    """The parameters that long-polls with the same answer have in common.

    Args:
        after: the clients' cursor, which was the head at the time of the request.
        limit: the most events of a page.
        form: the form of each event.
    """

    after: Cursor
    limit: int
    form: Form


# Renders a whole answer from the query, the events of the page, and whether there are more.
Render = Callable[[PollQuery, Sequence[Event], bool], PollAnswer]


class LongPollQueue:
    """The long-polls of a topic by their query, each with the time at which it times out.

    Args:
        batch: the most requests that `take` yields at a time.
    """

    def __init__(self, batch: int) -> None:
        self._batch = batch
        self._queries: dict[PollQuery, dict[ParkedRequest, float]] = {}

    def add(self, query: PollQuery, until: float, request: ParkedRequest) -> None:
        """Add a request, which times out at `until`, a time of the clock."""
        self._queries.setdefault(query, {})[request] = until

    def discard(self, query: PollQuery, request: ParkedRequest) -> bool:
        """Remove a request; returns whether it was still waiting."""
        requests = self._queries.get(query, {})
        if requests.pop(request, None) is None:
            return False
        if not requests:
            del self._queries[query]
        return True

    def take(self, head: int, now: float) -> Iterator[tuple[PollQuery, list[ParkedRequest]]]:
        """Remove the requests that are due: they have a new event, or have timed out.

        Args:
            head: the seq of the journal's head.
            now: the time of the clock; infinity takes all requests.

        Yields:
            A query and a batch of the requests with that query.
        """
        for query, requests in list(self._queries.items()):
            is_new = query.after.seq < head
            due = [request for request, until in requests.items() if is_new or until <= now]
            for request in due:
                del requests[request]
            if not requests:
                del self._queries[query]
            for start in range(0, len(due), self._batch):
                yield query, due[start : start + self._batch]
