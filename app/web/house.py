"""What both doors are given: the rooms behind them, built once by `main`."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated

from fastapi import Depends
from starlette.requests import HTTPConnection

from app.broker.broker import Broker
from app.framing.history import PublicForm
from app.framing.look import Look
from app.hub.hub import Hub
from app.hub.terms import Terms
from app.media.studio import Studio
from app.store.engine import Store
from app.web.crowd import Crowd
from app.web.pace import Pace


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much is too much: characters, bytes and counts."""

    headline: int = 300
    body: int = 64 * 1024
    request: int = 1024 * 1024
    journal: int = 128 * 1024 * 1024
    tags: int = 20


@dataclass(frozen=True, slots=True)
class House:
    """The rooms behind the doors.

    `running` holds the idempotent requests under way: caller, path and key.
    """

    store: Store
    broker: Broker
    hub: Hub
    form: PublicForm
    look: Look
    now: Callable[[], datetime]
    bounds: Bounds
    terms: Terms
    pace: Pace
    crowd: Crowd
    media: Studio
    running: set[tuple[str, str, str]] = field(default_factory=set)

    async def announce(self, slug: str, seq: int) -> None:
        """Say that a journal has reached a seq, after the commit and before the writer is answered.

        In this process nothing older is read from now on; the others hear of it soon.
        """
        self.hub.ring(slug, seq)
        await self.broker.announce(slug, seq)


def house_of(connection: HTTPConnection) -> House:
    """The house of the application that serves this connection."""
    house: House = connection.app.state.house
    return house


async def _the_house(connection: HTTPConnection) -> House:
    return house_of(connection)


# Asynchronous, though it waits for nothing: FastAPI runs the others in a thread, for 300 µs.
TheHouse = Annotated[House, Depends(_the_house)]
