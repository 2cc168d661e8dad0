"""Opens the media room: its library, its workers, and the task that finishes what is left."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from pathlib import Path

from app.media.cleanup import Upkeep
from app.media.ingest import MediaBounds, MediaIngest
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
    bounds: MediaBounds,
) -> AsyncIterator[MediaIngest]:
    """The media room for as long as the block lasts; nothing is made before a file comes.

    Args:
        library: where files are kept.
        store: the record.
        now: what time it is.
        workroom: a folder of this machine for files under way.
        bounds: what is too much.
    """
    # Whoever may not enter the folders reaches nothing in them. In a bucket there is no folder.
    for folder in (workroom.parent, workroom):
        await asyncio.to_thread(narrow, folder)
    media_ingest = MediaIngest(
        library=library,
        store=store,
        now=now,
        workroom=workroom,
        bounds=bounds,
        prompt=WorkerPool(WorkerConfig(memory=bounds.memory)),
        later=WorkerPool(WorkerConfig(memory=bounds.memory, niceness=19, patience=120.0)),
        videos=WorkerPool(WorkerConfig(memory=bounds.memory, niceness=19)),
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
