"""The long-polls that wait for a topic's next event, answered together with bytes made once.

Each holds nothing but its connection: no task, no timer, no query. What it waits for lies behind
the head at which it asked, so that event is in the topic's buffer when it comes.
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
        etag: of the page.
        page: the whole response with it.
        unchanged: the 304 response to those who have it already.
    """

    etag: str
    page: bytes
    unchanged: bytes


class ParkedRequest(Protocol):
    """A request whose answer is owed."""

    @property
    def is_gone(self) -> bool:
        """Whether the client has gone."""

    def on_change(self, callback: Callable[[], None]) -> None:
        """Have this called when the client is gone, or has sent its next request."""

    def answer(self, answer: PollAnswer) -> None:
        """Send the answer; does nothing if the client is gone."""

    def drop(self) -> None:
        """Give its place back, without an answer, and close the connection if it is still there."""


@dataclass(frozen=True, slots=True)
class PollQuery:
    """What long-polls with the same answer have in common.

    Args:
        after: up to where their clients have everything: the head, when they asked.
        limit: the most events of a page.
        form: of each event.
    """

    after: Cursor
    limit: int
    form: Form


# Makes a whole answer from the query, the events of the page, and whether there are more.
Render = Callable[[PollQuery, Sequence[Event], bool], PollAnswer]


class LongPollQueue:
    """The long-polls of a topic by their query, each with the time until which it waits.

    Args:
        batch: the most requests that `take` gives at a time.
    """

    def __init__(self, batch: int) -> None:
        self._batch = batch
        self._queries: dict[PollQuery, dict[ParkedRequest, float]] = {}

    def add(self, query: PollQuery, until: float, request: ParkedRequest) -> None:
        """Have a request wait until that time of the clock."""
        self._queries.setdefault(query, {})[request] = until

    def discard(self, query: PollQuery, request: ParkedRequest) -> bool:
        """Remove a request; gives whether it was still waiting."""
        requests = self._queries.get(query, {})
        if requests.pop(request, None) is None:
            return False
        if not requests:
            del self._queries[query]
        return True

    def take(self, head: int, now: float) -> Iterator[tuple[PollQuery, list[ParkedRequest]]]:
        """Remove the requests that are due: there is an event for them, or their time is over.

        Args:
            head: the seq at which the journal ends.
            now: the time of the clock; infinite for all of them.

        Yields:
            A query and a batch of the requests that ask it.
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
