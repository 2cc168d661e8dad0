"""Opens the media ingest: its library, its workers, and the clean-up task."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from pathlib import Path

from app.media.cleanup import MediaCleanup
from app.media.embed_cards import EmbedCards
from app.media.ingest import MediaIngest, MediaLimits
from app.media.storage.storage import Library
from app.media.worker_pool import WorkerConfig, WorkerPool
from app.store.engine import Store
from app.store.file_modes import restrict_folder
from app.store.media import HAS_FILE_TASKS

# The names in a folder of media, which may be a disk of its own.
_OWN = re.compile(r"[0-9a-f]{2}|withdrawn|incoming|lost\+found")


@asynccontextmanager
async def open_media_ingest(
    library: Library,
    store: Store,
    now: Callable[[], datetime],
    scratch_folder: Path,
    limits: MediaLimits,
    embed_cards: EmbedCards | None = None,
) -> AsyncIterator[MediaIngest]:
    """Run the media ingest for the length of the block; workers start with the first file.

    Args:
        library: stores the files.
        store: the database.
        now: returns the current time.
        scratch_folder: a folder of this machine for files in progress.
        limits: the limits.
        embed_cards: reads the cards of embeds; None if the server asks no other sites.
    """
    # Access to the folders guards every file in them. A bucket needs no folder.
    await asyncio.to_thread(restrict_folder, scratch_folder.parent, _OWN)
    media_ingest = MediaIngest(
        library=library,
        store=store,
        now=now,
        scratch_folder=scratch_folder,
        limits=limits,
        foreground=WorkerPool(WorkerConfig(memory=limits.memory)),
        background=WorkerPool(WorkerConfig(memory=limits.memory, niceness=19, time_limit=120.0)),
        videos=WorkerPool(WorkerConfig(memory=limits.memory, niceness=19)),
        embed_cards=embed_cards,
    )
    cleanup = MediaCleanup(media_ingest)
    store.on_commit(HAS_FILE_TASKS, cleanup.run_tasks)
    cleaning = asyncio.create_task(cleanup.run())
    try:
        yield media_ingest
    finally:
        cleaning.cancel()
        with suppress(asyncio.CancelledError):
            await cleaning
        await media_ingest.close()
