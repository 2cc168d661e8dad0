"""Body memory: how many bytes of request bodies a process holds at a time.

Bodies are read whole, so that nothing waits for a client in a transaction, and are held until their
requests are answered. Each piece is admitted before it is kept: within what all may have, and half
of that for one address. Beyond it the request is refused, and may be sent again.

Bodies that may be longer than that half, imports, have a measure of their own.
"""

from collections.abc import Callable

from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send

from app.web.rate_limits.streams import TooManyClients, client_key_by

_RESERVATION = "dateline.body-memory"
_WITH_BODIES = frozenset({"POST", "PUT", "PATCH", "DELETE"})


class BodiesTooMany(TooManyClients):
    """There are too many request bodies under way, from this address or in all: try again."""


class MemoryMeter:
    """Bytes that are held, in all and by address.

    Args:
        most: in all.
        per_address: of one address at most.
    """

    def __init__(self, most: int, per_address: int) -> None:
        self.per_address = per_address
        self._most = most
        self._held = 0
        self._held_by: dict[str, int] = {}

    def __len__(self) -> int:
        return self._held

    def take(self, key: str | None, size: int) -> None:
        """Hold more.

        Args:
            key: what an address is counted as; None is counted in all alone.
            size: bytes.

        Raises:
            BodiesTooMany: that would be too much; nothing was taken.
        """
        self.check(key, size)
        self._held += size
        if key is not None and size:
            self._held_by[key] = self._held_by.get(key, 0) + size

    def check(self, key: str | None, size: int) -> None:
        """Ask whether there is room for so many bytes.

        Raises:
            BodiesTooMany: there is none.
        """
        if key is not None and self._held_by.get(key, 0) + size > self.per_address:
            raise BodiesTooMany("Your address is sending too much at a time.")
        if self._held + size > self._most:
            raise BodiesTooMany("Too much is being sent at a time.")

    def give_back(self, key: str | None, size: int) -> None:
        """Hold less."""
        self._held -= size
        if key is not None and size:
            self._held_by[key] -= size
            if not self._held_by[key]:
                del self._held_by[key]


class Reservation:
    """What one request holds.

    Args:
        bodies: the measure for most requests.
        imports: the measure for bodies that may be longer than one address's part of it.
        key: what the request's address is counted as.
    """

    __slots__ = ("_bodies", "_imports", "_key", "_taken")

    def __init__(self, bodies: MemoryMeter, imports: MemoryMeter, key: str | None) -> None:
        self._bodies = bodies
        self._imports = imports
        self._key = key
        self._taken: list[tuple[MemoryMeter, int]] = []

    def check(self, limit: int, size: int) -> None:
        """Ask before a body is read whether there is room for it.

        Args:
            limit: bytes that it may have at most.
            size: bytes that it says to have; 0 if it does not say.

        Raises:
            BodiesTooMany: there is none.
        """
        self._meter(limit).check(self._key, size)

    def take(self, limit: int, size: int) -> None:
        """Hold more of a body until the request is answered.

        Args:
            limit: bytes that the body may have at most.
            size: bytes that have come of it now.

        Raises:
            BodiesTooMany: there is no room.
        """
        meter = self._meter(limit)
        meter.take(self._key, size)
        self._taken.append((meter, size))

    def release(self) -> None:
        """Give everything back."""
        for meter, size in self._taken:
            meter.give_back(self._key, size)
        self._taken.clear()

    def _meter(self, limit: int) -> MemoryMeter:
        return self._bodies if limit <= self._bodies.per_address else self._imports


class BodyMemory:
    """A middleware that gives each request with a body its reservation, and ends it.

    Args:
        app: what answers.
        most: bytes of all bodies that are held at a time.
        imports: bytes of all imports that are held at a time.
        trusted: the proxies whose own address is not limited, as `StreamLimiter` takes them.
    """

    def __init__(self, app: ASGIApp, *, most: int, imports: int, trusted: str) -> None:
        self._app = app
        self._bodies = MemoryMeter(most, most // 2)
        self._imports = MemoryMeter(imports, imports)
        self._client_key: Callable[[str | None], str | None] = client_key_by(trusted)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http" or scope["method"] not in _WITH_BODIES:
            await self._app(scope, receive, send)
            return
        client = scope.get("client")
        key = self._client_key(client[0] if client else None)
        reservation = Reservation(self._bodies, self._imports, key)
        try:
            await self._app({**scope, _RESERVATION: reservation}, receive, send)
        finally:
            reservation.release()


def reservation_of(connection: HTTPConnection) -> Reservation:
    """The reservation of a request with a body; without the middleware one without a limit."""
    found = connection.scope.get(_RESERVATION)
    if isinstance(found, Reservation):
        return found
    unlimited = MemoryMeter(2**63, 2**63)
    return Reservation(unlimited, unlimited, None)
