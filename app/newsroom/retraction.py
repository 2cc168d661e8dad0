"""Kept answers that a retraction reaches: whoever repeats an old request is told of the tombstone.

The answer to a request is kept for a day (`idempotency.py`), with the words that it told. In the
transaction of the retraction they are replaced, so that no repetition brings them back.
"""

from typing import Any

import orjson
from sqlalchemy import update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.framing.history import dump_json
from app.newsroom.write import Answer
from app.store.tables import AnswerRow

# What answers with coverages, whose key events carry headlines.
_IMPORTS = "/v1/imports"


async def recall_words(session: AsyncSession, slug: str, entry_id: str, stone: Answer) -> None:
    """Take an entry's words out of every kept answer.

    Args:
        session: the transaction of the retraction.
        slug: of the entry's coverage.
        entry_id: which entry.
        stone: the answer to its retraction, which takes the place of those about the entry.
    """
    row = AnswerRow
    coverage = f"/v1/coverages/{slug}"
    # Ids are counted by coverage: a copy of it has entries of the same ids.
    told = row.entry_id == entry_id, col(row.path).contains(f"{coverage}/", autoescape=True)
    for found in await session.exec(select(row).where(*told)):
        headers = {**orjson.loads(found.headers), **stone.headers}
        await _replace(session, found, stone.body, headers)
    beside = col(row.path).in_((f"PATCH {coverage}", _IMPORTS))
    for found in await session.exec(select(row).where(beside)):
        body = dump_json(_without(orjson.loads(found.body), entry_id))
        await _replace(session, found, body, orjson.loads(found.headers))


async def _replace(
    session: AsyncSession, found: AnswerRow, body: bytes, headers: dict[str, str]
) -> None:
    row = AnswerRow
    name = (row.caller == found.caller, row.path == found.path, row.key == found.key)
    values = {"body": body, "headers": dump_json(headers).decode()}
    await session.exec(update(row).where(*name).values(values))  # type: ignore[arg-type]


def _without(told: dict[str, Any], entry_id: str) -> dict[str, Any]:
    """What was told of a coverage, or of an import of one, without an entry."""
    if "coverage" in told:
        return {**told, "coverage": _without(told["coverage"], entry_id)}
    key_events = [event for event in told["key_events"] if event["entry_id"] != entry_id]
    pinned = None if told["pinned"] == entry_id else told["pinned"]
    return {**told, "key_events": key_events, "pinned": pinned}
