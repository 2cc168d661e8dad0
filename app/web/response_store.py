"""Response store: the answers of the response cache, indexed by the coverage they depend on.

The store never exceeds its capacity in bytes: it evicts the least recently used answers first.
"""

from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass

from starlette.types import Message

from app.timeline.cursor import Cursor

_BESIDE_THE_BODY = 2048  # approximate bytes of headers, addresses and objects


@dataclass(frozen=True, slots=True)
class Kept:
    """A stored answer, in ASGI messages.

    `etags` holds its own ETag and then that of its other form. `unchanged` is the start message of
    the 304.
    """

    slug: str
    head: Cursor
    etags: tuple[bytes, ...]
    start: Message
    body: Message
    unchanged: Message

    @property
    def weight(self) -> int:
        """The approximate bytes of memory that the answer takes up."""
        return len(self.body["body"]) + _BESIDE_THE_BODY


class ResponseStore:
    """The stored answers, the most recently used last.

    Args:
        capacity: bytes that all answers together may take up.
    """

    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
        self.weight = 0
        self._kept: OrderedDict[Hashable, Kept] = OrderedDict()
        self._of: dict[str, set[Hashable]] = {}

    def __len__(self) -> int:
        return len(self._kept)

    def find(self, key: Hashable) -> Kept | None:
        """Return the answer stored under a key; None if there is none."""
        kept = self._kept.get(key)
        if kept is not None:
            self._kept.move_to_end(key)
        return kept

    def put(self, key: Hashable, kept: Kept) -> None:
        """Store an answer, replacing an earlier one with its key."""
        self._take(key)
        if kept.weight > self.capacity:
            return
        self._kept[key] = kept
        self._of.setdefault(kept.slug, set()).add(key)
        self.weight += kept.weight
        while self.weight > self.capacity:
            self._take(next(iter(self._kept)))

    def drop(self, slug: str) -> None:
        """Drop all answers of a coverage."""
        for key in self._of.pop(slug, ()):
            self.weight -= self._kept.pop(key).weight

    def _take(self, key: Hashable) -> None:
        kept = self._kept.pop(key, None)
        if kept is None:
            return
        self.weight -= kept.weight
        keys = self._of[kept.slug]
        keys.discard(key)
        if not keys:
            del self._of[kept.slug]
