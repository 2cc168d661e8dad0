"""Long-polling: parks requests until an event comes, and answers them in batches."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from math import inf
from time import monotonic

from app.hub.long_poll_queue import ParkedRequest, PollAnswer, PollQuery, Render
from app.hub.round_robin import RoundRobin
from app.hub.topic import Topic

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, eq=False)
class _Batch:
    topic: Topic
    query: PollQuery
    requests: list[ParkedRequest]
    answers: dict[PollQuery, tuple[int, PollAnswer]] = field(repr=False)


class LongPoll:
    """Answers requests when their topic has new events, or when they time out.

    Args:
        render: renders a response.
        on_answered: called with the topic for each request that is answered or dropped.
    """

    def __init__(self, render: Render, on_answered: Callable[[Topic], None]) -> None:
        self._render = render
        self._on_answered = on_answered
        self._batches = RoundRobin(self._answer_batch)

    def park(self, topic: Topic, query: PollQuery, timeout: float, request: ParkedRequest) -> None:
        """Park a request for `timeout` seconds at most."""
        topic.long_polls.add(query, monotonic() + timeout, request)
        request.on_change(lambda: self._end_wait(topic, query, request))
        self.answer(topic)  # it may have new events by now

    def _end_wait(self, topic: Topic, query: PollQuery, request: ParkedRequest) -> None:
        """End the wait: the client has disconnected, or has pipelined its next request."""
        if not topic.long_polls.discard(query, request):
            return  # it is about to be answered
        if request.is_disconnected:
            request.drop()
            self._on_answered(topic)
        else:
            self._batches.add([_Batch(topic, query, [request], {})])

    def answer(self, topic: Topic) -> None:
        """Answer the requests of a topic that have new events, or have timed out."""
        answers: dict[PollQuery, tuple[int, PollAnswer]] = {}
        now = inf if topic.is_ended else monotonic()
        due = topic.long_polls.take(topic.head.seq, now)
        self._batches.add([_Batch(topic, query, requests, answers) for query, requests in due])

    def _answer_batch(self, batch: _Batch) -> None:
        topic, query = batch.topic, batch.query
        try:
            seq, answer = batch.answers.get(query, (-1, None))
            if answer is None or seq != topic.head.seq:
                # A response made before a retraction would contain the retracted words.
                events = topic.since(query.after.seq, query.limit + 1)
                has_more = len(events) > query.limit
                answer = self._render(query, events[: query.limit], has_more)
                batch.answers[query] = topic.head.seq, answer
        except Exception:  # noqa: BLE001 - else their slots would never be released
            _log.exception("long-polls of %s cannot be answered", topic.slug)
            answer = None
        for request in batch.requests:
            if answer is None:
                request.drop()
            else:
                request.answer(answer)
            self._on_answered(topic)
