"""The interface of a server that carries notifications; each kind of server has its module."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol


class Link(Protocol):
    """An open connection. It raises every error, and is not used again after one."""

    def receive(self) -> AsyncGenerator[str, None]:
        """Yield every payload on the channel, this process's own included, while the link is up."""
        ...

    async def send(self, payloads: Sequence[str]) -> None:
        """Publish payloads on the channel; returns when the server has accepted them."""
        ...


class Transport(Protocol):
    """Opens links to one server."""

    @property
    def address(self) -> str:
        """The server's kind and address for the log, without any secret."""
        ...

    def link(self) -> AbstractAsyncContextManager[Link]:
        """Connect, or give up within seconds; the link receives the channel during the block."""
        ...
