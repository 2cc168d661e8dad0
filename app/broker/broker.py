"""What every doorbell promises, and the one thing that it carries.

Refuses payloads: an announcement names a topic and a seq, and whoever hears it reads the journal.
"""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Protocol

_TOPIC = re.compile(r"~{0,2}[a-z0-9-]{1,100}")
_HIGHEST_SEQ = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Announcement:
    """A journal reached a seq, or something happened at a coverage's desk.

    Args:
        topic: the coverage's slug, 1-100 of a-z, 0-9 and -; with ~ before it the drafts of its
            desk, with ~~ the visits there.
        seq: the place of the newest event, 1 or more; of a desk the time, in ms since 1970.

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


class Broker(Protocol):
    """Rings in every process when a journal has grown.

    Rings of one topic may be folded into the newest one, and may be lost while the bell is down:
    a listener reads the journal now and then anyway.
    """

    @property
    def healthy(self) -> bool:
        """Whether rings are known to pass; while not, read the journal more often.

        Read it once more after this turned true: what rang just before was not heard here.
        """
        ...

    async def open(self) -> None:
        """Start listening. Returns too, within seconds, when the bell can't be reached yet."""
        ...

    async def close(self) -> None:
        """Send what waits, if the bell is up, then end every iterator. It can't be opened again."""
        ...

    async def announce(self, topic: str, seq: int) -> None:
        """Say that a topic's journal reached a seq; call it after the commit.

        Returns at once, and never raises because the bell is down: the ring then waits, the
        newest of each topic, until the bell is back.

        Args:
            topic: the coverage's slug.
            seq: the place of the newest event, 1 or more.

        Raises:
            ValueError: no topic or seq looks like this.
        """
        ...

    def announcements(self) -> AsyncIterator[Announcement]:
        """Hear every ring from this call on, of this process and of all others.

        Returns:
            An iterator for one consumer. It outlives outages and ends when the broker is closed.
            A consumer that falls behind gets only the highest seq of each topic. A topic's seq
            never goes back: what was overtaken on the way is left out. Of a desk, whose seqs are
            the times of several clocks, only what rings twice is.
        """
        ...
