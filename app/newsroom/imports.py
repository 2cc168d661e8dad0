"""Imports: store the coverage of an archive, all of it or nothing.

An archive is checked and converted before the transaction, a large one in a process of its own
(`import_worker.py`). If the server is killed meanwhile, nothing of the import remains: the files in
between have no name.
"""

import asyncio
import io
import os
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from sqlmodel.ext.asyncio.session import AsyncSession

from app.formats.public_json import PublicJson, dump_json
from app.hub.hub import OverCapacity
from app.media.errors import StorageUnavailable
from app.newsroom.coverages import new_epoch
from app.newsroom.import_worker import NO_SPACE, convert
from app.newsroom.written import Thing, Written
from app.store.copies import read_part, store_copy

_SMALL = 64 * 1024  # bytes that are read within some 20 ms
_NICENESS = 19


class DamagedArchive(Exception):
    """An archive cannot be read; the message names the line."""


class ImporterKilled(OverCapacity):
    """The process that read an archive was killed, usually because memory ran out: try again."""


@dataclass(frozen=True, slots=True)
class Conversion:
    """What an archive was converted to: the numbers of its parts, and the rows to store."""

    counts: dict[str, int]
    rows: BinaryIO


@asynccontextmanager
async def converted(archive: bytes, slug: str | None, folder: Path) -> AsyncIterator[Conversion]:
    """Convert an archive to the rows that `import_coverage` stores.

    Args:
        archive: the uploaded file.
        slug: the slug of the copy; None keeps the original's.
        folder: on the disk, for files that exist during the block.

    Raises:
        DamagedArchive: a line is damaged.
        StorageUnavailable: the disk is full.
        ImporterKilled: the process that was started for it did not finish.
    """
    with ExitStack() as files:
        try:
            await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
            rows = files.enter_context(tempfile.TemporaryFile(dir=folder))
            if len(archive) <= _SMALL:
                lines = io.BytesIO(archive)
                await asyncio.to_thread(convert, lines, new_epoch(), slug, rows)
            else:
                with tempfile.TemporaryFile(dir=folder) as file:
                    await asyncio.to_thread(file.write, archive)
                    file.seek(0)
                    await _run_worker(file, slug, rows)
        except OSError as error:
            raise StorageUnavailable(f"The file cannot be read ({error.strerror}).") from error
        rows.seek(0)
        counts = read_part(rows)
        if isinstance(counts, str):
            raise DamagedArchive(counts)
        yield Conversion(counts, rows)


async def _run_worker(archive: BinaryIO, slug: str | None, rows: BinaryIO) -> None:
    path = os.pathsep.join(place or os.curdir for place in sys.path)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-m", "app.newsroom.import_worker"),
        *(new_epoch(), slug or "", str(_NICENESS)),
        stdin=archive,
        stdout=rows,
        env={"PYTHONPATH": path},  # nothing of the operator's, which may hold secrets
    )
    try:
        code = await process.wait()
        if code == NO_SPACE:
            raise StorageUnavailable("The file cannot be read: there is no space for it.")
        if code:
            raise ImporterKilled("The archive cannot be read at the moment: send it again later.")
    finally:
        if process.returncode is None:
            process.kill()
            await asyncio.shield(process.wait())


async def import_coverage(
    session: AsyncSession, form: PublicJson, conversion: Conversion
) -> Written:
    """Store a journal that was converted, and the coverage and entries that it folds to.

    Retracted entries are in it as tombstones only. Nothing of it has been served here before, so
    there is nothing to redact.

    Raises:
        SlugTaken: a coverage with that slug exists.
    """
    coverage = await store_copy(session, conversion.rows)
    record = {"coverage": form.coverage(coverage), **conversion.counts}
    thing = Thing("coverage", coverage.slug, coverage.slug)
    # Without events to announce: nobody can follow a coverage that did not exist.
    return Written(dump_json(record), thing, is_new=True)
