"""Everybody who may ask a running newsroom for something: keys and sessions of every scope."""

import asyncio
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime

import httpx

from app.access.keys import create_key
from app.access.people import add_person
from app.access.roles import ROLES, Role
from app.access.sessions import begin_session, form_token
from app.store.engine import Store
from app.store.tables import CoverageRoleRow
from tests.dateline import DatelineServer


@dataclass(frozen=True)
class Asker:
    """Somebody, by what a request of theirs carries.

    `coverage` is the only one in which they have their role; None for the whole newsroom. `token`
    is that of their session's forms.
    """

    headers: dict[str, str]
    id: str | None = None
    role: Role | None = None
    coverage: str | None = None
    door: str = "none"
    token: str = ""

    @property
    def name(self) -> str:
        """What a test calls them."""
        return f"{self.door} {self.role} of {self.coverage or 'all'}" if self.role else "nobody"

    def role_in(self, coverage: str | None) -> Role | None:
        """Their role in a coverage; of None, that in the newsroom."""
        return self.role if self.coverage in {None, coverage} else None

    def client(self, server: DatelineServer) -> httpx.Client:
        """A client that asks as they do."""
        return httpx.Client(base_url=server.url, headers=self.headers, timeout=120)


NOBODY = Asker({})


async def _make(
    server: DatelineServer, coverages: Collection[str | None], roles: Collection[Role]
) -> list[Asker]:
    askers = []
    store = Store(server.environment["DATELINE_DATABASE_URL"])
    now = datetime.now(UTC)
    try:
        async with store.writing() as session:
            for coverage in coverages:
                for role in roles:
                    key, secret = await create_key(
                        session, "a key", role, now, coverage, made_by="operator"
                    )
                    bearer = {"Authorization": f"Bearer {secret}"}
                    askers.append(Asker(bearer, f"key:{key.id}", role, coverage, "key"))
                    name = f"{role}.{key.id}"
                    everywhere = None if coverage else role
                    person = await add_person(session, f"{name}@example.org", name, everywhere, now)
                    if coverage:
                        grant = CoverageRoleRow(person=person.id, coverage=coverage, role=role)
                        session.add(grant)
                    await session.flush()
                    secret = await begin_session(session, person, "", now)
                    cookie = {"Cookie": f"dateline_session={secret}", "Origin": server.url}
                    who = (f"person:{person.id}", role, coverage, "session")
                    askers.append(Asker(cookie, *who, form_token(secret)))
    finally:
        await store.close()
    return askers


def make_askers(
    server: DatelineServer, *coverages: str | None, roles: Collection[Role] = ROLES
) -> list[Asker]:
    """A key and a signed-in person of each role in each of these coverages; None is everywhere."""
    return asyncio.run(_make(server, coverages, roles))
