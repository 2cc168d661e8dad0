"""`dateline tail`: prints a coverage's events as they happen, one line each."""

import asyncio
import sys
import unicodedata
from collections.abc import Callable
from contextlib import aclosing, suppress
from typing import Annotated, Any

import orjson
import typer
from rich.console import Console
from rich.text import Text

from app.cli.api import Key, Slug, Url, remote_client
from app.cli.command import command
from app.cli.follower import Follower
from app.cli.pipe import ignore_broken_pipe
from app.formats.bidi import isolate

Json = dict[str, Any]

_COLOURS = {
    "entry.published": "green",
    "entry.corrected": "yellow",
    "entry.assessed": "yellow",
    "entry.retracted": "red",
    "coverage.opened": "bold blue",
    "coverage.changed": "blue",
    "coverage.closed": "bold blue",
}


@command.command()
def tail(
    slug: Slug,
    *,
    after: Annotated[
        str | None, typer.Option(metavar="CURSOR", help="Start after it; 0 is the beginning.")
    ] = None,
    until_closed: Annotated[
        bool, typer.Option("--until-closed", help="End when the coverage is closed.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="Print each event as JSON.")] = False,
    url: Url = None,
    key: Key = None,
) -> None:
    """Print a coverage's events as they happen, until Ctrl-C."""
    write = _write_json if json else _Lines(highlight=False, soft_wrap=True).write_event
    with suppress(KeyboardInterrupt), ignore_broken_pipe():
        asyncio.run(_follow(slug, after, url, key, write, until_closed=until_closed))


async def _follow(
    slug: str,
    after: str | None,
    url: str | None,
    key: str | None,
    write: Callable[[Json], None],
    *,
    until_closed: bool,
) -> None:
    def report(sentence: str) -> None:
        typer.echo(f"dateline: {sentence}", err=True)

    if url is None:
        from app.settings import read_settings  # noqa: PLC0415  it takes 0.1 s to import

        url = read_settings().base_url
    async with remote_client(url, key) as client:
        follower = Follower(client, slug, after, report, until_closed)
        async with aclosing(follower.events()) as events:
            async for event in events:
                write(event)


def _write_json(event: Json) -> None:
    sys.stdout.buffer.write(orjson.dumps(event, option=orjson.OPT_APPEND_NEWLINE))
    sys.stdout.buffer.flush()


class _Lines(Console):
    def write_event(self, event: Json) -> None:
        self.print(event_line(event))
        self.file.flush()

    def on_broken_pipe(self) -> None:
        raise BrokenPipeError  # rich would exit with a failure status


def event_line(event: Json) -> Text:
    """Format an event in one line: time, type and text.

    An event of an unknown type has the text of the entry or coverage that it changes, if any.
    """
    line = Text()
    line.append(event["at"].replace("T", " ")[:19], "dim")
    line.append(f"  {_printable(event['type']):<16}  ", _COLOURS.get(event["type"], ""))
    line.append(_printable(_text(event)))
    return line


def _text(event: Json) -> str:
    family = event["type"].partition(".")[0]
    if family == "coverage" and (details := event.get("details")):
        return f"{isolate(details['title'])} ({details['status']})"
    entry = (event.get("entry") if family == "entry" else None) or {}
    parts = (entry.get("title"), *_public_notes(event["type"], entry, event["at"]))
    return " - ".join(isolate(part) for part in parts if part)


def _printable(text: str) -> str:
    """Replace terminal control sequences and line ends by spaces."""
    return "".join(" " if unicodedata.category(c) in {"Cc", "Zl", "Zp"} else c for c in text)


def _public_notes(event_type: str, entry: Json, at: str) -> list[str]:
    """Return what readers are told of a correction, a retraction or the assessment of a claim."""
    if event_type == "entry.assessed":
        assessed = (claim for claim in entry.get("claims", ()) if claim["at"] == at)
        return [": ".join(filter(None, (claim["status"], claim["note"]))) for claim in assessed]
    name = {"entry.corrected": "correction", "entry.retracted": "retraction"}.get(event_type)
    change = entry.get(name) if name else None
    return [change["note"]] if change else []
