"""Imports: a large archive is read by a process of its own, with the same result."""

import asyncio
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import pytest

from app.formats.log.merkle import Frontier
from app.intake.archive import FORMAT
from app.newsroom.import_worker import convert
from app.newsroom.imports import DamagedArchive, converted
from app.store.copies import read_part

AT = "2026-01-01T00:00:00.000Z"
COUNT = 300


def archive(count: int = COUNT) -> list[bytes]:
    """Write an archive of so many entries, which are longer than the server reads by itself."""
    opened = {"slug": "fire", "title": "Fire", "status": "live", "language": "en"}
    lines: list[dict[str, Any]] = [FORMAT]
    lines += [{"seq": 1, "type": "coverage.opened", "details": opened | {"created_at": AT}}]
    for seq in range(2, count + 2):
        entry = {"id": f"n{seq}", "revision": 1, "status": "published", "language": "en"}
        entry |= {"headline": "Smoke " * 50, "tags": ["pier"], "updated_at": AT, "published_at": AT}
        lines.append({"seq": seq, "type": "entry.published", "entry": entry})
    for line in lines[1:]:
        line |= {"coverage": "fire", "at": AT}
    lines.append({"end": {"events": count + 1, "drafts": 0}})
    return [json.dumps(line).encode() + b"\n" for line in lines]


def parts(file: BinaryIO) -> Iterator[object]:
    """Read all parts but the commitments, which contain chance, and the epoch."""
    coverage = read_part(file)
    assert read_part(file) in {False, True}  # whether its times are in order
    yield coverage.slug, coverage.entry_count, coverage.cursor.seq
    while not isinstance(part := read_part(file), Frontier):
        table, rows = part
        yield (
            table,
            [
                {name: row[name] for name in row if name not in {"salt", "commitment"}}
                for row in rows
            ],
        )
    yield part.size, read_part(file)


async def test_a_process_of_its_own_reads_the_same(tmp_path: Path) -> None:
    """The rows of a large archive are those that the server itself would compute."""
    here = io.BytesIO()
    convert(archive(), "e1", None, here)
    here.seek(0)
    counts = read_part(here)
    async with converted(b"".join(archive()), None, tmp_path) as conversion:
        assert conversion.counts == counts == {"events": COUNT + 1, "entries": COUNT, "drafts": 0}
        assert list(parts(conversion.rows)) == list(parts(here))


@pytest.mark.parametrize("count", [3, COUNT])
async def test_a_damaged_line_is_named_and_no_file_remains(count: int, tmp_path: Path) -> None:
    """The refusal names the line, whichever process has read it, and the folder stays empty."""
    lines = archive(count)
    lines[4] = lines[4].replace(b'"revision": 1', b'"revision": 0')
    with pytest.raises(DamagedArchive, match=r"^line 5: entry/revision"):
        async with converted(b"".join(lines), "copy", tmp_path):
            pass
    assert not await asyncio.to_thread(lambda: list(tmp_path.iterdir()))
