"""The broker's interface, and the notification that it carries from process to process.

There are no payloads: a notification names a topic and a seq, and whoever gets it reads the
journal.
"""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Protocol

_TOPIC = re.compile(r"~{0,2}[a-z0-9-]{1,100}")
_HIGHEST_SEQ = 2**63 - 1
_PAYLOAD = re.compile(rf"({_TOPIC.pattern}):([1-9][0-9]{{0,18}})")


@dataclass(frozen=True, slots=True)
class Notification:
    """A journal reached a seq, or something happened at a coverage's desk.

    Args:
        topic: the coverage's slug, 1-100 of a-z, 0-9 and -; with ~ before it the drafts of its
            desk, with ~~ who is present there.
        seq: the seq of the newest event, 1 or more; of a desk the time, in ms since 1970.

    Raises:
        ValueError: topic or seq is outside these bounds.
    """

    topic: str
    seq: int

    def __post_init__(self) -> None:
        if not _TOPIC.fullmatch(self.topic):
            raise ValueError(
                f"a topic is 1-100 of a-z, 0-9 and -, or ~ or ~~ and that, not {self.topic[:120]!r}"
            )
        if not 1 <= self.seq <= _HIGHEST_SEQ:
            raise ValueError("a seq lies between 1 and 2^63 - 1")


def encode_notification(notification: Notification) -> str:
    """A notification as it travels: `topic:seq`, in ASCII."""
    return f"{notification.topic}:{notification.seq}"


def decode_notification(payload: str) -> Notification:
    """Read what came from the server.

    Raises:
        ValueError: it is no notification.
    """
    match = _PAYLOAD.fullmatch(payload)
    if match is None:
        raise ValueError("a notification is written as topic:seq")
    return Notification(match[1], int(match[2]))


class Broker(Protocol):
    """Notifies every process that a journal has grown.

    Notifications of one topic may be folded into the newest one, and may be lost while the broker
    is down: whoever listens polls the journal as well.
    """

    @property
    def is_connected(self) -> bool:
        """Whether notifications are known to pass; while not, poll the journal more often.

        Poll it once more after this turned true: what was notified just before was not received.
        """
        ...

    async def open(self) -> None:
        """Start listening. Returns too, within seconds, when the server can't be reached yet."""
        ...

    async def close(self) -> None:
        """Send what is pending, if connected, then end every iterator. It can't be opened again."""
        ...

    async def notify(self, topic: str, seq: int) -> None:
        """Tell every process that a topic's journal reached a seq; call it after the commit.

        Returns at once, and never raises because the broker is down: the notification is then
        pending, the newest of each topic, until the broker is back.

        Args:
            topic: the coverage's slug.
            seq: the seq of the newest event, 1 or more.

        Raises:
            ValueError: no topic or seq looks like this.
        """
        ...

    def notifications(self) -> AsyncIterator[Notification]:
        """Every notification from this call on, of this process and of all others.

        Returns:
            An iterator for one consumer. It outlives outages and ends when the broker is closed.
            A consumer that falls behind gets only the highest seq of each topic. A topic's seq
            never goes back: what was overtaken on the way is left out. Of a desk, whose seqs are
            the times of several clocks, only what comes twice is.
        """
        ...
