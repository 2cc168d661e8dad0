"""`dateline key`: creates, lists and revokes API keys in the database."""

from dataclasses import asdict
from typing import Annotated

import orjson
import typer
from pydantic import ValidationError
from rich.console import Console
from rich.table import Table
from sqlmodel.ext.asyncio.session import AsyncSession

from app.access.audit import record_audit
from app.access.keys import Key, UnknownKey, create_key, encode_key, list_keys
from app.access.makers import OPERATOR
from app.access.people import LastChief
from app.access.revocation import Ended, revoke_key, revoke_made
from app.access.roles import Role
from app.cli.api import AsJson
from app.cli.command import command
from app.cli.database import in_transaction
from app.cli.refusal import Refused
from app.clock import utc_now
from app.formats.rfc3339 import format_time
from app.intake.text_types import validation_message
from app.newsroom.people_forms import KeyForm
from app.store.coverages import find_coverage
from app.timeline.errors import UnknownCoverage

key_commands = typer.Typer(help="API keys for newsroom tools.", no_args_is_help=True)
command.add_typer(key_commands, name="key")

Made = Annotated[
    bool, typer.Option("--made", help="Revoke what they created too: keys, links and people.")
]


@key_commands.command()
def create(
    name: Annotated[str, typer.Argument(help="A name for the list, such as the key's owner.")],
    role: Annotated[Role, typer.Option(help="The role of the key.")] = "editor",
    coverage: Annotated[
        str | None, typer.Option(help="Restrict the key to this coverage, by slug.")
    ] = None,
    *,
    json: AsJson = False,
) -> None:
    """Create a key and print it on a line of its own; it is never shown again."""
    try:
        form = KeyForm(name=name, role=role)
    except ValidationError as error:
        raise Refused(f"the key's name {validation_message(error.errors()[0]['msg'])}") from error

    async def act(session: AsyncSession) -> tuple[Key, str]:
        if coverage is not None:
            await find_coverage(session, coverage)
        now = utc_now()
        key, secret = await create_key(
            session, form.name, form.role, now, coverage, made_by=OPERATOR.id
        )
        detail = {"name": name, "role": role, "coverage": coverage}
        await record_audit(session, OPERATOR, "createKey", now, thing=key.id, detail=detail)
        return key, secret

    try:
        key, secret = in_transaction(act)
    except UnknownCoverage as error:
        raise Refused(f"there is no coverage {coverage}") from error
    if json:
        typer.echo(orjson.dumps(encode_key(key) | {"key": secret}))
    else:
        typer.echo(secret)


@key_commands.command("list")
def list_all(*, json: AsJson = False) -> None:
    """List all keys, including revoked ones."""
    keys = in_transaction(list_keys)
    if json:
        typer.echo(orjson.dumps({"keys": [encode_key(key) for key in keys]}))
        return
    table = Table("id", "name", "role", "coverage", "made", "by", "revoked")
    for key in keys:
        revoked = format_time(key.revoked_at) if key.revoked_at else ""
        created = format_time(key.created_at)
        table.add_row(
            key.id, key.name, key.role, key.coverage or "", created, key.made_by or "", revoked
        )
    Console().print(table)


@key_commands.command()
def revoke(
    key_id: Annotated[str, typer.Argument(help="The key's id, as listed.")],
    *,
    made: Made = False,
    json: AsJson = False,
) -> None:
    """Revoke a key at once, and the open links that it created."""

    async def act(session: AsyncSession) -> tuple[Key, Ended]:
        now = utc_now()
        key = await revoke_key(session, key_id, now)
        await record_audit(session, OPERATOR, "revokeKey", now, thing=key.id)
        if not made:
            return key, Ended()
        return key, await revoke_made(session, key.caller.id, OPERATOR, now)

    try:
        key, ended = in_transaction(act)
    except (UnknownKey, LastChief) as error:
        raise Refused(str(error)) from error
    if json:
        typer.echo(orjson.dumps(encode_key(key) | {"ended": asdict(ended)}))
        return
    typer.echo(f"{key.name} ({key.id}) is revoked.")
    if made:
        typer.echo(sentence(ended))


def sentence(ended: Ended) -> str:
    """Return a sentence on what was revoked together with a key or a person."""
    counts = (
        f"{len(ended.keys)} keys",
        f"{len(ended.invitations)} open links",
        f"the access of {len(ended.people)} people",
    )
    more = (
        f"{len(ended.signed_out)} people were signed out",
        f"{len(ended.unscheduled)} scheduled entries are drafts again",
    )
    return f"Ended too: {', '.join(counts)}; {', '.join(more)}."
