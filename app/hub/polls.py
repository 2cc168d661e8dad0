"""Long-polls of this process: who waits, and the turns in which they are answered."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from math import inf
from time import monotonic

from app.hub.topic import Topic
from app.hub.turns import Turns
from app.hub.waiting import Held, PollAnswer, Question, Render

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, eq=False)
class _Batch:
    topic: Topic
    question: Question
    held: list[Held]
    made: dict[Question, tuple[int, PollAnswer]] = field(repr=False)


class Polls:
    """Answers requests when their topic has grown, or their time is over.

    Args:
        render: makes an answer.
        left: called with a topic for each request that is answered.
    """

    def __init__(self, render: Render, left: Callable[[Topic], None]) -> None:
        self._render = render
        self._left = left
        self._turns = Turns(self._answer_batch)

    def add(self, topic: Topic, question: Question, patience: float, held: Held) -> None:
        """Have a request wait for so many seconds at most."""
        topic.waiting.add(question, monotonic() + patience, held)
        held.heed(lambda: self._end_wait(topic, question, held))
        self.answer(topic)  # it may have grown meanwhile

    def _end_wait(self, topic: Topic, question: Question, held: Held) -> None:
        """The client is gone, or has sent its next request, which waits for this answer."""
        if not topic.waiting.discard(question, held):
            return  # it is about to be answered
        if held.is_gone:
            held.drop()
            self._left(topic)
        else:
            self._turns.add([_Batch(topic, question, [held], {})])

    def answer(self, topic: Topic) -> None:
        """Answer those for whom the topic has something, and those whose time is over."""
        made: dict[Question, tuple[int, PollAnswer]] = {}
        now = inf if topic.is_ended else monotonic()
        taken = topic.waiting.take(topic.head.seq, now)
        self._turns.add([_Batch(topic, question, held, made) for question, held in taken])

    def _answer_batch(self, batch: _Batch) -> None:
        try:
            answer = self._make(batch)
        except Exception:  # noqa: BLE001 - else their places would never be given back
            _log.exception("long-polls of %s cannot be answered", batch.topic.slug)
            answer = None
        for held in batch.held:
            if answer is None:
                held.drop()
            else:
                held.answer(answer)
            self._left(batch.topic)

    def _make(self, batch: _Batch) -> PollAnswer:
        topic, question = batch.topic, batch.question
        seq, answer = batch.made.get(question, (-1, None))
        if answer is None or seq != topic.head.seq:
            # Made before a retraction, it would have the retracted words.
            events = topic.since(question.after.seq, question.limit + 1)
            more = len(events) > question.limit
            answer = self._render(question, events[: question.limit], more)
            batch.made[question] = topic.head.seq, answer
        return answer
