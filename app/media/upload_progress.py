"""How far an upload is that is being made playable, for whoever waits for its answer.

Each has a file in the workroom, which the worker writes and every process of the machine can read,
since the question may reach another process than the upload. Its name is a hash of the caller and
the request's key, so that nobody reads another's.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

PREFIX = "progress-"
_LEAST = 0.01  # of the whole, between two writes


class UploadProgress:
    """The uploads under way that have a key.

    Args:
        workroom: the folder of files under way.
    """

    def __init__(self, workroom: Path) -> None:
        self._workroom = workroom

    @contextmanager
    def shown(self, caller: str, key: str | None) -> Iterator[Path | None]:
        """Show an upload for the length of a block.

        Args:
            caller: who sent it.
            key: the request's `Idempotency-Key`; without one nobody can ask.

        Yields:
            Where `ProgressFile` writes; None without a key.
        """
        place = None if key is None else self._place(caller, key)
        if place is not None:
            place.write_text("0")
        try:
            yield place
        finally:
            if place is not None:
                place.unlink(missing_ok=True)

    def read(self, caller: str, key: str) -> float | None:
        """How far an upload is, 0 to 1; None where none of this key is being made playable."""
        try:
            return float(self._place(caller, key).read_text())
        except (OSError, ValueError):
            return None

    def _place(self, caller: str, key: str) -> Path:
        name = hashlib.blake2b(f"{caller}\n{key}".encode(), digest_size=16).hexdigest()
        return self._workroom / f"{PREFIX}{name}"


class ProgressFile:
    """Writes how far something is, and seldom enough that it costs nothing.

    Args:
        place: where; None for nowhere.
    """

    def __init__(self, place: Path | None) -> None:
        self._place = place
        self._written = 0.0

    def report(self, fraction: float) -> None:
        """Note that so much is done, 0 to 1."""
        if self._place is None or fraction - self._written < _LEAST:
            return
        self._written = fraction
        beside = self._place.with_name(f"{self._place.name}.part")
        with suppress(OSError):  # whoever asks is told a little less
            beside.write_text(f"{fraction:.2f}")
            beside.replace(self._place)
