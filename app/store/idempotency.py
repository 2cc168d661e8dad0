"""Idempotency: the response of each request with an idempotency key, kept for 24 hours.

A row is stored in the transaction of the write, so a repeated request gets the same response and
writes nothing. Rows name the thing that they describe, so that a retraction can find them.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime

import orjson
from sqlalchemy import ColumnElement, bindparam, delete, func, literal_column, select, update
from sqlmodel import col
from sqlmodel import select as select_rows
from sqlmodel.ext.asyncio.session import AsyncSession

from app.formats.public_json import Json, dump_json
from app.store.prepared import PreparedStatement, insert_of, matches, table_of
from app.store.tables import IdempotencyRow

_SAVE = insert_of(IdempotencyRow)
_REDACT_ENTRY = PreparedStatement(
    update(table_of(IdempotencyRow))
    .where(literal_column("kind IN ('entry', 'draft')"))
    .where(*matches(IdempotencyRow, "coverage", "thing"))
    .values({name: bindparam(name) for name in ("body", "version")})
)


class KeyReused(Exception):
    """The idempotency key was used with another payload."""


class StillRunning(Exception):
    """The first request with this idempotency key has not been answered yet."""


@dataclass(frozen=True, slots=True)
class RequestName:
    """The identity of a request: its caller, its path and its idempotency key."""

    caller: str
    path: str
    key: str


async def lock_request(session: AsyncSession, name: RequestName) -> None:
    """Lock a request until the transaction ends.

    Only PostgreSQL needs a lock: SQLite has one writer.

    Raises:
        StillRunning: another transaction is processing the same request.
    """
    if session.get_bind().dialect.name == "postgresql":
        text = f"{name.caller}\n{name.path}\n{name.key}"
        lock = func.pg_try_advisory_xact_lock(func.hashtextextended(text, 0))
        if not (await session.exec(select(lock))).scalar_one():  # type: ignore[call-overload]
            raise StillRunning("The first request with this Idempotency-Key is still running.")


async def find_request(session: AsyncSession, name: RequestName) -> IdempotencyRow | None:
    """The stored response of a request, even an expired one; None if it was not made before."""
    return await session.get(IdempotencyRow, (name.caller, name.path, name.key))


async def save_request(session: AsyncSession, row: IdempotencyRow) -> None:
    """Store the response of a request; there must be no row of its name."""
    await _SAVE.execute(session, row.model_dump())


async def delete_request(session: AsyncSession, name: RequestName) -> None:
    """Delete a request's row; does nothing if the hourly clean-up has already done so."""
    await session.exec(delete(IdempotencyRow).where(*_is(name)))


async def delete_expired_requests(session: AsyncSession, until: datetime) -> None:
    """Delete the requests up to and including a time."""
    await session.exec(delete(IdempotencyRow).where(col(IdempotencyRow.at) <= until))


async def redact_entry(
    session: AsyncSession, coverage: str, entry_id: str, body: bytes, version: str
) -> None:
    """Replace every stored response about an entry, draft or public, by its tombstone.

    Args:
        session: the transaction of the retraction.
        coverage: the slug of the entry's coverage: a copy of it has entries with the same ids.
        entry_id: the entry's id.
        body: the tombstone in the form of a response.
        version: the tombstone's version.
    """
    about = {"of_coverage": coverage, "of_thing": entry_id}
    await _REDACT_ENTRY.execute(session, about | {"body": body, "version": version})


async def redact_reason(session: AsyncSession, coverage: str, entry_id: str) -> None:
    """Remove the note on a retracted original from every stored response about a translation."""
    row = IdempotencyRow
    about = (
        col(row.kind).in_(("entry", "draft")),
        col(row.coverage) == coverage,
        col(row.thing) == entry_id,
    )
    await _rewrite(session, about, _without_reason)


async def redact_coverage(session: AsyncSession, coverage: str, entry_id: str) -> None:
    """Remove an entry from every stored response about its coverage, which lists key events."""
    about = (col(IdempotencyRow.kind) == "coverage", col(IdempotencyRow.coverage) == coverage)
    await _rewrite(session, about, lambda body: _without_entry(body, entry_id))


_WORDLESS: Json = {"alt": "", "caption": "", "credit": "", "card": None}  # a medium's members


async def redact_media(session: AsyncSession, ids: Collection[str]) -> None:
    """Remove the words from every stored response about these pictures and videos."""
    row = IdempotencyRow
    # Media belong to no coverage here; the index has it between the kind and the thing.
    about = col(row.kind) == "media", col(row.coverage).is_(None), col(row.thing).in_(ids)
    await _rewrite(session, about, lambda body: body | _WORDLESS)


async def _rewrite(
    session: AsyncSession, which: Collection[ColumnElement[bool]], change: Callable[[Json], Json]
) -> None:
    row = IdempotencyRow
    for response in await session.exec(select_rows(row).where(*which)):
        name = RequestName(response.caller, response.path, response.key)
        body = dump_json(change(orjson.loads(response.body)))
        await session.exec(update(row).where(*_is(name)).values(body=body))


def _without_reason(body: Json) -> Json:
    original = body.get("translation_of") or {}
    if not original.get("outdated"):
        return body
    return body | {"translation_of": original | {"outdated": original["outdated"] | {"note": None}}}


def _without_entry(body: Json, entry_id: str) -> Json:
    """Return a response about a coverage, or about an import of one, without an entry."""
    if "coverage" in body:
        return {**body, "coverage": _without_entry(body["coverage"], entry_id)}
    if "key_events" not in body:
        return body  # whether it is withdrawn or archived
    key_events = [event for event in body["key_events"] if event["entry_id"] != entry_id]
    pinned = None if body["pinned"] == entry_id else body["pinned"]
    return {**body, "key_events": key_events, "pinned": pinned}


def _is(name: RequestName) -> tuple[ColumnElement[bool], ...]:
    row = IdempotencyRow
    return col(row.caller) == name.caller, col(row.path) == name.path, col(row.key) == name.key
