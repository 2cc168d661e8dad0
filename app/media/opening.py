"""Opens the media room: its library, its workers, and the task that finishes what is left."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from pathlib import Path

from app.media.darkroom import Darkroom, DarkroomTerms
from app.media.disk import DiskLibrary
from app.media.studio import MediaBounds, Studio
from app.store.engine import Store
from app.store.media import UNSETTLED


@asynccontextmanager
async def open_studio(
    store: Store, now: Callable[[], datetime], folder: Path, bounds: MediaBounds
) -> AsyncIterator[Studio]:
    """The media room for as long as the block lasts; nothing is touched before a file comes.

    Args:
        store: the record.
        now: what time it is.
        folder: of the library.
        bounds: what is too much.
    """
    studio = Studio(
        library=DiskLibrary(folder),
        store=store,
        now=now,
        workroom=folder / "incoming",
        bounds=bounds,
        prompt=Darkroom(DarkroomTerms(memory=bounds.memory)),
        later=Darkroom(DarkroomTerms(memory=bounds.memory, niceness=15, patience=120.0)),
    )
    store.heed(UNSETTLED, studio.settle)
    keeping = asyncio.create_task(studio.keep())
    try:
        yield studio
    finally:
        keeping.cancel()
        with suppress(asyncio.CancelledError):
            await keeping
        await studio.close()
