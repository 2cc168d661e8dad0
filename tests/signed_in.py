"""People of a running newsroom, with the session of a browser."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any

import httpx
from sqlmodel.ext.asyncio.session import AsyncSession

from app.access.passwords import hash_password
from app.access.people import add_person
from app.access.roles import Role
from app.wiring import utc_now
from tests.dateline import DatelineServer

PASSWORD = "a long walk to the harbour"


def take_in(server: DatelineServer, email: str, name: str, role: Role) -> str:
    """Make somebody one of the newsroom; gives their id."""

    async def act(session: AsyncSession) -> str:
        digest = _digest()
        return (await add_person(session, email, name, role, utc_now(), password=digest)).id

    return server.write(act)


@cache
def _digest() -> str:
    """The password's hash, which takes longer than all else that makes somebody."""
    with ThreadPoolExecutor(1) as beside:  # beside a loop that may be running here
        return beside.submit(asyncio.run, hash_password(PASSWORD)).result()


def sign_in(server: DatelineServer, email: str, **options: Any) -> httpx.Client:
    """A client with somebody's session, whose requests say where they come from."""
    options |= {"headers": {"Origin": server.url}, "timeout": 30}
    with httpx.Client(base_url=server.url, **options) as door:
        answer = door.post("/desk/sign-in", data={"email": email, "password": PASSWORD})
        assert answer.status_code == 303, answer.text
        return httpx.Client(base_url=server.url, cookies=door.cookies, **options)


def try_sign_in(
    server: DatelineServer, email: str, password: str = PASSWORD, **headers: str
) -> httpx.Response:
    """What the door answers to a browser that has been nowhere yet."""
    typed = {"email": email, "password": password}
    origin = {"Origin": server.url}
    return httpx.post(
        f"{server.url}/desk/sign-in", data=typed, headers=origin | headers, timeout=120
    )


def join(server: DatelineServer, chief: httpx.Client, email: str, **invitation: Any) -> str:
    """Make somebody one of the newsroom by a link, which is quicker; gives their id."""
    sent = {"email": email, **invitation}
    link = chief.post("/v1/invitations", json=sent).raise_for_status().json()["link"]
    typed = {"name": email.partition("@")[0].title(), "password": PASSWORD}
    answer = httpx.post(link, data=typed, headers={"Origin": server.url}, timeout=120)
    assert answer.status_code == 303, answer.text
    people = chief.get("/v1/people").raise_for_status().json()["people"]
    (person_id,) = [person["id"] for person in people if person["email"] == email.lower()]
    return str(person_id)
