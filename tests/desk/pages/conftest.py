"""Fixtures of the pages for signing in: servers with passkeys and with an identity provider."""

from collections.abc import Iterator
from importlib.util import find_spec
from typing import TYPE_CHECKING

import httpx
import pytest

from tests.dateline import running_server
from tests.desk.passkey_pages import Desk
from tests.servers import require

if TYPE_CHECKING:
    from tests.desk.provider_setup import ProviderSetup


@pytest.fixture(scope="session")
def passkey_desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A server where chiefs need a second factor, and a client with a chief's key."""
    with running_server(tmp_path_factory.mktemp("passkeys"), second_factor="chief") as server:
        bearer = {"Authorization": f"Bearer {server.key('chief')}"}
        with httpx.Client(base_url=server.url, headers=bearer, timeout=120) as chief:
            yield server, chief


@pytest.fixture(scope="session")
def provider_setup(tmp_path_factory: pytest.TempPathFactory) -> Iterator["ProviderSetup"]:
    """A server with a provider, and Ann, who also has a password."""
    require("authlib", find_spec("authlib"))
    from tests.desk.provider_setup import running_provider_setup

    with running_provider_setup(tmp_path_factory.mktemp("provider")) as setup:
        yield setup


@pytest.fixture
def sso(provider_setup: "ProviderSetup") -> "ProviderSetup":
    """The same server, with the provider reset to correct behaviour."""
    provider_setup.provider.reset()
    return provider_setup
