"""A chief who is signed in, and somebody to be changed."""

import uuid
from collections.abc import Iterator

import httpx
import pytest

from tests.conftest import Newsroom
from tests.signed_in import join, sign_in, take_in


@pytest.fixture(scope="session")
def desk_chief(newsroom: Newsroom) -> Iterator[httpx.Client]:
    """A chief's browser."""
    join(newsroom.server, newsroom.chief, "desk-chief@example.org", role="chief")
    with sign_in(newsroom.server, "desk-chief@example.org") as client:
        yield client


@pytest.fixture
def newcomer(newsroom: Newsroom) -> tuple[str, str]:
    """Somebody new, an editor: their address and their id."""
    email = f"{uuid.uuid4().hex[:8]}@example.org"
    return email, take_in(newsroom.server, email, email.partition("@")[0].title(), "editor")
