"""Answers that are kept ready, by the coverage whose journal they were made of.

Refuses more bytes than it was given room for: what was asked for longest ago goes first.
"""

from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass

from starlette.types import Message

from app.timeline.cursor import Cursor

_BESIDE_THE_BODY = 2048  # bytes of headers, addresses and objects, about


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer as it went out, in the messages that the server takes.

    `etags` are its own and, behind it, that of its other form. `unchanged` begins the 304.
    """

    slug: str
    head: Cursor
    etags: tuple[bytes, ...]
    start: Message
    body: Message
    unchanged: Message

    @property
    def weight(self) -> int:
        """Bytes that it takes up."""
        return len(self.body["body"]) + _BESIDE_THE_BODY


class ResponseStore:
    """Kept answers, the latest asked for last.

    Args:
        capacity: bytes that they may take up together.
    """

    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
        self.weight = 0
        self._kept: OrderedDict[Hashable, Kept] = OrderedDict()
        self._of: dict[str, set[Hashable]] = {}

    def __len__(self) -> int:
        return len(self._kept)

    def find(self, key: Hashable) -> Kept | None:
        """What is kept under this key."""
        kept = self._kept.get(key)
        if kept is not None:
            self._kept.move_to_end(key)
        return kept

    def put(self, key: Hashable, kept: Kept) -> None:
        """Keep an answer in the place of whatever has its key."""
        self._take(key)
        if kept.weight > self.capacity:
            return
        self._kept[key] = kept
        self._of.setdefault(kept.slug, set()).add(key)
        self.weight += kept.weight
        while self.weight > self.capacity:
            self._take(next(iter(self._kept)))

    def drop(self, slug: str) -> None:
        """Forget everything of a coverage."""
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
