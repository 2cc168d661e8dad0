"""Requests that wait for a topic's next event, answered together with bytes made once.

Each holds nothing but its line: no task, no timer, no query. What it waits for lies behind the head
at which it asked, so it is in the topic's ring when it comes.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from app.timeline.cursor import Cursor
from app.timeline.event import Event

BATCH = 256  # requests answered in one turn of the loop


@dataclass(frozen=True, slots=True)
class PollAnswer:
    """What waiters with the same question are answered.

    Args:
        etag: of the page.
        page: the whole response with it.
        unchanged: the response to those who have it already.
    """

    etag: str
    page: bytes
    unchanged: bytes


class Held(Protocol):
    """A request whose answer is owed."""

    @property
    def is_gone(self) -> bool:
        """Whether there is nobody left to answer."""

    def heed(self, stirred: Callable[[], None]) -> None:
        """Have this called when the client is gone, or has sent its next request."""

    def answer(self, answer: PollAnswer) -> None:
        """Send it; nothing if the client is gone."""

    def drop(self) -> None:
        """Give its place back, without an answer, and close the connection if it is still there."""


@dataclass(frozen=True, slots=True)
class Question:
    """What waiters with the same answer have in common.

    Args:
        after: up to where they have everything: the head, when they asked.
        limit: the most events of a page.
        form: how each is told.
    """

    after: Cursor
    limit: int
    form: str


# Makes the whole answer: to which question, the events of the page, whether there are more.
Render = Callable[[Question, Sequence[Event], bool], PollAnswer]


class Waiting:
    """The waiters of a topic, by question, each with the time of the clock until which it waits."""

    def __init__(self) -> None:
        self._asked: dict[Question, dict[Held, float]] = {}

    def add(self, question: Question, until: float, held: Held) -> None:
        """Have a request wait."""
        self._asked.setdefault(question, {})[held] = until

    def discard(self, question: Question, held: Held) -> bool:
        """Have a request wait no longer; gives whether it still did."""
        waiters = self._asked.get(question, {})
        if waiters.pop(held, None) is None:
            return False
        if not waiters:
            del self._asked[question]
        return True

    def take(self, head: int, now: float) -> Iterator[tuple[Question, list[Held]]]:
        """Those for whom there is something, or whose time is over: they are about to be answered.

        Args:
            head: the seq at which the journal ends.
            now: the time of the clock; infinite for everybody.

        Yields:
            A question and a batch of those who ask it.
        """
        for question, some in list(self._asked.items()):
            is_news = question.after.seq < head
            taken = [held for held, until in some.items() if is_news or until <= now]
            for held in taken:
                del some[held]
            if not some:
                del self._asked[question]
            for start in range(0, len(taken), BATCH):
                yield question, taken[start : start + BATCH]
