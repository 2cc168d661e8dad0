"""Media ingest: turns an uploaded file into a picture or video that entries may show.

Theory of operation. Files and the database cannot change in one transaction, so the database
always goes first: a medium is announced before its files are stored, and a withdrawal is a task of
its row before the files are moved. After a crash, `cleanup.py` finds the unfinished task in the
database and completes it, in this process or another. Every step is idempotent.
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

from app.media.embed_cards import EmbedCards
from app.media.errors import BrokenFile, StorageUnavailable, UnknownType, UnwantedPoster
from app.media.images.record import media_address, picture_of
from app.media.refused_types import LONG_HEAD, name_refused_type
from app.media.sniff import HEAD, Video, picture_kind, video_kind
from app.media.storage.storage import Library, new_media_id
from app.media.upload_progress import UploadProgress
from app.media.upload_slots import UploadSlots
from app.media.worker_pool import WorkerPool
from app.store.engine import Store
from app.store.media import announce_media, delete_media
from app.timeline.entry import Media

_ACCEPTED = (
    "JPEG, PNG, WebP, AVIF, GIF and HEIC, and of the videos MP4, QuickTime, WebM and Matroska"
)
_READING = 30.0  # seconds for reading a video, plus the time for its bytes
_READ_A_SECOND = 20 * 1024 * 1024  # bytes per second
# Seconds for a video of one second; a phone's takes two on two idle cores.
_CONVERTING = 15.0
_COPYING = 0.5
_LONGEST = 4 * 3600.0  # seconds; an upload's folder counts as left behind after six hours

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class MediaLimits:
    """Limits of the media ingest.

    Args:
        bytes: of a picture as sent.
        video: bytes of a video as sent.
        pixels: of a picture.
        frames: of an animation.
        memory: bytes that a worker may allocate.
        duration: seconds of a video.
        conversion: seconds of a video that has to be re-encoded.
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
    """The media ingest of one process.

    Args:
        library: stores the files.
        store: the database.
        now: returns the current time.
        scratch_folder: a folder on the disk for files in progress; they stay there for seconds.
        limits: the limits.
        foreground: the worker pool for renditions that a client waits for.
        background: the worker pool for renditions that no client waits for.
        videos: the worker pool that reads and rewrites videos, so that pictures do not wait.
        embed_cards: reads the cards of embeds; None if the server asks no other sites.
        uploads: the slots of uploads in progress.
    """

    library: Library
    store: Store
    now: Callable[[], datetime]
    scratch_folder: Path
    limits: MediaLimits
    foreground: WorkerPool
    background: WorkerPool
    videos: WorkerPool
    embed_cards: EmbedCards | None = None
    wakeup: asyncio.Event = field(default_factory=asyncio.Event)
    uploads: UploadSlots = field(default_factory=UploadSlots)

    @property
    def largest_file(self) -> int:
        """The largest accepted size of any file, in bytes."""
        return max(self.limits.bytes, self.limits.video)

    def size_limit(self, head: bytes) -> int:
        """Return the largest accepted size in bytes of a file that begins with `head`.

        Args:
            head: its first `sniff.HEAD` bytes, or all there are.
        """
        return self.limits.bytes if video_kind(head) is None else self.limits.video

    @property
    def progress(self) -> UploadProgress:
        """The progress of the videos that are being converted."""
        return UploadProgress(self.scratch_folder)

    @asynccontextmanager
    async def folder(self) -> AsyncIterator[Path]:
        """Create a folder for the files of one job; it is removed at the end of the block."""
        folder = await asyncio.to_thread(_new_folder, self.scratch_folder)
        try:
            yield folder
        except OSError as error:
            raise StorageUnavailable(f"The file cannot be stored ({error.strerror}).") from error
        finally:
            await asyncio.shield(asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True))

    async def ingest(
        self,
        upload: Path,
        words: Mapping[str, Any],
        caller: str,
        poster: Path | None = None,
        progress: Path | None = None,
    ) -> Media:
        """Make a picture or a video from a file, by its detected type, and store it.

        No entry may refer to it before `keep_media` has returned.

        Args:
            upload: the file as sent, in a folder of its own.
            words: `alt`, `caption` and `credit` from the client, of which a missing one is read
                from the picture, and whether it is `graphic`.
            caller: the client that sent it, for the fair queue.
            poster: the picture that stands for a video; None to use one of its frames.
            progress: the file to which progress is written; None if no client asks for it.

        Raises:
            MediaError: one of the files is refused.
        """
        head = await asyncio.to_thread(_head, upload)
        kind = video_kind(head)
        if kind is not None:
            return await self._ingest_video(upload, kind, words, caller, poster, progress)
        if poster is not None and picture_kind(head) is not None:
            raise UnwantedPoster("A poster is accepted only with a video.")
        answer, files = await self._make_sizes(upload, caller)
        media = picture_of(new_media_id(), answer, words)
        await self.keep_files(media, files)
        return media

    async def ingest_embed(self, embed: Media, picture: bytes, caller: str) -> Media:
        """Make the picture of an embed's card, and store it; otherwise like `ingest`.

        The words in the picture's metadata are not taken: the other site has sent it.

        Raises:
            MediaError: the picture is refused.
        """
        async with self.folder() as folder:
            upload = folder / "picture"
            await asyncio.to_thread(upload.write_bytes, picture)
            answer, files = await self._make_sizes(upload, caller)
            media = replace(embed, renditions=picture_of(embed.id, answer, {}).renditions)
            await self.keep_files(media, files)
            return media

    async def _ingest_video(
        self,
        upload: Path,
        kind: Video,
        words: Mapping[str, Any],
        caller: str,
        poster: Path | None,
        progress: Path | None,
    ) -> Media:
        poster_sizes = None if poster is None else await self._make_sizes(poster, caller)
        folder = upload.parent / "video"
        folder.mkdir()
        job = {"source": str(upload), "kind": kind, "folder": str(folder)}
        limits = {"duration": self.limits.duration, "conversion": self.limits.conversion}
        # Reading a long file takes time even where nothing is decoded.
        size = (await asyncio.to_thread(upload.stat)).st_size
        reading = _READING + size / _READ_A_SECOND
        answer = await self.videos.do({"do": "inspect", "limits": limits, **job}, caller, reading)
        info = answer["info"]
        is_copied = info["copies_video"] and info["copies_audio"]
        time_limit = reading + info["duration"] * (_COPYING if is_copied else _CONVERTING)
        time_limit = min(time_limit, _LONGEST)
        rewriting = {"do": "rewrite", "info": info, "progress": progress and str(progress)}
        name = (await self.videos.do(job | rewriting, caller, time_limit))["name"]
        sizes, files = poster_sizes or (answer, _files(answer, folder))
        media = picture_of(new_media_id(), sizes, words)
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
        """Make a picture's renditions; return the worker's answer and the files by name."""
        head = await asyncio.to_thread(_head, upload)
        if not head:
            raise BrokenFile("The file is empty.")
        kind = picture_kind(head)
        if kind is None:
            head = await asyncio.to_thread(_head, upload, LONG_HEAD)
            if (named := name_refused_type(head)) is None:
                raise UnknownType(f"The file is none of {_ACCEPTED}, whatever its name says.")
            name, advice = named
            raise UnknownType(f"The file is {name}, which is not accepted. {advice}")
        folder = upload.with_name(f"{upload.name}-sizes")
        folder.mkdir()
        job = {"do": "sizes", "source": str(upload), "kind": kind, "folder": str(folder)}
        limits = {"pixels": self.limits.pixels, "frames": self.limits.frames}
        answer = await self.foreground.do(job | limits, caller)
        return answer, _files(answer, folder)

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
        """Delete a medium that was announced but not kept."""
        await self.library.remove(media_id)
        async with self.store.writing() as session:
            await delete_media(session, media_id)

    def wake(self) -> None:
        """Wake the clean-up task."""
        self.wakeup.set()

    async def close(self) -> None:
        """Stop the workers."""
        await self.foreground.close()
        await self.background.close()
        await self.videos.close()


def _new_folder(scratch_folder: Path) -> Path:
    try:
        scratch_folder.mkdir(parents=True, exist_ok=True)
        return Path(tempfile.mkdtemp(dir=scratch_folder))
    except OSError as error:
        raise StorageUnavailable(f"The file cannot be stored ({error.strerror}).") from error


def _files(answer: Mapping[str, Any], folder: Path) -> dict[str, Path]:
    return {file["name"]: folder / file["name"] for file in answer["made"]}


def _head(path: Path, length: int = HEAD) -> bytes:
    with path.open("rb") as file:
        return file.read(length)
