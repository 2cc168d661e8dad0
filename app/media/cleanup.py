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
    delete_media,
    drop_unused,
    find_media,
    find_origin,
    finish_task,
    list_tasks,
    read_task,
)

_log = logging.getLogger(__name__)

_SWEEP_EVERY = timedelta(hours=1)
_STALE = timedelta(hours=6)  # older files were left behind: no conversion may take as long
_POLL_EVERY = 5.0  # seconds between polls for tasks left by another process or by a crash


class MediaCleanup:
    """The background tasks of one process for its media library."""

    def __init__(self, media_ingest: MediaIngest) -> None:
        self._media_ingest = media_ingest
        self._swept_at: datetime | None = None

    async def run_tasks(self) -> None:
        """Withdraw, copy and remove the files whose tasks are due.

        Raises nothing: the transaction is committed already, and a task that fails now is tried
        again later.
        """
        try:
            async with self._media_ingest.store.reading() as session:
                tasks = await list_tasks(session)
            for media_id, task in tasks:
                await _TASKS[task](self, media_id)
        except (MediaError, SQLAlchemyError):
            _log.exception("files of media cannot be reached; trying again")

    async def run(self) -> None:
        """Run the tasks that are due, again and again, until cancelled."""
        while True:
            try:
                now = self._media_ingest.now()
                if self._swept_at is None or now - self._swept_at >= _SWEEP_EVERY:
                    self._swept_at = now
                    async with self._media_ingest.store.writing() as session:
                        await drop_unused(session, now)
                    await asyncio.to_thread(_sweep, self._media_ingest.scratch_folder)
                await self.run_tasks()
                await self._make_avif()
            except Exception:  # noqa: BLE001  nothing else would continue the loop
                _log.exception("media clean-up failed; trying again")
            try:
                async with asyncio.timeout(_POLL_EVERY):
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
                    await self._media_ingest.background.do(job, "cleanup")
                    files = {str(size["name"]): folder / str(size["name"]) for size in sizes}
                    await self._media_ingest.library.add(media_id, files)
            except (UnknownFile, StorageUnavailable, WorkersBusy):
                continue  # withdrawn meanwhile, or to be tried again later
            except MediaError as refusal:
                _log.warning("no AVIF of %s: %s", media_id, refusal)
            async with self._media_ingest.store.writing() as session:
                await finish_task(session, media_id, "avif", None)
            await self.run_tasks()

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
            await delete_media(session, media_id)


_TASKS = {
    "withdraw": MediaCleanup._withdraw,  # noqa: SLF001
    "copy": MediaCleanup._copy,  # noqa: SLF001
    "remove": MediaCleanup._remove,  # noqa: SLF001
}


def _sweep(scratch_folder: Path) -> None:
    """Remove what a killed process left behind; ages are measured by the file system's clock."""
    oldest = time.time() - _STALE.total_seconds()
    for folder in scratch_folder.glob("*"):
        with suppress(OSError):
            if folder.stat().st_mtime >= oldest:
                continue
            if folder.is_dir():
                shutil.rmtree(folder)
            else:  # the progress file of an upload
                folder.unlink()
