"""`dateline export`: writes a coverage's journal to a file, completely or not at all."""

import asyncio
import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any

import httpx
import orjson
import typer
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn

from app.cli.api import AsJson, Key, Slug, Url, coverage_path, open_api
from app.cli.command import command
from app.cli.pipe import ignore_broken_pipe
from app.cli.refusal import Refused, problem_of, read_answer
from app.cli.retry import request_with_retries
from app.cli.signed_journal import read_signed_journal
from app.intake.archive import archive_draft, archive_line, write_archive

Json = dict[str, Any]

_PAGE = 100  # events


@command.command()
def export(
    slug: Slug,
    *,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", help="The file; - or none for stdout."),
    ] = None,
    public: Annotated[
        bool, typer.Option("--public", help="Leave out drafts and scheduled entries.")
    ] = False,
    signed: Annotated[
        bool,
        typer.Option("--signed", help="With the log, so that `dateline verify` can check it."),
    ] = False,
    json: AsJson = False,
    url: Url = None,
    key: Key = None,
) -> None:
    """Export a coverage as JSON Lines: its journal, and the drafts that the key may read."""
    if output == Path("-"):
        output = None
    if json and output is None:
        raise typer.BadParameter("needs --output: the lines go to stdout", param_hint="--json")
    if output is not None and output.is_dir():
        raise Refused(f"{output} is a directory")
    lines, drafts, log = asyncio.run(_read(slug, url, key, public=public, signed=signed))
    archive = write_archive(lines, drafts, log)
    if output is None:
        with ignore_broken_pipe():
            sys.stdout.buffer.writelines(archive)
        return
    _write_file(output, archive)
    entries = sum(line["type"] == "entry.published" for line in lines)
    counts = {"events": len(lines), "entries": entries, "drafts": len(drafts)}
    if json:
        typer.echo(orjson.dumps({"coverage": slug, "file": str(output), **counts}))
    else:
        summary = ", ".join(f"{what}: {number}" for what, number in counts.items())
        typer.echo(f"{output}: complete ({summary})")


async def _read(
    slug: str, url: str | None, key: str | None, *, public: bool, signed: bool
) -> tuple[list[Json], list[Json], Json | None]:
    async with open_api(url, key) as api:
        # Drafts first: one that is published meanwhile is then in both results, not in neither.
        drafts = []
        if not public:
            answer = await request_with_retries(api, "GET", f"{coverage_path(slug)}/drafts")
            is_anonymous = "authorization" not in api.headers
            # An anonymous client may read the journal only.
            if not (is_anonymous and problem_of(answer).get("type") == "/problems/not-signed-in"):
                drafts = [archive_draft(draft) for draft in read_answer(answer)["drafts"]]
        console = Console(stderr=True)
        columns = (SpinnerColumn(), TextColumn("{task.description}: {task.fields[events]} events"))
        quiet = not console.is_terminal
        with Progress(*columns, console=console, transient=True, disable=quiet) as progress:
            lines = log = None
            if signed:
                lines, log = await read_signed_journal(api, slug)
            while lines is None:
                lines = await _read_journal(api, slug, progress)
    if not lines:
        raise Refused(f"the coverage {slug} is not open yet: it has no journal")
    published = {line["entry"]["id"] for line in lines if "entry" in line}
    return lines, [draft for draft in drafts if draft["id"] not in published], log


async def _read_journal(api: httpx.AsyncClient, slug: str, progress: Progress) -> list[Json] | None:
    """Return all events; None if a retraction meanwhile makes it necessary to start again."""
    lines: list[Json] = []
    published: set[str] = set()
    cursor, more = "0", True
    path, fresh = f"{coverage_path(slug)}/events", {"Cache-Control": "no-cache"}
    task = progress.add_task(f"Reading {slug}", total=None, events=0)
    while more:
        query = {"after": cursor, "limit": _PAGE}
        page = read_answer(
            await request_with_retries(api, "GET", path, params=query, headers=fresh)
        )
        for event in page["events"]:
            entry = event.get("entry")
            if entry and entry["status"] == "published":
                published.add(entry["id"])
            elif entry and entry["id"] in published:
                progress.remove_task(task)
                return None  # the retracted text has left the journal, and must not stay here
            lines.append(archive_line(event))
        cursor, more = page["cursor"], page["more"]
        progress.update(task, events=len(lines))
    return lines


def _write_file(output: Path, archive: Iterable[bytes]) -> None:
    """Write a temporary file beside the target, and rename it once it is complete."""
    place = output.resolve()
    is_device = place.exists() and not place.is_file()
    part = place if is_device else place.with_name(f"{place.name}.part")
    try:
        try:
            with part.open("wb") as file:
                file.writelines(archive)
                file.flush()
                if not is_device:
                    os.fsync(file.fileno())
                    part.replace(place)
        finally:
            if not is_device:
                part.unlink(missing_ok=True)
    except OSError as error:
        raise Refused(f"cannot write {output}: {error.strerror}") from error
