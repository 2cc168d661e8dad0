"""Restoring a retracted entry: its last words become a new draft.

The tombstone stays for good; what is published again is another entry with an id of its own.
Refuses to bring back what the newsroom keeps no longer.
"""

import secrets
from dataclasses import replace
from datetime import datetime

from fastapi import APIRouter, Request, Response
from sqlmodel.ext.asyncio.session import AsyncSession

from app.access.roles import Caller
from app.media.copies import copy_withdrawn
from app.newsroom.answers import entry_answer
from app.newsroom.entries import find_locked
from app.newsroom.write import Answer, answer_once
from app.store.journal import record_change
from app.store.withdrawn import find_withdrawn
from app.timeline.change import Change
from app.timeline.draft import restore
from app.timeline.errors import (
    CoverageClosed,
    EntryNotRetracted,
    UnknownCoverage,
    UnknownEntry,
    WordsForgotten,
)
from app.web.addresses import EntryKey
from app.web.callers import Editor
from app.web.headers import IDEMPOTENCY_KEY, LOCATION, REVISION
from app.web.house import TheHouse
from app.web.openapi import takes
from app.web.responses import WRITING, refuses, returns
from app.web.schemas import Draft

routes = APIRouter(prefix="/v1/coverages/{slug}/entries/{entry_id}", tags=["newsroom"])


@routes.post(
    "/restoration",
    status_code=201,
    operation_id="restoreEntry",
    responses=returns(Draft, REVISION, LOCATION, status=201)
    | refuses(
        *WRITING,
        UnknownCoverage,
        UnknownEntry,
        CoverageClosed,
        EntryNotRetracted,
        WordsForgotten,
    ),
    openapi_extra=takes(IDEMPOTENCY_KEY),
)
async def post_restoration(
    request: Request, house: TheHouse, editor: Editor, key: EntryKey
) -> Response:
    """Make a new draft of a retracted entry's last words.

    The tombstone stays. The words are kept for as long as the operator has set, 30 days by default.
    """

    async def act(session: AsyncSession) -> Answer:
        now = house.now()
        since = now - house.keep_retracted
        change = await restore_entry(session, key, editor, now, since)
        return entry_answer(house.form, change, 201)

    return await answer_once(request, house, editor, act)


async def restore_entry(
    session: AsyncSession, key: tuple[str, str], caller: Caller, now: datetime, since: datetime
) -> Change:
    """Store a retracted entry's words as a draft.

    Args:
        session: the transaction.
        key: the coverage's slug and the entry's id.
        caller: whose draft it becomes.
        now: when.
        since: what was retracted before that is forgotten.

    Raises:
        CoverageClosed: nothing new goes into a closed coverage, drafts neither.
        EntryNotRetracted: its words are not gone.
        WordsForgotten: they are kept no longer.
    """
    coverage, stone = await find_locked(session, key)
    if coverage.status == "closed":
        raise CoverageClosed(f"The coverage {coverage.slug} is closed: reopen it to write in it.")
    if stone.status != "retracted":
        raise EntryNotRetracted("The entry is not retracted.")
    words = await find_withdrawn(session, *key, since)
    media = await copy_withdrawn(session, words.media, now, coverage.slug)
    draft = replace(restore(words, secrets.token_hex(8), now), author=caller.id, media=media)
    change = Change(coverage, (draft,))
    await record_change(session, change)
    return change
