"""Opens the media ingest: its library, its workers, and the clean-up task."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from pathlib import Path

from app.media.cleanup import Upkeep
from app.media.ingest import MediaIngest, MediaLimits
from app.media.storage.storage import Library
from app.media.worker_pool import WorkerConfig, WorkerPool
from app.store.engine import Store
from app.store.file_modes import narrow
from app.store.media import UNSETTLED


@asynccontextmanager
async def open_media_ingest(
    library: Library,
    store: Store,
    now: Callable[[], datetime],
    workroom: Path,
    limits: MediaLimits,
) -> AsyncIterator[MediaIngest]:
    """Run the media ingest for the length of the block; workers start with the first file.

    Args:
        library: stores the files.
        store: the database.
        now: returns the current time.
        workroom: a folder of this machine for files in progress.
        limits: the limits.
    """
    # Access to the folders guards every file in them. A bucket needs no folder.
    for folder in (workroom.parent, workroom):
        await asyncio.to_thread(narrow, folder)
    media_ingest = MediaIngest(
        library=library,
        store=store,
        now=now,
        workroom=workroom,
        limits=limits,
        prompt=WorkerPool(WorkerConfig(memory=limits.memory)),
        later=WorkerPool(WorkerConfig(memory=limits.memory, niceness=19, patience=120.0)),
        videos=WorkerPool(WorkerConfig(memory=limits.memory, niceness=19)),
    )
    upkeep = Upkeep(media_ingest)
    store.heed(UNSETTLED, upkeep.settle)
    keeping = asyncio.create_task(upkeep.keep())
    try:
        yield media_ingest
    finally:
        keeping.cancel()
        with suppress(asyncio.CancelledError):
            await keeping
        await media_ingest.close()
