"""A library in a folder: `ID[:2]/ID/NAME` for public files, `withdrawn/ID/NAME` for withdrawn ones.

A withdrawal is one rename of a folder, hence atomic. A file is written under a temporary name
beside its final one, flushed to the disk, and then renamed.
"""

import asyncio
import errno
import os
import shutil
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex

from app.media.errors import StorageUnavailable, UnknownFile
from app.media.storage.storage import PIECE, check_name

_WITHDRAWN = "withdrawn"
_ABANDONED = 3600.0  # seconds since the last write to a temporary file that nobody will rename


@dataclass(frozen=True, slots=True)
class DiskFile:
    """A file in the folder; each call of `read` opens it anew."""

    path: Path
    size: int

    async def read(self, start: int, stop: int) -> AsyncIterator[bytes]:
        """Yield its bytes from `start` up to, but not including, `stop`, in pieces."""
        try:
            file = await asyncio.to_thread(self.path.open, "rb")
        except FileNotFoundError as error:
            raise UnknownFile("There is no such file.") from error
        with file:
            file.seek(start)
            while start < stop:
                piece = await asyncio.to_thread(file.read, min(PIECE, stop - start))
                if not piece:
                    return
                start += len(piece)
                yield piece


class DiskLibrary:
    """Files in a folder of this machine; the folder is created with the first file."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def put(self, media_id: str, files: Mapping[str, Path]) -> None:
        """Store copies of a new medium's files."""
        try:
            await asyncio.to_thread(self._store, media_id, files, new=True)
        except OSError as error:
            raise _unavailable(error) from error

    async def add(self, media_id: str, files: Mapping[str, Path]) -> None:
        """Store copies of further files of a medium that is public already."""
        try:
            await asyncio.to_thread(self._store, media_id, files, new=False)
        except FileNotFoundError as error:
            raise UnknownFile("It is not public any more.") from error
        except OSError as error:
            raise _unavailable(error) from error

    async def find(self, media_id: str, name: str) -> DiskFile:
        """Find a public file."""
        check_name(media_id, name)
        path = self._public(media_id) / name
        try:
            status = await asyncio.to_thread(path.stat)
        except FileNotFoundError as error:
            raise UnknownFile("There is no such file.") from error
        return DiskFile(path, status.st_size)

    async def fetch(self, media_id: str, name: str, target: Path) -> None:
        """Copy a public file to `target`."""
        file = await self.find(media_id, name)
        try:
            await asyncio.to_thread(shutil.copyfile, file.path, target)
        except FileNotFoundError as error:
            raise UnknownFile("There is no such file.") from error

    async def withdraw(self, media_id: str) -> None:
        """Stop serving a medium's files, but keep them."""
        check_name(media_id)
        try:
            await asyncio.to_thread(_move, self._public(media_id), self._withdrawn(media_id))
        except OSError as error:
            raise StorageUnavailable(f"The files cannot be moved ({error.strerror}).") from error

    async def copy(self, media_id: str, copy_id: str) -> None:
        """Copy a medium's files, public or withdrawn, as public files of another medium."""
        check_name(media_id)
        await self.put(copy_id, await asyncio.to_thread(self._files, media_id))

    async def remove(self, media_id: str) -> None:
        """Delete a medium's files permanently."""
        check_name(media_id)
        for folder in (self._public(media_id), self._withdrawn(media_id)):
            await asyncio.to_thread(_remove, folder)

    def _public(self, media_id: str) -> Path:
        return self._folder / media_id[:2] / media_id

    def _withdrawn(self, media_id: str) -> Path:
        return self._folder / _WITHDRAWN / media_id

    def _files(self, media_id: str) -> dict[str, Path]:
        for folder in (self._withdrawn(media_id), self._public(media_id)):
            if folder.is_dir():
                return {path.name: path for path in folder.iterdir() if path.name[0] != "."}
        raise UnknownFile("There are no such files.")

    def _store(self, media_id: str, files: Mapping[str, Path], *, new: bool) -> None:
        for name in files:
            check_name(media_id, name)
        folder = self._public(media_id)
        if new:
            folder.mkdir(parents=True, exist_ok=True)
        for name, source in files.items():
            _remove_remains(folder, name)
            # A name of its own: two processes may copy the same file at the same time.
            temporary = folder / f".{name}.{token_hex(8)}.part"
            try:
                with source.open("rb") as read, temporary.open("wb") as written:
                    shutil.copyfileobj(read, written, PIECE)
                    written.flush()
                    os.fsync(written.fileno())
                # Fails if the folder was withdrawn meanwhile: the temporary file moved with it.
                temporary.rename(folder / name)
            except BaseException:
                temporary.unlink(missing_ok=True)
                raise
        _sync_folder(folder)
        if new:  # sync the directory entries too
            _sync_folder(folder.parent)
            _sync_folder(self._folder)


def _remove_remains(folder: Path, name: str) -> None:
    """Delete what processes that were killed have written of a file."""
    for remains in folder.glob(f".{name}.*.part"):
        with suppress(FileNotFoundError):
            if time.time() - remains.stat().st_mtime > _ABANDONED:
                remains.unlink()


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _unavailable(error: OSError) -> StorageUnavailable:
    return StorageUnavailable(f"The file cannot be stored ({error.strerror}); nothing was stored.")


def _move(source: Path, target: Path) -> None:
    if not source.is_dir():
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    with suppress(FileNotFoundError):  # another process was faster
        if target.is_dir():  # a copy that was being made during the withdrawal has brought it back
            _merge(source, target)
        else:
            source.rename(target)
        _sync_folder(target.parent)
        _sync_folder(source.parent)


def _merge(source: Path, target: Path) -> None:
    """Move the files of a folder that others may still write to, and delete it."""
    while True:
        for path in source.iterdir():
            with suppress(FileNotFoundError):  # a temporary file, whose process was faster
                path.rename(target / path.name)
        try:
            source.rmdir()
        except OSError as error:
            if error.errno != errno.ENOTEMPTY:
                raise
        else:
            return


def _remove(folder: Path) -> None:
    with suppress(FileNotFoundError):
        shutil.rmtree(folder)
