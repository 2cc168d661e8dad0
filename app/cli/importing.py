"""`dateline import`: stores a coverage from a file, completely or not at all."""

import asyncio
import codecs
import json as standard_json
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated, Any, Literal

import orjson
import typer
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn

from app.cli.api import AsJson, Key, Url, open_api
from app.cli.command import command
from app.cli.refusal import Refused, read_answer
from app.cli.retry import request_with_retries
from app.formats.public_json import dump_json
from app.intake.archive import FORMAT, write_archive
from app.intake.foreign import Intake, IntakeError, journal_from_guardian, journal_from_sourcefabric

Json = dict[str, Any]

_READERS = {"guardian": journal_from_guardian, "sourcefabric": journal_from_sourcefabric}
_OWN_START = b'{"format":'
_PIECE = 256 * 1024  # bytes
_LARGE = 4 * 1024 * 1024


@command.command("import")
def import_file(
    file: Annotated[str, typer.Argument(help="The file; - for stdin.")],
    *,
    format: Annotated[  # noqa: A002  the name of the option
        Literal["dateline", "guardian", "sourcefabric"],
        typer.Option(help="Dateline's export, a Guardian live blog's page, or Live Blog's posts."),
    ] = "dateline",
    slug: Annotated[str | None, typer.Option(help="The slug of the new coverage.")] = None,
    json: AsJson = False,
    url: Url = None,
    key: Key = None,
) -> None:
    """Import a coverage from a file with its original times, and print what was read."""
    archive, intake = _read_archive(file, format, slug)
    answer = asyncio.run(_send(archive, slug, url, key))
    if json:
        read = {"read": intake.counts, "notes": intake.notes} if intake else {}
        typer.echo(orjson.dumps({**answer, **read}))
        return
    lines = ["read:", *_columns(intake.counts)] if intake else []
    lines += [
        "stored:",
        *_columns({what: answer[what] for what in ("events", "entries", "drafts")}),
    ]
    if intake and intake.notes:
        lines += ["notes:", *(f"  - {note}" for note in intake.notes)]
    typer.echo("\n".join([*lines, answer["coverage"]["url"]]))


def _read_archive(file: str, form: str, slug: str | None) -> tuple[bytes, Intake | None]:
    """Read a file, and convert it to an archive if it is of another format than Dateline's."""
    try:
        content = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError as error:
        raise Refused(f"cannot read {file}: {error.strerror}") from error
    content = content.removeprefix(codecs.BOM_UTF8)
    if form == "dateline":
        if not content.startswith(_OWN_START):
            raise Refused(
                f"{file} is no export of Dateline, of which line 1 is {dump_json(FORMAT).decode()};"
                " name its format with --format"
            )
        return content, None
    try:
        document = standard_json.loads(content)
        intake = _READERS[form](document, slug)
    except IntakeError as error:
        raise Refused(f"{file} is not of the format {form}: {error}") from error
    except (ValueError, RecursionError) as error:
        raise Refused(f"{file} is not JSON: {error}") from error
    return b"".join(write_archive(intake.lines, intake.drafts)), intake


async def _send(content: bytes, slug: str | None, url: str | None, key: str | None) -> Json:
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn())
    quiet = len(content) < _LARGE or not console.is_terminal
    progress = Progress(*columns, console=console, transient=True, disable=quiet)

    async def pieces() -> AsyncIterator[bytes]:
        task = progress.add_task("Sending", total=len(content))
        for start in range(0, len(content), _PIECE):
            yield content[start : start + _PIECE]
            progress.update(task, completed=min(start + _PIECE, len(content)))
        progress.update(task, description="The server reads the file")

    headers = {"Content-Type": "application/x-ndjson", "Content-Length": str(len(content))}
    query = {"slug": slug} if slug is not None else {}
    async with open_api(url, key) as api:
        with progress:
            answer = await request_with_retries(
                api, "POST", "/v1/imports", content=pieces, headers=headers, params=query
            )
        stored: Json = read_answer(answer)
        return stored


def _columns(counts: dict[str, int]) -> list[str]:
    width = max(map(len, counts))
    return [f"  {what.replace('_', ' '):<{width}}  {number:>6}" for what, number in counts.items()]
