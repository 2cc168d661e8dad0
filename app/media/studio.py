"""From a file that somebody sent to a picture that entries may show, and to its end.

Theory of operation. Files and the record cannot be changed in one transaction, so the record always
goes first: a medium is announced before its files are stored, and a withdrawal is a task of its row
before the files are moved. What a crash breaks off is therefore found in the record, and done by
`upkeep.py`, in this process or another. Each step may be done twice without harm.
"""

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from app.media import foreign
from app.media.darkroom import Darkroom
from app.media.errors import BrokenFile, LibraryUnavailable, UnknownType
from app.media.kinds import HEAD, picture_kind
from app.media.library import Library, new_media_id
from app.media.picture import picture_of
from app.media.upload_slots import UploadSlots
from app.store.engine import Store
from app.store.media import announce_media, forget_media
from app.timeline.entry import Media

_TAKEN = "JPEG, PNG, WebP, AVIF and GIF, and of the videos MP4 and WebM"


@dataclass(frozen=True, slots=True)
class MediaBounds:
    """How much is too much: bytes of a picture or video, pixels and frames of an animation.

    `memory` is what a worker may take of it, in bytes.
    """

    bytes: int = 25 * 1024 * 1024
    video: int = 200 * 1024 * 1024
    pixels: int = 100_000_000
    frames: int = 500
    memory: int = 1024 * 1024 * 1024


@dataclass(slots=True)
class Studio:
    """The media room of one process.

    Args:
        library: where files are kept.
        store: the record.
        now: what time it is.
        workroom: a folder on the disk for files under way; they are in it for seconds.
        bounds: what is too much.
        prompt: makes the sizes that somebody waits for.
        later: makes those that nobody waits for.
        uploads: those that are under way.
    """

    library: Library
    store: Store
    now: Callable[[], datetime]
    workroom: Path
    bounds: MediaBounds
    prompt: Darkroom
    later: Darkroom
    bell: asyncio.Event = field(default_factory=asyncio.Event)
    uploads: UploadSlots = field(default_factory=UploadSlots)

    @asynccontextmanager
    async def folder(self) -> AsyncIterator[Path]:
        """A folder for the files of one job, gone with the block."""
        place = await asyncio.to_thread(_new_folder, self.workroom)
        try:
            yield place
        except OSError as error:
            raise LibraryUnavailable(f"The file cannot be stored ({error.strerror}).") from error
        finally:
            await asyncio.shield(asyncio.to_thread(shutil.rmtree, place, ignore_errors=True))

    async def take_in(self, upload: Path, words: Mapping[str, str], caller: str) -> Media:
        """Make a picture of a file, and store its sizes; no entry may name it yet.

        Args:
            upload: the file as it came, in a folder of its own.
            words: `alt`, `caption` and `credit` as somebody gave them; what is missing is taken
                from the picture.
            caller: who sent it.

        Raises:
            MediaError: the file is refused.
        """
        done, files = await self.make_sizes(upload, caller)
        media = picture_of(new_media_id(), done, words)
        await self.keep_files(media, files)
        return media

    async def make_sizes(self, upload: Path, caller: str) -> tuple[dict[str, Any], dict[str, Path]]:
        """Make a picture's sizes; gives what the worker says, and the files by their names.

        Args:
            upload: the file as it came, in a folder of its own.
            caller: who sent it, and takes turns with others.

        Raises:
            MediaError: the file is refused.
        """
        head = await asyncio.to_thread(_head, upload)
        if not head:
            raise BrokenFile("The file is empty.")
        kind = picture_kind(head)
        if kind is None:
            raise UnknownType(_why_not(await asyncio.to_thread(_head, upload, foreign.HEAD)))
        sizes = upload.parent / "sizes"
        sizes.mkdir()
        job = {"do": "sizes", "source": str(upload), "kind": kind, "folder": str(sizes)}
        bounds = {"pixels": self.bounds.pixels, "frames": self.bounds.frames}
        done = await self.prompt.do(job | bounds, caller)
        return done, {made["name"]: sizes / made["name"] for made in done["made"]}

    async def keep_files(self, media: Media, files: Mapping[str, Path]) -> None:
        """Announce a new medium and store its files; `keep_media` then lets entries name it."""
        async with self.store.writing() as session:
            await announce_media(session, media, self.now())
        try:
            await self.library.put(media.id, files)
        except BaseException:
            await asyncio.shield(self.discard(media.id))
            raise

    async def discard(self, media_id: str) -> None:
        """Forget a medium that was announced and is not kept."""
        await self.library.remove(media_id)
        async with self.store.writing() as session:
            await forget_media(session, media_id)

    def wake(self) -> None:
        """Tell the upkeep that there is something to do."""
        self.bell.set()

    async def close(self) -> None:
        """End the workers."""
        await self.prompt.close()
        await self.later.close()


def _new_folder(workroom: Path) -> Path:
    try:
        workroom.mkdir(parents=True, exist_ok=True)
        return Path(tempfile.mkdtemp(dir=workroom))
    except OSError as error:
        raise LibraryUnavailable(f"The file cannot be stored ({error.strerror}).") from error


def _head(path: Path, length: int = HEAD) -> bytes:
    with path.open("rb") as file:
        return file.read(length)


def _why_not(head: bytes) -> str:
    if (named := foreign.name_foreign(head)) is None:
        return f"The file is none of {_TAKEN}, whatever its name says."
    name, advice = named
    return f"The file is {name}, which not every browser draws. {advice}"
