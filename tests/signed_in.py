"""People of a running newsroom, with passwords and browser sessions."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any

import httpx
from sqlmodel.ext.asyncio.session import AsyncSession

from app.access.passwords import hash_password
from app.access.people import add_person
from app.access.roles import Role
from app.clock import utc_now
from tests.dateline import DatelineServer

PASSWORD = "a long walk to the harbour"


def take_in(server: DatelineServer, email: str, name: str, role: Role) -> str:
    """Add a person with a password; returns their id."""

    async def act(session: AsyncSession) -> str:
        digest = _digest()
        return (await add_person(session, email, name, role, utc_now(), password=digest)).id

    return server.write(act)


@cache
def _digest() -> str:
    """Return the password's hash, the slowest part of adding a person; computed once."""
    with ThreadPoolExecutor(1) as pool:  # a running loop may exist in this thread
        return pool.submit(asyncio.run, hash_password(PASSWORD)).result()


def sign_in(server: DatelineServer, email: str, **options: Any) -> httpx.Client:
    """Sign a person in; returns a client with the session, which sends its `Origin`."""
    options |= {"headers": {"Origin": server.url}, "timeout": 30}
    with httpx.Client(base_url=server.url, **options) as client:
        answer = client.post("/desk/sign-in", data={"email": email, "password": PASSWORD})
        assert answer.status_code == 303, answer.text
        return httpx.Client(base_url=server.url, cookies=client.cookies, **options)


def try_sign_in(
    server: DatelineServer, email: str, password: str = PASSWORD, **headers: str
) -> httpx.Response:
    """Try to sign in from a new browser; returns the response."""
    form = {"email": email, "password": password}
    origin = {"Origin": server.url}
    return httpx.post(
        f"{server.url}/desk/sign-in", data=form, headers=origin | headers, timeout=120
    )


def join(server: DatelineServer, chief: httpx.Client, email: str, **invitation: Any) -> str:
    """Add a person by an invitation link, which is faster than a hash; returns their id."""
    invitation_form = {"email": email, **invitation}
    link = chief.post("/v1/invitations", json=invitation_form).raise_for_status().json()["link"]
    form = {"name": email.partition("@")[0].title(), "password": PASSWORD}
    answer = httpx.post(link, data=form, headers={"Origin": server.url}, timeout=120)
    assert answer.status_code == 303, answer.text
    people = chief.get("/v1/people").raise_for_status().json()["people"]
    (person_id,) = [person["id"] for person in people if person["email"] == email.lower()]
    return str(person_id)
