"""Response store: the answers of the response cache, indexed by the coverages they depend on.

The store never exceeds its capacity in bytes: it evicts the least recently used answers first.
"""

from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass

from starlette.types import Message

from app.timeline.cursor import Cursor

_BESIDE_THE_BODY = 2048  # approximate bytes of headers, addresses and objects


@dataclass(frozen=True, slots=True)
class StoredResponse:
    """A stored answer, in ASGI messages.

    `heads` are the heads of the journals that it depends on, by slug. `etags` holds its own ETag
    and then that of its other form. `unchanged` is the start message of the 304.
    """

    heads: tuple[tuple[str, Cursor], ...]
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
        self._responses: OrderedDict[Hashable, StoredResponse] = OrderedDict()
        self._keys_of: dict[str, set[Hashable]] = {}

    def __len__(self) -> int:
        return len(self._responses)

    def find(self, key: Hashable) -> StoredResponse | None:
        """Return the answer stored under a key; None if there is none."""
        response = self._responses.get(key)
        if response is not None:
            self._responses.move_to_end(key)
        return response

    def put(self, key: Hashable, response: StoredResponse) -> None:
        """Store an answer, replacing an earlier one with its key."""
        self._remove(key)
        if response.weight > self.capacity:
            return
        self._responses[key] = response
        for slug, _ in response.heads:
            self._keys_of.setdefault(slug, set()).add(key)
        self.weight += response.weight
        while self.weight > self.capacity:
            self._remove(next(iter(self._responses)))

    def drop(self, slug: str) -> None:
        """Drop all answers that depend on a coverage."""
        for key in tuple(self._keys_of.get(slug, ())):
            self._remove(key)

    def _remove(self, key: Hashable) -> None:
        response = self._responses.pop(key, None)
        if response is None:
            return
        self.weight -= response.weight
        for slug, _ in response.heads:
            keys = self._keys_of[slug]
            keys.discard(key)
            if not keys:
                del self._keys_of[slug]
