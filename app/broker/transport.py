"""What a server must offer to carry notifications; each server has its driver in a file."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol


class Link(Protocol):
    """A standing connection. Whatever goes wrong on it is raised, and it is not used again."""

    def receive(self) -> AsyncGenerator[str, None]:
        """Give every payload on the channel, one's own too, for as long as the link stands."""
        ...

    async def send(self, payloads: Sequence[str]) -> None:
        """Put payloads on the channel; returns when the server has taken them."""
        ...


class Transport(Protocol):
    """The way to one server."""

    @property
    def place(self) -> str:
        """The server's kind and address for the operator's log, without any secret."""
        ...

    def link(self) -> AbstractAsyncContextManager[Link]:
        """Connect, or give up within seconds; in the block all of the channel is received."""
        ...
