"""Fixtures of the desk: a signed-in chief, and a new editor."""

import uuid
from collections.abc import Iterator

import httpx
import pytest

from tests.conftest import Newsroom
from tests.signed_in import join, sign_in, take_in


@pytest.fixture(scope="session")
def desk_chief(newsroom: Newsroom) -> Iterator[httpx.Client]:
    """A browser client with the session of a chief."""
    join(newsroom.server, newsroom.chief, "desk-chief@example.org", role="chief")
    with sign_in(newsroom.server, "desk-chief@example.org") as client:
        yield client


@pytest.fixture
def newcomer(newsroom: Newsroom) -> tuple[str, str]:
    """A new editor, as (e-mail address, person id)."""
    email = f"{uuid.uuid4().hex[:8]}@example.org"
    return email, take_in(newsroom.server, email, email.partition("@")[0].title(), "editor")
