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


class Held(Protocol):
    """A request whose answer is owed."""

    def answer(self, response: bytes) -> None:
        """Send it; nothing if the client is gone."""


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
Render = Callable[[Question, Sequence[Event], bool], bytes]


class Waiting:
    """The waiters of a topic, by question, each with the time of the clock until which it waits."""

    def __init__(self) -> None:
        self._asked: dict[Question, list[tuple[float, Held]]] = {}

    def add(self, question: Question, until: float, held: Held) -> None:
        """Have a request wait."""
        self._asked.setdefault(question, []).append((until, held))

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
            taken = [held for until, held in some if is_news or until <= now]
            left = [] if is_news else [(until, held) for until, held in some if until > now]
            if left:
                self._asked[question] = left
            else:
                del self._asked[question]
            for start in range(0, len(taken), BATCH):
                yield question, taken[start : start + BATCH]
