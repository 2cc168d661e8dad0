"""`dateline post`: publishes one entry."""

import asyncio
import secrets
import sys
from typing import Annotated, Any

import orjson
import typer

from app.cli.api import AsJson, Key, Slug, Url, coverage_path, open_api
from app.cli.command import command
from app.cli.refusal import Refused, read_answer
from app.cli.retry import request_with_retries
from app.cli.statements import parse_claim, parse_figure
from app.timeline.entry import EntryKind


@command.command()
def post(
    slug: Slug,
    text: Annotated[
        str | None,
        typer.Argument(help="The body in Markdown; - to read it from stdin. Figures need none."),
    ] = None,
    *,
    headline: Annotated[str | None, typer.Option(help="The headline.")] = None,
    kind: Annotated[
        EntryKind | None, typer.Option(help="The kind of entry; by default an update.")
    ] = None,
    key_event: Annotated[bool, typer.Option("--key-event", help="Mark it as a key event.")] = False,
    tag: Annotated[list[str] | None, typer.Option(help="A tag; may be repeated.")] = None,
    byline: Annotated[list[str] | None, typer.Option(help="A name; may be repeated.")] = None,
    claim: Annotated[
        list[str] | None,
        typer.Option(
            metavar="'SOURCE; TEXT; STATUS; NOTE'",
            help="Who says so; the source alone for the whole entry; may be repeated.",
        ),
    ] = None,
    figure: Annotated[
        list[str] | None,
        typer.Option(
            metavar="'METRIC; GROUP; VALUE; SOURCE; AS-OF'",
            help="A number with its source; the group may be empty, the date or time left out;"
            " may be repeated.",
        ),
    ] = None,
    draft: Annotated[bool, typer.Option("--draft", help="Save it as a draft.")] = False,
    embargo_until: Annotated[
        str | None, typer.Option(metavar="TIME", help="Publish it at 2026-07-20T20:17:40Z, say.")
    ] = None,
    pin: Annotated[bool, typer.Option("--pin", help="Pin it to the top of the page.")] = False,
    idempotency_key: Annotated[
        str | None, typer.Option(help="A post with this key is published once in 24 hours.")
    ] = None,
    json: AsJson = False,
    url: Url = None,
    key: Key = None,
) -> None:
    """Publish an entry, and print its address and the cursor of its event."""
    if pin and (draft or embargo_until):
        raise typer.BadParameter("only entries published now can be pinned", param_hint="--pin")
    if text == "-":
        try:
            # Without the byte order mark that some editors write.
            text = sys.stdin.buffer.read().decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise Refused(f"what stdin gives is no UTF-8: {error}") from error
    members: dict[str, Any] = {
        "headline": headline,
        "body": text,
        "kind": kind,
        "key_event": key_event or None,
        "tags": tag,
        "bylines": byline,
        "claims": claim and list(map(parse_claim, claim)),
        "figures": figure and list(map(parse_figure, figure)),
        "draft": draft or None,
        "embargo_until": embargo_until,
    }
    payload = {name: value for name, value in members.items() if value is not None}
    name = idempotency_key or secrets.token_hex(16)
    entry = asyncio.run(_post(slug, payload, name, url, key, pin=pin))
    typer.echo(orjson.dumps(entry) if json else _summary(entry))


async def _post(
    slug: str, payload: dict[str, Any], name: str, url: str | None, key: str | None, *, pin: bool
) -> dict[str, Any]:
    entries = f"{coverage_path(slug)}/entries"
    async with open_api(url, key) as api:
        answer = await request_with_retries(api, "POST", entries, name, json=payload)
        entry: dict[str, Any] = read_answer(answer)
        if pin:
            entry = read_answer(
                await request_with_retries(api, "PUT", f"{entries}/{entry['id']}/pin")
            )
    return entry


def _summary(entry: dict[str, Any]) -> str:
    if entry["status"] == "published":
        return f"{entry['url']}\n{entry['cursor']}"
    until = f" until {entry['embargo_until']}" if entry["status"] == "scheduled" else ""
    return f"{entry['status']} {entry['id']}{until}"
