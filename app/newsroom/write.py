"""Writing answers: stored once however often the request comes, and given after the commit.

The answer to a request with an `Idempotency-Key` is kept in the transaction of what it did. So a
tool that lost the answer (a cut line, a killed server) repeats the request without fear. The same
transaction writes down who did it, which a repeated answer does not do again.

Refuses a kept answer to who has a lesser role by now than when it was given.
"""

import hashlib
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import orjson
from fastapi import Request, Response
from sqlalchemy import delete, func, insert, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from app.access.audit import record_audit
from app.access.roles import Caller, Role
from app.store.tables import AnswerRow
from app.web.headers import REQUEST_NAME
from app.web.house import House
from app.web.payload import payload_digest
from app.web.problems import InvalidQuery, KeyReused, StillRunning

Name = tuple[str, str, str]  # of a request: its caller, its path and its key

KEPT_FOR = timedelta(hours=24)
_NAME = re.compile(REQUEST_NAME)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a write answers, and whom it rings.

    `ring` is the coverage and the seq of its last new event, None if nothing public changed.
    `kept` stands in for the body where it is kept, if the body holds a secret. `entry_id` is the
    entry that it tells of, `desk` the coverage whose drafts it changed. `detail` is what the audit
    tells beside the deed, None for what is not worth a line; `often` says that it comes again and
    again, as a draft's saving does.
    """

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)
    ring: tuple[str, int] | None = None
    kept: bytes | None = None
    entry_id: str | None = None
    desk: str | None = None
    detail: Mapping[str, Any] | None = field(default_factory=dict)
    often: bool = False


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
        NotAllowed: the first answer was for a role that the caller has no more.
    """

    async def do(session: AsyncSession) -> Answer:
        answer = await act(session)
        await _record(session, request, caller, answer, house.now())
        return answer

    key = request.headers.get("idempotency-key")
    if key is None:
        async with house.store.writing() as session:
            answer = await do(session)
    else:
        answer = await _answer_kept(request, house, caller, key, do)
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
    digest = await _request_digest(request, house)
    async with house.store.reading() as session:
        row = await session.get(AnswerRow, (caller.id, _address(request), key))
    answer = _repeat(row, house.now(), digest, caller)
    if answer is None:
        return None
    headers = {"Cache-Control": "no-store", **answer.headers}
    return Response(answer.body, answer.status, headers, "application/json")


async def _request_digest(request: Request, house: House) -> bytes:
    """What tells a request from another of the same name: its body, and its query if it has one."""
    digest = await payload_digest(request, house.bounds.request)
    query: bytes = request.scope.get("query_string", b"")
    return hashlib.sha256(digest + query).digest() if query else digest


def _address(request: Request) -> str:
    # A pin is put and taken away at one address: the one must not get the other's answer.
    path = request.url.path
    return path if request.method == "POST" else f"{request.method} {path}"


async def _answer_kept(
    request: Request, house: House, caller: Caller, key: str, act: Act
) -> Answer:
    name = (caller.id, _address(request), key)
    if not _NAME.fullmatch(key):
        raise InvalidQuery([("/Idempotency-Key", "must be 1 to 255 printable ASCII characters")])
    digest = await _request_digest(request, house)
    if name in house.running:
        raise StillRunning("The first request with this Idempotency-Key is still running.")
    house.running.add(name)
    try:
        async with house.store.writing() as session:
            await _hold(session, name)
            kept = await _find_kept(session, house.now(), name, digest, caller)
            return kept or await _act_and_keep(session, house.now(), name, digest, caller, act)
    finally:
        house.running.discard(name)


async def _find_kept(
    session: AsyncSession, now: datetime, name: Name, digest: bytes, caller: Caller
) -> Answer | None:
    row = await session.get(AnswerRow, name)
    answer = _repeat(row, now, digest, caller)
    if row is not None and answer is None:
        # Not by the row: whoever tidies meanwhile may have been first.
        own = zip((AnswerRow.caller, AnswerRow.path, AnswerRow.key), name, strict=True)
        await session.exec(delete(AnswerRow).where(*(col(column) == part for column, part in own)))
        session.expunge(row)
    return answer


async def _act_and_keep(
    session: AsyncSession, now: datetime, name: Name, digest: bytes, caller: Caller, act: Act
) -> Answer:
    answer = await act(session)
    values = {
        **dict(zip(("caller", "path", "key"), name, strict=True)),
        "digest": digest,
        "role": caller.role,
        "status": answer.status,
        "headers": orjson.dumps(answer.headers).decode(),
        "body": answer.body if answer.kept is None else answer.kept,
        "entry_id": answer.entry_id,
        "at": now,
    }
    await session.exec(insert(AnswerRow).values(values))
    return answer


def _repeat(row: AnswerRow | None, now: datetime, digest: bytes, caller: Caller) -> Answer | None:
    if row is None or row.at <= now - KEPT_FOR:
        return None
    if row.digest != digest:
        raise KeyReused("This Idempotency-Key has been used with another payload.")
    # Whoever was let in as an editor may have been shown what a contributor may not see.
    role: Role | None = row.role  # type: ignore[assignment]
    if role is not None and not caller.may_somewhere(role):
        caller.check(role)
    return Answer(row.status, row.body, orjson.loads(row.headers))


async def _hold(session: AsyncSession, name: Name) -> None:
    # Another process may have the same request under way; SQLite's one writer needs no lock.
    if session.get_bind().dialect.name == "postgresql":
        lock = func.pg_try_advisory_xact_lock(func.hashtextextended("\n".join(name), 0))
        if not (await session.exec(select(lock))).scalar_one():  # type: ignore[call-overload]
            raise StillRunning("The first request with this Idempotency-Key is still running.")


async def _record(
    session: AsyncSession, request: Request, caller: Caller, answer: Answer, now: datetime
) -> None:
    """Write down the deed: by the operation's name, the thing by its id in the address."""
    if answer.detail is None:
        return
    coverage, thing = _about(request, answer)
    action = getattr(request.scope.get("route"), "operation_id", None)
    await record_audit(
        session,
        caller,
        action or _address(request),
        now,
        coverage=coverage,
        thing=thing,
        detail=answer.detail,
        often=answer.often,
    )


def _about(request: Request, answer: Answer) -> tuple[str | None, str | None]:
    """The coverage and the thing that a request is about, or has made."""
    named = dict(request.path_params)
    coverage = named.pop("slug", None)
    thing = "/".join(map(str, named.values())) or None
    match answer.headers.get("Location", "").split("/")[2:]:
        case ["coverages", made]:
            return made, thing
        case ["coverages", slug, _, made]:
            return coverage or slug, thing or made
        case [_, made]:
            return coverage, thing or made
    return coverage, thing


async def forget_answers(session: AsyncSession, now: datetime) -> None:
    """Drop the answers that nobody may ask for again."""
    await session.exec(delete(AnswerRow).where(col(AnswerRow.at) <= now - KEPT_FOR))
