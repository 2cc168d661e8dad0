"""Upload progress: how much of a video's conversion is done, for the client that waits for it.

Each upload has a file in the scratch folder, which the worker writes and every process of the
machine can read, since the client's question may reach another process than the upload. The file's
name is a hash of the caller and the request's key, so a caller can read its own progress only.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

PREFIX = "progress-"
_LEAST = 0.01  # the least progress between two writes, as a fraction of the whole


class UploadProgress:
    """The uploads in progress that have a key.

    Args:
        scratch_folder: the folder of files in progress.
    """

    def __init__(self, scratch_folder: Path) -> None:
        self._scratch_folder = scratch_folder

    @contextmanager
    def tracked(self, caller: str, key: str | None) -> Iterator[Path | None]:
        """Make an upload's progress readable for the length of a block.

        Args:
            caller: the client that sent it.
            key: the request's `Idempotency-Key`; None if progress cannot be asked for.

        Yields:
            The path for `ProgressFile`; None without a key.
        """
        path = None if key is None else self._path(caller, key)
        if path is not None:
            path.write_text("0")
        try:
            yield path
        finally:
            if path is not None:
                path.unlink(missing_ok=True)

    def read(self, caller: str, key: str) -> float | None:
        """Return an upload's progress, 0 to 1; None if no upload of this key is in progress."""
        try:
            return float(self._path(caller, key).read_text())
        except (OSError, ValueError):
            return None

    def _path(self, caller: str, key: str) -> Path:
        name = hashlib.blake2b(f"{caller}\n{key}".encode(), digest_size=16).hexdigest()
        return self._scratch_folder / f"{PREFIX}{name}"


class ProgressFile:
    """Writes the progress of a job, seldom enough that the cost does not matter.

    Args:
        path: the path of the file; None to write nothing.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._written = 0.0

    def report(self, fraction: float) -> None:
        """Record the fraction that is done, 0 to 1."""
        if self._path is None or fraction - self._written < _LEAST:
            return
        self._written = fraction
        temporary = self._path.with_name(f"{self._path.name}.part")
        with suppress(OSError):  # the client sees an older value
            temporary.write_text(f"{fraction:.2f}")
            temporary.replace(self._path)
