"""`dateline person`: manages the people who sign in to the desk, in the database."""

import asyncio
import sys
from dataclasses import asdict, replace
from typing import Annotated

import orjson
import typer
from pydantic import ValidationError
from rich.console import Console
from rich.table import Table
from sqlmodel.ext.asyncio.session import AsyncSession

from app.access.audit import record_audit
from app.access.directory import change_person, list_people
from app.access.invitations import invite, invite_back, link_of
from app.access.makers import OPERATOR
from app.access.passwords import WeakPassword, check_new_password, hash_password
from app.access.people import (
    EmailTaken,
    LastChief,
    Person,
    UnknownPerson,
    add_person,
    encode_person,
    find_by_email,
)
from app.access.revocation import Ended, reset_factor, revoke_made
from app.access.roles import Role
from app.cli.api import AsJson
from app.cli.command import command
from app.cli.database import in_transaction
from app.cli.keys import Made, sentence
from app.cli.refusal import Refused
from app.clock import utc_now
from app.intake.text_types import validation_message
from app.newsroom.people_forms import InvitationForm, PersonForm
from app.settings import read_settings
from app.store.coverages import find_coverage
from app.timeline.errors import UnknownCoverage

person_commands = typer.Typer(help="People who sign in to the desk.", no_args_is_help=True)
command.add_typer(person_commands, name="person")

Email = Annotated[str, typer.Argument(help="The address with which they sign in.")]


@person_commands.command()
def add(
    email: Email,
    name: Annotated[str, typer.Option(help="The name shown in the newsroom.")],
    role: Annotated[Role, typer.Option(help="Their role.")] = "editor",
) -> None:
    """Add a person; asks for their password, or reads it from standard input."""
    try:
        form = PersonForm(email=email, name=name, role=role)
    except ValidationError as error:
        raise _misshapen(error) from error
    if sys.stdin.isatty():
        password = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    else:
        password = sys.stdin.readline().rstrip("\r\n")

    async def act(session: AsyncSession) -> None:
        now, by = utc_now(), OPERATOR.id
        person = await add_person(
            session, form.email, form.name, form.role, now, password=digest, invited_by=by
        )
        detail = {"role": form.role}
        await record_audit(session, OPERATOR, "addPerson", now, thing=person.id, detail=detail)

    try:
        check_new_password(password, form.name, form.email, read_settings().name)
        digest = asyncio.run(hash_password(password))
        in_transaction(act)
    except (WeakPassword, EmailTaken) as error:
        raise Refused(str(error)) from error
    typer.echo(f"{form.name} signs in as {form.email}.")


@person_commands.command("list")
def list_all(*, json: AsJson = False) -> None:
    """List everybody, including people without access."""
    people = in_transaction(list_people)
    if json:
        typer.echo(orjson.dumps({"people": [encode_person(person) for person in people]}))
        return
    table = Table("e-mail", "name", "role", "coverages", "access")
    for person in people:
        coverages = ", ".join(f"{slug}: {role}" for slug, role in person.coverages.items())
        access = "no" if person.disabled_at else "yes"
        table.add_row(person.email, person.name, person.role or "", coverages, access)
    Console().print(table)


@person_commands.command()
def disable(email: Email, *, made: Made = False, json: AsJson = False) -> None:
    """Disable a person, revoke the links that they created, and sign them out everywhere."""

    async def act(session: AsyncSession) -> tuple[Person, Ended]:
        now, person = utc_now(), await _find(session, email)
        person = await change_person(session, person.id, {"disabled": True}, now)
        await record_audit(session, OPERATOR, "changePerson", now, thing=person.id)
        if not made:
            return person, Ended()
        return person, await revoke_made(session, person.caller.id, OPERATOR, now)

    try:
        person, ended = in_transaction(act)
    except (UnknownPerson, LastChief) as error:
        raise Refused(str(error)) from error
    if json:
        typer.echo(orjson.dumps(encode_person(person) | {"ended": asdict(ended)}))
        return
    typer.echo(f"{person.name} has no access.")
    if made:
        typer.echo(sentence(ended))


@person_commands.command("reset-second-factor")
def reset(email: Email, *, json: AsJson = False) -> None:
    """Remove a person's second factor if they have lost it, and sign them out everywhere."""

    async def act(session: AsyncSession) -> Person:
        person = await _find(session, email)
        await reset_factor(session, person.id)
        now, action = utc_now(), "resetSecondFactor"
        await record_audit(session, OPERATOR, action, now, thing=person.id)
        return replace(person, totp=False, passkeys=0)

    try:
        person = in_transaction(act)
    except UnknownPerson as error:
        raise Refused(str(error)) from error
    message = f"{person.name} signs in by the password alone."
    typer.echo(orjson.dumps(encode_person(person)) if json else message)


@person_commands.command("invite")
def make_link(
    email: Annotated[
        str | None, typer.Argument(help="Their address; for an existing person: a new password.")
    ] = None,
    role: Annotated[Role, typer.Option(help="The role that the link grants.")] = "editor",
    coverage: Annotated[
        str | None, typer.Option(help="Restrict the role to this coverage, by slug.")
    ] = None,
) -> None:
    """Print a link that can be used once, within seven days."""
    try:
        form = InvitationForm(email=email, role=role, coverage=coverage)
    except ValidationError as error:
        raise _misshapen(error) from error

    async def act(session: AsyncSession) -> str:
        now, person = utc_now(), await find_by_email(session, form.email) if form.email else None
        if person is not None:
            invitation, secret = await invite_back(session, person, OPERATOR.id, now)
        else:
            if coverage is not None:
                await find_coverage(session, coverage)
            invitation, secret = await invite(
                session, role, OPERATOR.id, now, coverage=coverage, email=form.email
            )
        detail = {name: getattr(invitation, name) for name in ("role", "coverage", "person")}
        await record_audit(
            session, OPERATOR, "createInvitation", now, thing=invitation.id, detail=detail
        )
        return secret

    try:
        secret = in_transaction(act)
    except (UnknownCoverage, UnknownPerson) as error:
        raise Refused(str(error)) from error
    typer.echo(link_of(read_settings().base_url, secret))


async def _find(session: AsyncSession, email: str) -> Person:
    if (person := await find_by_email(session, email)) is None:
        raise UnknownPerson(f"no person has the address {email}")
    return person


def _misshapen(error: ValidationError) -> Refused:
    first = error.errors()[0]
    return Refused(f"the {first['loc'][0]} {validation_message(first['msg'])}")
