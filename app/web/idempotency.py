"""Writing answers: stored once however often the request comes, and given after the commit.

The answer to a request with an `Idempotency-Key` is kept in the transaction of what it did. So a
tool that lost the answer (a cut line, a killed server) repeats the request without fear.
"""

import hashlib
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import orjson
from fastapi import Request, Response
from sqlalchemy import delete, func, insert, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from app.access.roles import Caller
from app.store.tables import AnswerRow
from app.web.headers import REQUEST_NAME
from app.web.house import House
from app.web.problems import InvalidQuery, KeyReused, StillRunning

KEPT_FOR = timedelta(hours=24)
_NAME = re.compile(REQUEST_NAME)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a write answers, and whom it rings.

    `ring` is the coverage and the seq of its last new event, None if nothing public changed.
    `kept` stands in for the body where it is kept, if the body holds a secret. `entry_id` is the
    entry that it tells of, `desk` the coverage whose drafts it changed.
    """

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)
    ring: tuple[str, int] | None = None
    kept: bytes | None = None
    entry_id: str | None = None
    desk: str | None = None


Act = Callable[[AsyncSession], Awaitable[Answer]]


async def answer_once(request: Request, house: House, caller: Caller, act: Act) -> Response:
    """Do something in one transaction and answer it; the same request again gets the same answer.

    Args:
        request: its `Idempotency-Key` names it, its caller and path are part of the name.
        house: the rooms.
        caller: who asks.
        act: what to do; it may be undone if the answer cannot be kept.

    Raises:
        KeyReused: the key came before with another payload.
        StillRunning: the first request has not been answered yet.
    """
    key = request.headers.get("idempotency-key")
    if key is None:
        async with house.store.writing() as session:
            answer = await act(session)
    else:
        answer = await _answer_kept(request, house, (caller.id, _address(request), key), act)
    if answer.ring is not None:
        await house.announce(*answer.ring)
    if answer.desk is not None:
        await house.ring_desk(answer.desk)
    headers = {"Cache-Control": "no-store", **answer.headers}
    return Response(answer.body, answer.status, headers, "application/json")


async def find_answer(request: Request, house: House, caller: Caller) -> Response | None:
    """The answer that a request has had already, for those whose work comes before `answer_once`.

    None if it is to be done; two of one key that come together may both be told so.

    Raises:
        KeyReused: the key came before with another payload.
    """
    key = request.headers.get("idempotency-key")
    if key is None or not _NAME.fullmatch(key):
        return None
    async with house.store.reading() as session:
        row = await session.get(AnswerRow, (caller.id, _address(request), key))
    answer = _repeat(row, house.now(), await _digest(request))
    if answer is None:
        return None
    headers = {"Cache-Control": "no-store", **answer.headers}
    return Response(answer.body, answer.status, headers, "application/json")


def _address(request: Request) -> str:
    # A pin is put and taken away at one address: the one must not get the other's answer.
    path = request.url.path
    return path if request.method == "POST" else f"{request.method} {path}"


async def _answer_kept(
    request: Request, house: House, name: tuple[str, str, str], act: Act
) -> Answer:
    if not _NAME.fullmatch(name[2]):
        raise InvalidQuery([("/Idempotency-Key", "must be 1 to 255 printable ASCII characters")])
    if name in house.running:
        raise StillRunning("The first request with this Idempotency-Key is still running.")
    house.running.add(name)
    try:
        async with house.store.writing() as session:
            return await _act_or_repeat(session, house.now(), name, await _digest(request), act)
    finally:
        house.running.discard(name)


async def _act_or_repeat(
    session: AsyncSession, now: datetime, name: tuple[str, str, str], digest: bytes, act: Act
) -> Answer:
    await _hold(session, name)
    row = await session.get(AnswerRow, name)
    if (answer := _repeat(row, now, digest)) is not None:
        return answer
    if row is not None:
        await session.delete(row)
        await session.flush()
    answer = await act(session)
    values = {
        **dict(zip(("caller", "path", "key"), name, strict=True)),
        "digest": digest,
        "status": answer.status,
        "headers": orjson.dumps(answer.headers).decode(),
        "body": answer.body if answer.kept is None else answer.kept,
        "entry_id": answer.entry_id,
        "at": now,
    }
    await session.exec(insert(AnswerRow).values(values))
    return answer


def _repeat(row: AnswerRow | None, now: datetime, digest: bytes) -> Answer | None:
    if row is None or row.at <= now - KEPT_FOR:
        return None
    if row.digest != digest:
        raise KeyReused("This Idempotency-Key has been used with another payload.")
    return Answer(row.status, row.body, orjson.loads(row.headers))


async def _hold(session: AsyncSession, name: tuple[str, str, str]) -> None:
    # Another process may have the same request under way; SQLite's one writer needs no lock.
    if session.get_bind().dialect.name == "postgresql":
        lock = func.pg_try_advisory_xact_lock(func.hashtextextended("\n".join(name), 0))
        if not (await session.exec(select(lock))).scalar_one():  # type: ignore[call-overload]
            raise StillRunning("The first request with this Idempotency-Key is still running.")


async def _digest(request: Request) -> bytes:
    payload = getattr(request.state, "payload", None)
    return hashlib.sha256(await request.body() if payload is None else payload).digest()


async def forget_answers(session: AsyncSession, now: datetime) -> None:
    """Drop the answers that nobody may ask for again."""
    await session.exec(delete(AnswerRow).where(col(AnswerRow.at) <= now - KEPT_FOR))
