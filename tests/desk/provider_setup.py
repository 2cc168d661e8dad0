"""A server whose people sign in by an OpenID Connect provider, which the tests run."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx

from app.access.passwords import hash_password
from app.access.people import add_person
from app.access.roles import Role
from app.store.engine import Store
from tests.dateline import DatelineServer, running_server
from tests.provider import CLIENT_ID, CLIENT_SECRET, TestProvider, running_provider
from tests.signed_in import PASSWORD

BEGIN = "/desk/sign-in/provider?next=/desk/coverages/x"


@dataclass
class ProviderSetup:
    """A server and its identity provider."""

    server: DatelineServer
    provider: TestProvider

    def browser(self) -> httpx.Client:
        """Return a new client without cookies."""
        return httpx.Client(base_url=self.server.url, timeout=120)

    def go(self, browser: httpx.Client) -> httpx.Response:
        """Begin a sign-in and authorize it; returns the provider's redirect."""
        redirect = browser.get(BEGIN)
        assert redirect.status_code == 303, redirect.text
        return httpx.get(redirect.headers["location"])

    def sign_in(self, browser: httpx.Client) -> httpx.Response:
        """Sign in by the provider; returns the server's last response."""
        return browser.get(self.go(browser).headers["location"])

    def refused(self, status: int) -> str:
        """Sign in, which must be refused with this status; returns the page."""
        with self.browser() as browser:
            answer = self.sign_in(browser)
            assert answer.status_code == status, answer.text
            assert "dateline_session" not in browser.cookies
            assert browser.get("/desk").status_code == 303
            assert 'role="alert"' in answer.text
            return answer.text

    def take_in(self, email: str, name: str, role: Role, password: str | None = None) -> None:
        """Add a person to the newsroom."""

        async def add(session: Any) -> None:
            digest = await hash_password(password) if password else None
            await add_person(session, email, name, role, datetime.now(UTC), password=digest)

        self.store(add)

    def store(self, change: Any) -> Any:
        """Run a function in a write transaction of the server's database."""

        async def run() -> Any:
            store = Store(self.server.environment["DATELINE_DATABASE_URL"])
            try:
                async with store.writing() as session:
                    return await change(session)
            finally:
                await store.close()

        return asyncio.run(run())


def oidc_settings(issuer: str) -> dict[str, str]:
    """Return the settings of a server with this provider."""
    return {
        "oidc_issuer": issuer,
        "oidc_client_id": CLIENT_ID,
        "oidc_client_secret": CLIENT_SECRET,
    }


@contextmanager
def running_provider_setup(folder: Path) -> Iterator[ProviderSetup]:
    """Run a server with a provider, and Ann, who also has a password."""
    with (
        running_provider() as provider,
        running_server(folder, **oidc_settings(provider.issuer)) as server,
    ):
        sso = ProviderSetup(server, provider)
        sso.take_in("ann@example.org", "Ann", "editor", PASSWORD)
        yield sso
