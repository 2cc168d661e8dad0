"""Where the files of pictures and videos are kept: by the id of what they belong to, and a name.

A name never stands for other bytes later: whoever makes it puts a hash of the content into it. A
library serves what is public. What was withdrawn it keeps without giving it to anybody, until it is
removed: no address that has ended begins again.

Refuses ids and names that could mean anything but one file of its own.
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
    """One public file, found."""

    @property
    def size(self) -> int:
        """How many bytes it has."""

    def read(self, start: int, stop: int) -> AsyncIterator[bytes]:
        """Its bytes from `start` up to and without `stop`, in pieces.

        Raises:
            UnknownFile: it has been withdrawn since it was found.
        """


class Library(Protocol):
    """Files of media, on a disk or elsewhere; safe to share between processes."""

    async def put(self, media_id: str, files: Mapping[str, Path]) -> None:
        """Keep copies of files; whole or not at all, each, and on the disk when this returns.

        Args:
            media_id: a new one, from `new_media_id`.
            files: by name, where each is now.
        """

    async def add(self, media_id: str, files: Mapping[str, Path]) -> None:
        """Keep copies of more files of what is public already.

        Raises:
            UnknownFile: it is not public, or no longer.
        """

    async def find(self, media_id: str, name: str) -> StoredFile:
        """A public file.

        Raises:
            UnknownFile: there is none.
        """

    async def fetch(self, media_id: str, name: str, target: Path) -> None:
        """Copy a public file to `target`, for those who read files by their path.

        Raises:
            UnknownFile: there is none.
        """

    async def withdraw(self, media_id: str) -> None:
        """Give its files to nobody from now on, but keep them; nothing if that is done already."""

    async def copy(self, media_id: str, copy_id: str) -> None:
        """Keep copies of a medium's files, public or withdrawn, as public ones of another.

        Raises:
            UnknownFile: there are none.
        """

    async def remove(self, media_id: str) -> None:
        """Forget its files, public or withdrawn, for good; nothing if there are none."""


def new_media_id() -> str:
    """An id that nobody can guess, since drafts' pictures are behind it."""
    return secrets.token_hex(16)


def check_place(media_id: str, name: str | None = None) -> None:
    """Refuse what cannot be the id, or the name, of a file in a library.

    Raises:
        UnknownFile: it cannot.
    """
    if not _ID.fullmatch(media_id) or (name is not None and not _NAME.fullmatch(name)):
        raise UnknownFile("There is no such file.")
