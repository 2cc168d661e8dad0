"""The broker's interface, and the notification that it carries from process to process.

A notification has no payload: it names a topic and a seq, and the receiving process reads the
journal.
"""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Protocol

_TOPIC = re.compile(r"~{0,3}[a-z0-9-]{1,100}")
_HIGHEST_SEQ = 2**63 - 1
_PAYLOAD = re.compile(rf"({_TOPIC.pattern}):([1-9][0-9]{{0,18}})")


@dataclass(frozen=True, slots=True)
class Notification:
    """A journal reached a seq, or something happened at a coverage's desk.

    Args:
        topic: the coverage's slug, 1-100 of a-z, 0-9 and -; prefixed with ~ for the drafts at its
            desk, with ~~ for the presence list there, with ~~~ for its withdrawal.
        seq: the seq of the newest event, 1 or more; in the other cases, the time in ms since 1970.

    Raises:
        ValueError: topic or seq is outside these bounds.
    """

    topic: str
    seq: int

    def __post_init__(self) -> None:
        if not _TOPIC.fullmatch(self.topic):
            raise ValueError(
                "a topic is 1-100 characters of a-z, 0-9 and -, optionally after ~, ~~ or ~~~,"
                f" not {self.topic[:120]!r}"
            )
        if not 1 <= self.seq <= _HIGHEST_SEQ:
            raise ValueError("a seq lies between 1 and 2^63 - 1")


def encode_notification(notification: Notification) -> str:
    """Encode a notification as `topic:seq`, in ASCII."""
    return f"{notification.topic}:{notification.seq}"


def decode_notification(payload: str) -> Notification:
    """Decode a payload that came from the server.

    Raises:
        ValueError: the payload is not a notification.
    """
    match = _PAYLOAD.fullmatch(payload)
    if match is None:
        raise ValueError("a notification is written as topic:seq")
    return Notification(match[1], int(match[2]))


class Broker(Protocol):
    """Notifies every process that a journal has grown.

    The broker may merge the notifications of a topic into the newest one, and may lose some while
    it is down: a consumer therefore polls the journal as well.
    """

    @property
    def is_connected(self) -> bool:
        """Whether notifications are known to arrive; while they are not, poll the journal more.

        Poll it once more after this turns true: earlier notifications were not received.
        """
        ...

    async def open(self) -> None:
        """Start listening. Returns within seconds, even if the server can't be reached yet."""
        ...

    async def close(self) -> None:
        """Send pending notifications, if connected, then end every iterator; this is final."""
        ...

    async def notify(self, topic: str, seq: int) -> None:
        """Notify every process that a topic's journal reached a seq; call it after the commit.

        Returns at once, and never raises because the broker is down: the newest notification of
        each topic then stays pending until the broker is back.

        Args:
            topic: the coverage's slug.
            seq: the seq of the newest event, 1 or more.

        Raises:
            ValueError: the topic or the seq is invalid.
        """
        ...

    def notifications(self) -> AsyncIterator[Notification]:
        """Every notification from this call on, from this process and from all others.

        Returns:
            An iterator for one consumer. It outlives outages and ends when the broker is closed.
            A consumer that falls behind gets only the highest seq of each topic. A coverage's seq
            never goes back: late notifications are left out. For a desk, whose seqs are the times
            of several clocks, only an immediate repetition is left out.
        """
        ...
