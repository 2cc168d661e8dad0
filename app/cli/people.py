"""`dateline person`: people who sign in to the desk, taken in at the database itself."""

import asyncio
import sys
from typing import Annotated

import typer
from sqlalchemy.exc import IntegrityError

from app.access.people import add_person, hash_password
from app.access.roles import Role
from app.cli.command import command
from app.cli.record import open_store
from app.cli.refusal import Refused
from app.main import utc_now
from app.settings import read_settings

people = typer.Typer(help="People who sign in to the desk.", no_args_is_help=True)
command.add_typer(people, name="person")


@people.command()
def add(
    email: Annotated[str, typer.Argument(help="The address that they sign in with.")],
    name: Annotated[str, typer.Option(help="As the newsroom knows them.")],
    role: Annotated[Role, typer.Option(help="How far it goes.")] = "editor",
) -> None:
    """Take somebody in; asks for their password, or reads it from standard input."""
    if sys.stdin.isatty():
        password = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    else:
        password = sys.stdin.readline().rstrip("\r\n")
    asyncio.run(_add(email, name, role, password))
    typer.echo(f"{name} signs in as {email}.")


async def _add(email: str, name: str, role: Role, password: str) -> None:
    digest = await hash_password(password)
    async with open_store(read_settings()) as store:
        try:
            async with store.writing() as session:
                await add_person(session, email, name, role, utc_now(), password=digest)
        except IntegrityError as error:
            raise Refused(f"there is somebody of the address {email} already") from error
