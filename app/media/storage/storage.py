"""Media storage: files of pictures and videos, by the id of their medium and a name.

A name always stands for the same bytes: whoever stores a file puts a hash of its content into the
name. A library serves public files. It keeps withdrawn files without serving them until they are
removed; an address that has ended never comes back.

Refuses ids and names that could refer to anything but one file of the library.
"""

import re
import secrets
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Protocol

from app.media.errors import UnknownFile

PIECE = 128 * 1024  # bytes that are read at a time

_ID = re.compile(r"[0-9a-f]{32}", re.ASCII)
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,90}\.[a-z0-9]{2,5}", re.ASCII)


class StoredFile(Protocol):
    """A public file that was found."""

    @property
    def size(self) -> int:
        """Its size in bytes."""

    def read(self, start: int, stop: int) -> AsyncIterator[bytes]:
        """Yield its bytes from `start` up to, but not including, `stop`, in pieces.

        Raises:
            UnknownFile: it has been withdrawn since it was found.
        """


class Library(Protocol):
    """Files of media, on a disk or elsewhere; safe to share between processes."""

    async def put(self, media_id: str, files: Mapping[str, Path]) -> None:
        """Store copies of files, each atomically; they are durable when this returns.

        Args:
            media_id: a new id, from `new_media_id`.
            files: by name, the path of each.
        """

    async def add(self, media_id: str, files: Mapping[str, Path]) -> None:
        """Store copies of further files of a medium that is public already.

        Raises:
            UnknownFile: the medium is not public, or not any more.
        """

    async def find(self, media_id: str, name: str) -> StoredFile:
        """Find a public file.

        Raises:
            UnknownFile: there is none.
        """

    async def fetch(self, media_id: str, name: str, target: Path) -> None:
        """Copy a public file to `target`, for callers that read files by path.

        Raises:
            UnknownFile: there is none.
        """

    async def withdraw(self, media_id: str) -> None:
        """Stop serving a medium's files, but keep them; does nothing if that is done already."""

    async def copy(self, media_id: str, copy_id: str) -> None:
        """Copy a medium's files, public or withdrawn, as public files of another medium.

        Raises:
            UnknownFile: there are none.
        """

    async def remove(self, media_id: str) -> None:
        """Delete a medium's files, public or withdrawn, permanently; does nothing without any."""


def new_media_id() -> str:
    """Return a new id; it cannot be guessed, since it protects the pictures of drafts."""
    return secrets.token_hex(16)


def check_name(media_id: str, name: str | None = None) -> None:
    """Refuse a string that cannot be the id, or the name, of a file in a library.

    Raises:
        UnknownFile: it cannot be one.
    """
    if not _ID.fullmatch(media_id) or (name is not None and not _NAME.fullmatch(name)):
        raise UnknownFile("There is no such file.")
