"""From a file that somebody sent to a picture or video that entries may show, and to its end.

Theory of operation. Files and the record cannot be changed in one transaction, so the record always
goes first: a medium is announced before its files are stored, and a withdrawal is a task of its row
before the files are moved. What a crash breaks off is therefore found in the record, and done by
`cleanup.py`, in this process or another. Each step may be done twice without harm.
"""

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from app.media import refused_types as foreign
from app.media.errors import BrokenFile, StorageUnavailable, UnknownType, UnwantedPoster
from app.media.images.record import media_address, picture_of
from app.media.sniff import HEAD, Video, picture_kind, video_kind
from app.media.storage.storage import Library, new_media_id
from app.media.upload_progress import UploadProgress
from app.media.upload_slots import UploadSlots
from app.media.worker_pool import WorkerPool
from app.store.engine import Store
from app.store.media import announce_media, forget_media
from app.timeline.entry import Media

_TAKEN = "JPEG, PNG, WebP, AVIF, GIF and HEIC, and of the videos MP4, QuickTime, WebM and Matroska"
_READING = 30.0  # seconds in which a video has to be read, and more for its bytes
_READ_A_SECOND = 20 * 1024 * 1024  # bytes
# Seconds for one of a video. A phone's takes two on two cores that nobody else needs.
_CONVERTING = 15.0
_COPYING = 0.5
_LONGEST = 4 * 3600.0  # seconds: after six hours the folder of an upload is taken for left behind

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class MediaBounds:
    """How much is too much.

    Args:
        bytes: of a picture as it is sent.
        video: bytes of a video as it is sent.
        pixels: of a picture.
        frames: of an animation.
        memory: bytes that a worker may take.
        duration: seconds of a video.
        conversion: seconds of a video that has to be encoded anew.
    """

    bytes: int = 25 * 1024 * 1024
    video: int = 200 * 1024 * 1024
    pixels: int = 100_000_000
    frames: int = 500
    memory: int = 1024 * 1024 * 1024
    duration: float = 3600.0
    conversion: float = 600.0


@dataclass(slots=True)
class MediaIngest:
    """The media room of one process.

    Args:
        library: where files are kept.
        store: the record.
        now: what time it is.
        workroom: a folder on the disk for files under way; they are in it for seconds.
        bounds: what is too much.
        prompt: makes the sizes that somebody waits for.
        later: makes those that nobody waits for.
        videos: reads videos and writes them anew; pictures do not wait for it.
        uploads: those that are under way.
    """

    library: Library
    store: Store
    now: Callable[[], datetime]
    workroom: Path
    bounds: MediaBounds
    prompt: WorkerPool
    later: WorkerPool
    videos: WorkerPool
    wakeup: asyncio.Event = field(default_factory=asyncio.Event)
    uploads: UploadSlots = field(default_factory=UploadSlots)

    @property
    def largest_file(self) -> int:
        """Bytes that a file may have, whatever it is."""
        return max(self.bounds.bytes, self.bounds.video)

    def size_limit(self, head: bytes) -> int:
        """Bytes that a file may have which begins so.

        Args:
            head: its first `kinds.HEAD` bytes, or all there are.
        """
        return self.bounds.bytes if video_kind(head) is None else self.bounds.video

    @property
    def progress(self) -> UploadProgress:
        """How far videos are that are being made playable."""
        return UploadProgress(self.workroom)

    @asynccontextmanager
    async def folder(self) -> AsyncIterator[Path]:
        """A folder for the files of one job, gone with the block."""
        place = await asyncio.to_thread(_new_folder, self.workroom)
        try:
            yield place
        except OSError as error:
            raise StorageUnavailable(f"The file cannot be stored ({error.strerror}).") from error
        finally:
            await asyncio.shield(asyncio.to_thread(shutil.rmtree, place, ignore_errors=True))

    async def ingest(
        self,
        upload: Path,
        words: Mapping[str, str],
        caller: str,
        poster: Path | None = None,
        progress: Path | None = None,
    ) -> Media:
        """Make a picture or a video of a file, by what the file is, and store it.

        No entry may name it yet: `keep_media` says when.

        Args:
            upload: the file as it came, in a folder of its own.
            words: `alt`, `caption` and `credit` as somebody gave them; what is missing is taken
                from the picture.
            caller: who sent it, and takes turns with others.
            poster: the picture that stands for a video; None for one of its frames.
            progress: the file that is told how far a video is; None for nobody.

        Raises:
            MediaError: one of the files is refused.
        """
        head = await asyncio.to_thread(_head, upload)
        kind = video_kind(head)
        if kind is not None:
            return await self._ingest_video(upload, kind, words, caller, poster, progress)
        if poster is not None and picture_kind(head) is not None:
            raise UnwantedPoster("A poster is taken with a video alone.")
        done, files = await self._make_sizes(upload, caller)
        media = picture_of(new_media_id(), done, words)
        await self.keep_files(media, files)
        return media

    async def _ingest_video(
        self,
        upload: Path,
        kind: Video,
        words: Mapping[str, str],
        caller: str,
        poster: Path | None,
        progress: Path | None,
    ) -> Media:
        still = None if poster is None else await self._make_sizes(poster, caller)
        folder = upload.parent / "video"
        folder.mkdir()
        job = {"source": str(upload), "kind": kind, "folder": str(folder)}
        limits = {"duration": self.bounds.duration, "conversion": self.bounds.conversion}
        # A long file takes its time to be read even where nothing is decoded.
        size = (await asyncio.to_thread(upload.stat)).st_size
        reading = _READING + size / _READ_A_SECOND
        found = await self.videos.do({"do": "inspect", "limits": limits, **job}, caller, reading)
        info = found["info"]
        is_copied = info["copies_video"] and info["copies_audio"]
        patience = reading + info["duration"] * (_COPYING if is_copied else _CONVERTING)
        patience = min(patience, _LONGEST)
        told = {"do": "rewrite", "info": info, "progress": progress and str(progress)}
        name = (await self.videos.do(job | told, caller, patience))["name"]
        made, files = still or (found, _files(found, folder))
        media = picture_of(new_media_id(), made, words)
        media = replace(
            media,
            kind="video",
            url=media_address(media.id, name),
            width=info["width"],
            height=info["height"],
        )
        await self.keep_files(media, {name: folder / name, **files})
        return media

    async def _make_sizes(self, upload: Path, caller: str) -> tuple[Json, dict[str, Path]]:
        """Make a picture's sizes; gives what the worker says, and the files by their names."""
        head = await asyncio.to_thread(_head, upload)
        if not head:
            raise BrokenFile("The file is empty.")
        kind = picture_kind(head)
        if kind is None:
            raise UnknownType(_why_not(await asyncio.to_thread(_head, upload, foreign.HEAD)))
        folder = upload.with_name(f"{upload.name}-sizes")
        folder.mkdir()
        job = {"do": "sizes", "source": str(upload), "kind": kind, "folder": str(folder)}
        bounds = {"pixels": self.bounds.pixels, "frames": self.bounds.frames}
        done = await self.prompt.do(job | bounds, caller)
        return done, _files(done, folder)

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
        self.wakeup.set()

    async def close(self) -> None:
        """End the workers."""
        await self.prompt.close()
        await self.later.close()
        await self.videos.close()


def _new_folder(workroom: Path) -> Path:
    try:
        workroom.mkdir(parents=True, exist_ok=True)
        return Path(tempfile.mkdtemp(dir=workroom))
    except OSError as error:
        raise StorageUnavailable(f"The file cannot be stored ({error.strerror}).") from error


def _files(done: Mapping[str, Any], folder: Path) -> dict[str, Path]:
    return {made["name"]: folder / made["name"] for made in done["made"]}


def _head(path: Path, length: int = HEAD) -> bytes:
    with path.open("rb") as file:
        return file.read(length)


def _why_not(head: bytes) -> str:
    if (named := foreign.name_foreign(head)) is None:
        return f"The file is none of {_TAKEN}, whatever its name says."
    name, advice = named
    return f"The file is {name}, which is not taken. {advice}"
