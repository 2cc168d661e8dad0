"""Media clean-up: withdraws, copies and removes files, and makes AVIF, as the database says.

Every task is idempotent: a task that a crash interrupts runs again, in whichever process finds it
first.
"""

import asyncio
import logging
import random
import shutil
import time
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from app.media.errors import MediaError, StorageUnavailable, UnknownFile, WorkersBusy
from app.media.images.record import AVIF, WEBP, file_name, first_task
from app.media.ingest import MediaIngest
from app.store.media import (
    drop_unused,
    find_media,
    find_origin,
    finish_task,
    forget_media,
    list_tasks,
    read_task,
)

_log = logging.getLogger(__name__)

_TIDY = timedelta(hours=1)
_STALE = timedelta(hours=6)  # older files were left behind: no conversion may take as long
_EVERY = 5.0  # seconds between polls for tasks left by another process or by a crash


class Upkeep:
    """The background tasks of one process for its media library."""

    def __init__(self, media_ingest: MediaIngest) -> None:
        self._media_ingest = media_ingest
        self._tidied: datetime | None = None

    async def settle(self) -> None:
        """Withdraw, copy and remove the files whose tasks are due.

        Raises nothing: the transaction is committed already, and a task that fails now is tried
        again later.
        """
        try:
            async with self._media_ingest.store.reading() as session:
                tasks = await list_tasks(session)
            for media_id, task in tasks:
                await _SETTLING[task](self, media_id)
        except (MediaError, SQLAlchemyError):
            _log.exception("files of media cannot be reached; trying again")

    async def keep(self) -> None:
        """Run the tasks that are due, again and again, until cancelled."""
        while True:
            try:
                now = self._media_ingest.now()
                if self._tidied is None or now - self._tidied >= _TIDY:
                    self._tidied = now
                    async with self._media_ingest.store.writing() as session:
                        await drop_unused(session, now)
                    await asyncio.to_thread(_sweep, self._media_ingest.workroom)
                await self.settle()
                await self._make_avif()
            except Exception:  # noqa: BLE001  nothing else would continue the loop
                _log.exception("media clean-up failed; trying again")
            try:
                async with asyncio.timeout(_EVERY):
                    await self._media_ingest.wakeup.wait()
            except TimeoutError:
                continue
            finally:
                self._media_ingest.wakeup.clear()

    async def _make_avif(self) -> None:
        async with self._media_ingest.store.reading() as session:
            waiting = [media_id for media_id, _ in await list_tasks(session, "avif")]
        # In random order, so that several processes seldom begin with the same one.
        random.shuffle(waiting)
        for media_id in waiting:
            async with self._media_ingest.store.reading() as session:
                media = (await find_media(session, [media_id])).get(media_id)
                task = await read_task(session, media_id)
            if media is None or task != "avif":
                continue
            try:
                wanted = [r for r in media.renditions if r.type == AVIF]
                source = max((r for r in media.renditions if r.type == WEBP), key=lambda r: r.width)
                sizes = [
                    {"name": file_name(r.url), "width": r.width, "height": r.height} for r in wanted
                ]
                async with self._media_ingest.folder() as folder:
                    path = folder / "largest.webp"
                    await self._media_ingest.library.fetch(media_id, file_name(source.url), path)
                    job = {"do": "avif", "source": str(path), "folder": str(folder), "sizes": sizes}
                    await self._media_ingest.later.do(job, "upkeep")
                    files = {str(size["name"]): folder / str(size["name"]) for size in sizes}
                    await self._media_ingest.library.add(media_id, files)
            except (UnknownFile, StorageUnavailable, WorkersBusy):
                continue  # withdrawn meanwhile, or to be tried again later
            except MediaError as refusal:
                _log.warning("no AVIF of %s: %s", media_id, refusal)
            async with self._media_ingest.store.writing() as session:
                await finish_task(session, media_id, "avif", None)
            await self.settle()

    async def _withdraw(self, media_id: str) -> None:
        await self._media_ingest.library.withdraw(media_id)
        async with self._media_ingest.store.writing() as session:
            await finish_task(session, media_id, "withdraw", "withdrawn")

    async def _copy(self, media_id: str) -> None:
        async with self._media_ingest.store.reading() as session:
            origin = await find_origin(session, media_id)
            media = (await find_media(session, [media_id])).get(media_id)
        if origin is None or media is None:
            return
        try:
            await self._media_ingest.library.copy(origin, media_id)
        except UnknownFile:
            _log.warning("the files of %s are gone: its copy %s has none", origin, media_id)
        async with self._media_ingest.store.writing() as session:
            is_done = await finish_task(session, media_id, "copy", first_task(media))
            task = await read_task(session, media_id)
        if not is_done and task in {"withdraw", "withdrawn"}:
            # The original was published and retracted during the copy.
            await self._media_ingest.library.withdraw(media_id)
        self._media_ingest.wake()

    async def _remove(self, media_id: str) -> None:
        await self._media_ingest.library.remove(media_id)
        async with self._media_ingest.store.writing() as session:
            await forget_media(session, media_id)


_SETTLING = {
    "withdraw": Upkeep._withdraw,  # noqa: SLF001
    "copy": Upkeep._copy,  # noqa: SLF001
    "remove": Upkeep._remove,  # noqa: SLF001
}


def _sweep(workroom: Path) -> None:
    """Remove what a killed process left behind; ages are measured by the file system's clock."""
    oldest = time.time() - _STALE.total_seconds()
    for folder in workroom.glob("*"):
        with suppress(OSError):
            if folder.stat().st_mtime >= oldest:
                continue
            if folder.is_dir():
                shutil.rmtree(folder)
            else:  # the progress file of an upload
                folder.unlink()
