"""Request bodies, read completely within a limit; a longer one is refused with 413.

A body is read before any transaction is opened: a client may send it as slowly as it likes, and a
transaction must not wait for that.
"""

import asyncio
import hashlib

from fastapi import Request

from app.web.body_memory import reservation_of
from app.web.problems import PayloadTooLarge, WrongMediaType

_DIGESTED_IN_LINE = 1024 * 1024  # bytes whose SHA-256 takes a millisecond; more go to a thread


async def read_body(request: Request, limit: int, media_types: tuple[str, ...]) -> bytes:
    """Read a request's whole body.

    Args:
        request: the request.
        limit: the most bytes.
        media_types: the accepted media types.

    Raises:
        WrongMediaType: the body is of another type.
        PayloadTooLarge: the body is longer.
        BodiesTooMany: the process holds too many bytes of bodies.
    """
    media_type = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if media_type not in media_types:
        raise WrongMediaType(f"Content-Type must be {' or '.join(media_types)}.")
    return await _read_whole(request, limit)


async def payload_digest(request: Request, limit: int) -> bytes:
    """Return the SHA-256 of a request's body; reads the body if the route has not read it yet.

    Must not be called in a transaction.

    Args:
        request: the request; without a body, the digest is that of empty bytes.
        limit: the most bytes of a body that has not been read yet.

    Raises:
        PayloadTooLarge: the body is longer.
        BodiesTooMany: the process holds too many bytes of bodies.
    """
    payload: bytes | None = getattr(request.state, "payload", None)
    if payload is None:
        payload = await _read_whole(request, limit)
    if len(payload) > _DIGESTED_IN_LINE:
        return await asyncio.to_thread(_digest, payload)
    return _digest(payload)


def _digest(payload: bytes) -> bytes:
    return hashlib.sha256(payload).digest()


async def _read_whole(request: Request, limit: int) -> bytes:
    refusal = PayloadTooLarge(f"The body may have {limit} bytes at most.")
    announced = request.headers.get("content-length", "")
    length = int(announced) if announced.isdigit() else 0
    if length > limit:
        raise refusal
    reservation = reservation_of(request)
    reservation.check(limit, length)
    body = bytearray()
    async for piece in request.stream():
        reservation.take(limit, len(piece))
        body += piece
        if len(body) > limit:
            raise refusal
    payload = request.state.payload = bytes(body)  # the digest needs it again
    return payload
