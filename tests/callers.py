"""Callers of a running newsroom: API keys and sessions of every role and scope."""

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
class ApiCaller:
    """A caller, as the headers of its requests.

    `door` is its credential: `key`, `session` or `none`. `coverage` is the only one in which it has
    its role; None for the whole newsroom. `token` is that of the session's forms.
    """

    headers: dict[str, str]
    id: str | None = None
    role: Role | None = None
    coverage: str | None = None
    door: str = "none"
    token: str = ""

    @property
    def name(self) -> str:
        """The caller's description in a test's output."""
        return f"{self.door} {self.role} of {self.coverage or 'all'}" if self.role else "nobody"

    def role_in(self, coverage: str | None) -> Role | None:
        """Return the role in a coverage, or in the newsroom for None."""
        return self.role if self.coverage in {None, coverage} else None

    def client(self, server: DatelineServer) -> httpx.Client:
        """Return a client with the caller's credential."""
        return httpx.Client(base_url=server.url, headers=self.headers, timeout=120)


NOBODY = ApiCaller({})


async def _create_askers(
    server: DatelineServer, coverages: Collection[str | None], roles: Collection[Role]
) -> list[ApiCaller]:
    callers = []
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
                    callers.append(ApiCaller(bearer, f"key:{key.id}", role, coverage, "key"))
                    name = f"{role}.{key.id}"
                    newsroom_role = None if coverage else role
                    person = await add_person(
                        session, f"{name}@example.org", name, newsroom_role, now
                    )
                    if coverage:
                        grant = CoverageRoleRow(person=person.id, coverage=coverage, role=role)
                        session.add(grant)
                    await session.flush()
                    secret = await begin_session(session, person, "", now)
                    cookie = {"Cookie": f"dateline_session={secret}", "Origin": server.url}
                    identity = (f"person:{person.id}", role, coverage, "session")
                    callers.append(ApiCaller(cookie, *identity, form_token(secret)))
    finally:
        await store.close()
    return callers


def make_callers(
    server: DatelineServer, *coverages: str | None, roles: Collection[Role] = ROLES
) -> list[ApiCaller]:
    """Create a key and a signed-in person of each role in each coverage; None is the newsroom."""
    return asyncio.run(_create_askers(server, coverages, roles))
