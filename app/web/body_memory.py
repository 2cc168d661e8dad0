"""Body memory: bounds the bytes of request bodies that a process holds at a time.

Bodies are read completely, so that no transaction waits for a client, and are held until their
requests are answered. Each piece is admitted before it is stored: within the limit of all bodies,
and within half of that for one address. Beyond a limit the request is refused, and may be retried.

Bodies that may be longer than that half, which are imports, have a limit of their own.
"""

from collections.abc import Callable

from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send

from app.web.rate_limits.streams import TooManyClients, client_key_by

_RESERVATION = "dateline.body-memory"
_WITH_BODIES = frozenset({"POST", "PUT", "PATCH", "DELETE"})


class BodiesTooMany(TooManyClients):
    """Too many bytes of request bodies are in transfer, from this address or in all: try again."""


class MemoryMeter:
    """Counts the bytes that are held, in total and by address.

    Args:
        most: the most bytes in total.
        per_address: the most bytes of one address.
    """

    def __init__(self, most: int, per_address: int) -> None:
        self.per_address = per_address
        self._most = most
        self._used = 0
        self._used_by: dict[str, int] = {}

    def __len__(self) -> int:
        return self._used

    def take(self, key: str | None, size: int) -> None:
        """Count more bytes as held.

        Args:
            key: the key that an address is counted under; None counts in the total only.
            size: bytes.

        Raises:
            BodiesTooMany: a limit would be exceeded; nothing was counted.
        """
        self.check(key, size)
        self._used += size
        if key is not None and size:
            self._used_by[key] = self._used_by.get(key, 0) + size

    def check(self, key: str | None, size: int) -> None:
        """Check that there is room for so many bytes.

        Raises:
            BodiesTooMany: a limit would be exceeded.
        """
        if key is not None and self._used_by.get(key, 0) + size > self.per_address:
            raise BodiesTooMany("Your address is sending too many bytes at a time.")
        if self._used + size > self._most:
            raise BodiesTooMany("Clients are sending too many bytes at a time.")

    def release(self, key: str | None, size: int) -> None:
        """Count bytes as released."""
        self._used -= size
        if key is not None and size:
            self._used_by[key] -= size
            if not self._used_by[key]:
                del self._used_by[key]


class Reservation:
    """The body memory that one request holds.

    Args:
        bodies: the meter for most requests.
        imports: the meter for bodies that may be longer than one address's share of `bodies`.
        key: the key that the request's address is counted under; None without a limit by address.
    """

    __slots__ = ("_bodies", "_imports", "_key", "_taken")

    def __init__(self, bodies: MemoryMeter, imports: MemoryMeter, key: str | None) -> None:
        self._bodies = bodies
        self._imports = imports
        self._key = key
        self._taken: list[tuple[MemoryMeter, int]] = []

    def check(self, limit: int, size: int) -> None:
        """Check that there is room for a body, before it is read.

        Args:
            limit: bytes that the body may have at most.
            size: its Content-Length in bytes; 0 if it has none.

        Raises:
            BodiesTooMany: there is no room.
        """
        self._meter(limit).check(self._key, size)

    def take(self, limit: int, size: int) -> None:
        """Reserve memory for a piece of a body, until the request is answered.

        Args:
            limit: bytes that the body may have at most.
            size: bytes of the piece.

        Raises:
            BodiesTooMany: there is no room.
        """
        meter = self._meter(limit)
        meter.take(self._key, size)
        self._taken.append((meter, size))

    def release(self) -> None:
        """Release the request's whole memory."""
        for meter, size in self._taken:
            meter.release(self._key, size)
        self._taken.clear()

    def _meter(self, limit: int) -> MemoryMeter:
        return self._bodies if limit <= self._bodies.per_address else self._imports


class BodyMemory:
    """A middleware that gives each request with a body its reservation, and releases it.

    Args:
        app: the next application.
        most: the most bytes of bodies that are held at a time.
        imports: the most bytes of imports that are held at a time.
        trusted: the proxies whose own address is not limited, in `StreamLimiter`'s format.
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
    """Return the reservation of a request; an unlimited one if the middleware is absent."""
    reservation = connection.scope.get(_RESERVATION)
    if isinstance(reservation, Reservation):
        return reservation
    unlimited = MemoryMeter(2**63, 2**63)
    return Reservation(unlimited, unlimited, None)
