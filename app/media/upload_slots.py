"""Upload slots: limits the uploads in progress, from a file's first byte to its response.

Each upload has files on the disk, and at its end waits for the media worker pool. Each caller has
a limit of its own, so that none can use up the disk or the slots of the others.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from app.media.errors import WorkersBusy


class UploadSlots:
    """The uploads of one process.

    Args:
        per_caller: the most uploads of one caller at a time.
        most: the most uploads of all callers at a time.
    """

    def __init__(self, per_caller: int = 12, most: int = 96) -> None:
        self._per_caller = per_caller
        self._most = most
        self._in_use: Counter[str] = Counter()

    @contextmanager
    def slot(self, caller: str) -> Iterator[None]:
        """Hold a slot for the length of a block.

        Raises:
            WorkersBusy: no slot is free.
        """
        if self._in_use[caller] >= self._per_caller:
            raise WorkersBusy(f"{self._per_caller} of your uploads are in progress: try again.")
        if self._in_use.total() >= self._most:
            raise WorkersBusy("Too many uploads are in progress: try again soon.")
        self._in_use[caller] += 1
        try:
            yield
        finally:
            self._in_use[caller] -= 1
            if not self._in_use[caller]:
                del self._in_use[caller]
