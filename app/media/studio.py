"""From a file that somebody sent to a picture that entries may show, and to its end.

Theory of operation. Files and the record cannot be changed in one transaction, so the record always
goes first: a medium is announced before its files are stored, and a withdrawal is a task of its row
before the files are moved. What a crash breaks off is therefore found in the record, and done by
`keep` in this process or another. Each step may be done twice without harm.
"""

import asyncio
import logging
import random
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from app.media.darkroom import Darkroom
from app.media.errors import MediaError, UnknownFile, UnknownType
from app.media.kinds import HEAD, TYPES, picture_kind
from app.media.library import Library, new_media_id
from app.store.engine import Store
from app.store.media import (
    announce_media,
    find_media,
    finish_task,
    forget_media,
    list_tasks,
    read_task,
)
from app.timeline.entry import Media, Rendition

_log = logging.getLogger(__name__)

_AVIF = "image/avif"
_TAKEN = "JPEG, PNG, WebP, AVIF and GIF"
_EVERY = 5.0  # seconds between looks for what another process, or a crash, has left


@dataclass(frozen=True, slots=True)
class MediaBounds:
    """How much is too much: bytes of a file, pixels of a frame, frames of an animation.

    `memory` is what a worker may take of it, in bytes.
    """

    bytes: int = 25 * 1024 * 1024
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
    """

    library: Library
    store: Store
    now: Callable[[], datetime]
    workroom: Path
    bounds: MediaBounds
    prompt: Darkroom
    later: Darkroom
    _bell: asyncio.Event = field(default_factory=asyncio.Event)

    @asynccontextmanager
    async def folder(self) -> AsyncIterator[Path]:
        """A folder for the files of one job, gone with the block."""
        await asyncio.to_thread(self.workroom.mkdir, parents=True, exist_ok=True)
        place = Path(await asyncio.to_thread(tempfile.mkdtemp, dir=self.workroom))
        try:
            yield place
        finally:
            await asyncio.shield(asyncio.to_thread(shutil.rmtree, place, ignore_errors=True))

    async def take_in(self, upload: Path, words: Mapping[str, str]) -> Media:
        """Make a picture of a file, and store its sizes; no entry may name it yet.

        Args:
            upload: the file as it came, in a folder of its own.
            words: `alt`, `caption` and `credit` as somebody gave them; what is missing is taken
                from the picture.

        Raises:
            MediaError: the file is refused.
        """
        kind = picture_kind(await asyncio.to_thread(_head, upload))
        if kind is None:
            raise UnknownType(f"The file is none of {_TAKEN}, whatever its name says.")
        sizes = upload.parent / "sizes"
        sizes.mkdir()
        job = {"do": "sizes", "source": str(upload), "kind": kind, "folder": str(sizes)}
        bounds = {"pixels": self.bounds.pixels, "frames": self.bounds.frames}
        done = await self.prompt.do(job | bounds)
        media = _picture(new_media_id(), done, words)
        await self.keep_files(media, {made["name"]: sizes / made["name"] for made in done["made"]})
        return media

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
        """Tell `keep` that there is something to do."""
        self._bell.set()

    async def settle(self) -> None:
        """Withdraw, bring back and remove the files whose time has come by the record."""
        async with self.store.reading() as session:
            tasks = await list_tasks(session)
        for media_id, task in tasks:
            try:
                await _SETTLING[task](self, media_id)
            except OSError:
                _log.exception("the files of %s cannot be reached; trying again", media_id)

    async def keep(self) -> None:
        """Do what the record says is to be done, again and again, until cancelled."""
        while True:
            try:
                await self.settle()
                await self._make_avif()
            except Exception:  # noqa: BLE001  nobody else would go on
                _log.exception("what waits in the media room cannot be done; trying again")
            try:
                async with asyncio.timeout(_EVERY):
                    await self._bell.wait()
            except TimeoutError:
                continue
            finally:
                self._bell.clear()

    async def close(self) -> None:
        """End the workers."""
        await self.prompt.close()
        await self.later.close()

    async def _make_avif(self) -> None:
        async with self.store.reading() as session:
            waiting = [media_id for media_id, _ in await list_tasks(session, "avif")]
        # In any order, so that several processes seldom begin with the same one.
        random.shuffle(waiting)
        for media_id in waiting:
            async with self.store.reading() as session:
                media = (await find_media(session, [media_id])).get(media_id)
                task = await read_task(session, media_id)
            if media is None or task != "avif":
                continue
            try:
                await self._add_avif(media)
            except UnknownFile:
                continue  # withdrawn meanwhile
            except MediaError as refusal:
                _log.warning("no AVIF of %s: %s", media_id, refusal)
            async with self.store.writing() as session:
                await finish_task(session, media_id, "avif", None)
            await self.settle()

    async def _add_avif(self, media: Media) -> None:
        wanted = [r for r in media.renditions if r.type == _AVIF]
        source = max((r for r in media.renditions if r.type == "image/webp"), key=lambda r: r.width)
        async with self.folder() as folder:
            place = folder / "largest.webp"
            await self.library.fetch(media.id, file_name(source.url), place)
            sizes = [
                {"name": file_name(r.url), "width": r.width, "height": r.height} for r in wanted
            ]
            job = {"do": "avif", "source": str(place), "folder": str(folder), "sizes": sizes}
            await self.later.do(job)
            files = {str(size["name"]): folder / str(size["name"]) for size in sizes}
            await self.library.add(media.id, files)

    async def _withdraw(self, media_id: str) -> None:
        await self.library.withdraw(media_id)
        async with self.store.writing() as session:
            await finish_task(session, media_id, "withdraw", "withdrawn")

    async def _restore(self, media_id: str) -> None:
        await self.library.bring_back(media_id)
        async with self.store.writing() as session:
            media = (await find_media(session, [media_id]))[media_id]
            await finish_task(session, media_id, "restore", first_task(media))
        self.wake()

    async def _remove(self, media_id: str) -> None:
        await self.library.remove(media_id)
        async with self.store.writing() as session:
            await forget_media(session, media_id)


_SETTLING = {
    "withdraw": Studio._withdraw,  # noqa: SLF001
    "restore": Studio._restore,  # noqa: SLF001
    "remove": Studio._remove,  # noqa: SLF001
}


def media_address(media_id: str, name: str) -> str:
    """Where a file is for the public."""
    return f"/media/{media_id}/{name}"


def file_name(address: str) -> str:
    """The name at the end of an address."""
    return address.rpartition("/")[2]


def first_task(media: Media) -> Any:
    """What is to be done with a medium once it is kept: AVIF where its renditions name it."""
    return "avif" if any(r.type == _AVIF for r in media.renditions) else None


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(HEAD)


def _picture(media_id: str, done: Mapping[str, Any], words: Mapping[str, str]) -> Media:
    made = list(done["made"])
    if not done["moves"]:
        # Named at once, made later: until then the address answers with the WebP.
        made += [
            {**file, "name": f"{file['name'].removesuffix('webp')}avif"}
            for file in done["made"]
            if file["name"].endswith(".webp")
        ]
    sizes = [
        Rendition(
            url=media_address(media_id, file["name"]),
            width=file["width"],
            height=file["height"],
            type=TYPES[file["name"].rpartition(".")[2]],
        )
        for file in made
    ]
    main = max((size for size in sizes if size.type == "image/jpeg"), key=lambda s: s.width)
    told = {**done["words"], **words}
    return Media(
        id=media_id,
        kind="image",
        url=main.url,
        alt=told["alt"],
        caption=told["caption"],
        credit=told["credit"],
        width=main.width,
        height=main.height,
        renditions=tuple(sizes),
    )
