"""Uploads under way, from the first byte of a file to its answer: each caller has so many.

Each has files on the disk, and waits for the picture worker at its end. Refuses one more than that
of a caller, so that nobody takes the disk or the places of the others.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from app.media.errors import WorkersBusy


class UploadSlots:
    """The uploads of one process.

    Args:
        per_caller: of one caller at a time.
        most: of all callers at a time.
    """

    def __init__(self, per_caller: int = 12, most: int = 96) -> None:
        self._per_caller = per_caller
        self._most = most
        self._taken: Counter[str] = Counter()

    @contextmanager
    def slot(self, caller: str) -> Iterator[None]:
        """Have one for the length of a block.

        Raises:
            WorkersBusy: there is none.
        """
        if self._taken[caller] >= self._per_caller:
            raise WorkersBusy(f"{self._per_caller} of your uploads are under way: send it again.")
        if self._taken.total() >= self._most:
            raise WorkersBusy("Too many uploads are under way: send it again soon.")
        self._taken[caller] += 1
        try:
            yield
        finally:
            self._taken[caller] -= 1
            if not self._taken[caller]:
                del self._taken[caller]
