"""Requests that wait for a topic's next event, answered together with bytes made once.

Each holds nothing but its line: no task, no timer, no query. What a waiter asks for lies behind the
head, so it is in the ring when it comes.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from app.timeline.cursor import Cursor
from app.timeline.event import Event

# Makes the whole answer: behind which cursor, the events of the page, whether there are more.
Render = Callable[[Cursor, Sequence[Event], bool], bytes]


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
        render: makes the answer.
    """

    after: Cursor
    limit: int
    render: Render

    def reply(self, events: Sequence[Event]) -> bytes:
        """The answer with what has come; without anything if the time is over."""
        return self.render(self.after, events[: self.limit], len(events) > self.limit)


class Waiting:
    """The waiters of a topic."""

    def __init__(self) -> None:
        self._asked: dict[Question, list[tuple[float, Held]]] = {}

    def __len__(self) -> int:
        return sum(len(held) for held in self._asked.values())

    def add(self, question: Question, until: float, held: Held) -> None:
        """Have a request wait, until that time of the clock at most."""
        self._asked.setdefault(question, []).append((until, held))

    def take(self) -> list[tuple[Question, list[Held]]]:
        """All of them, who are about to be answered."""
        asked, self._asked = self._asked, {}
        return [(question, [held for _, held in some]) for question, some in asked.items()]

    def expired(self, now: float) -> list[tuple[Question, list[Held]]]:
        """Those whose time is over, who are about to be answered."""
        over = []
        for question, some in list(self._asked.items()):
            if late := [held for until, held in some if until <= now]:
                over.append((question, late))
                left = [(until, held) for until, held in some if until > now]
                if left:
                    self._asked[question] = left
                else:
                    del self._asked[question]
        return over
