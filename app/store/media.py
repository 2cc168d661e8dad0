"""The media tables: pictures and videos, the entries that show them, and their files' tasks.

A medium's `task` is the pending operation on its files; the media ingest (`media/ingest.py`)
performs it after the commit, or after a restart. Published entries and the leads of open coverages
keep a medium public. A tombstone does not, but the media that it showed stay recorded, since files
are withdrawn once nothing public shows them. Drafts, scheduled entries and planned coverages keep
no file public: otherwise an unpublished draft would keep retracted media public. They get a copy
when they are published (`media/copies.py`).
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Literal

import orjson
from sqlalchemy import and_, delete, exists, insert, or_, update
from sqlalchemy.orm import aliased
from sqlalchemy.sql.elements import ColumnElement
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.formats.public_json import decode_media, dump_json, encode_media
from app.store.coverages import decode_withdrawal
from app.store.idempotency import redact_media
from app.store.inserts import insert_rows
from app.store.listing import IS_PUBLIC
from app.store.ownership import claim_media, lock_media
from app.store.prepared import PreparedStatement, matches
from app.store.tables import CoverageRow, EntryMediaRow, EntryRow, MediaRow, WithdrawnRow
from app.timeline.entry import Entry, EntryStatus, Media
from app.timeline.withdrawal import Withdrawal

# arriving: its files may be incomplete. avif: the AVIF renditions are still to be made. withdraw,
# copy, remove: the operation that its files wait for. withdrawn: kept, but not served.
Task = Literal["arriving", "avif", "withdraw", "withdrawn", "copy", "remove"]

# What replaces an entry's id if the coverage itself shows a medium, or has shown it earlier.
LEAD, EARLIER_LEAD = "", "-"
HAS_FILE_TASKS = "media file tasks"  # set in the session's `info` if files wait for the commit

_GONE: tuple[Task, ...] = ("arriving", "withdraw", "withdrawn", "remove")
_WAITING: tuple[Task, ...] = ("withdraw", "copy", "remove")
_WITHDRAWN: tuple[Task, ...] = ("withdraw", "withdrawn")
_FIND_SHOWN = PreparedStatement(
    select(EntryMediaRow.media).where(*matches(EntryMediaRow, "coverage", "entry_id"))
)
_UNUSED_FOR = timedelta(days=7)
_ARRIVING_FOR = timedelta(hours=1)


async def find_media(session: AsyncSession, ids: Collection[str]) -> dict[str, Media]:
    """The media of these ids, by id; unknown and withdrawn ones are left out."""
    query = select(MediaRow.state).where(
        col(MediaRow.id).in_(ids),
        _is_here(),
    )
    states = await session.exec(query)
    return {media.id: media for media in (decode_media(orjson.loads(state)) for state in states)}


async def add_media(
    session: AsyncSession, media: Iterable[Media], coverage: str | None = None
) -> None:
    """Insert media that are not stored yet, whose files are elsewhere.

    Args:
        session: the transaction.
        media: the media; those already stored stay unchanged.
        coverage: the slug of the coverage that owns them; None until a coverage uses them.
    """
    distinct = {one.id: one for one in media}
    known = set(await session.exec(select(MediaRow.id).where(col(MediaRow.id).in_(list(distinct)))))
    rows = [
        {"id": one.id, "state": _state(one), "coverage": coverage}
        for one in distinct.values()
        if one.id not in known
    ]
    await insert_rows(session, MediaRow, rows)


async def announce_media(session: AsyncSession, media: Media, now: datetime) -> None:
    """Insert a medium before its files are stored, so that no file exists without a row."""
    values = {"id": media.id, "state": _state(media), "created_at": now, "task": "arriving"}
    await session.exec(insert(MediaRow).values(values))


async def keep_media(session: AsyncSession, media_id: str, task: Task | None = None) -> None:
    """Record that a medium's files are stored, so that entries may name it.

    Args:
        session: the transaction.
        media_id: the id of an announced medium.
        task: its next task; None for none.
    """
    await session.exec(update(MediaRow).where(col(MediaRow.id) == media_id).values(task=task))


async def change_media(session: AsyncSession, media: Media) -> None:
    """Update a medium's words; entries that show it keep their own copies."""
    where = col(MediaRow.id) == media.id
    await session.exec(update(MediaRow).where(where).values(state=_state(media)))


async def finish_task(session: AsyncSession, media_id: str, task: Task, then: Task | None) -> bool:
    """Replace a finished task by the next one; false if the medium's task has changed meanwhile."""
    where = and_(col(MediaRow.id) == media_id, col(MediaRow.task) == task)
    done = await session.exec(update(MediaRow).where(where).values(task=then))
    return done.rowcount > 0


async def list_tasks(
    session: AsyncSession, *tasks: Task, limit: int = 100
) -> list[tuple[str, str]]:
    """Media whose files wait for one of these tasks, as (id, task), oldest first."""
    tasks = tasks or _WAITING
    query = select(MediaRow.id, MediaRow.task).where(col(MediaRow.task).in_(tasks))
    rows = await session.exec(query.order_by(col(MediaRow.created_at)).limit(limit))
    return [(media_id, str(task)) for media_id, task in rows]


async def read_task(session: AsyncSession, media_id: str) -> str | None:
    """A medium's pending task; None if there is none, or no such medium."""
    return (await session.exec(select(MediaRow.task).where(MediaRow.id == media_id))).first()


async def record_shown(session: AsyncSession, entry: Entry, *, is_new: bool) -> None:
    """Record the media that an entry shows, in the transaction that saves it.

    Media that a public entry once showed stay recorded, since its earlier revisions still show
    them. A retraction withdraws the media that nothing public shows any more.
    """
    before = set() if is_new else await _shown_by(session, entry.coverage, entry.id)
    shown = {media.id for media in entry.media}
    gone = set() if entry.is_public else before - shown
    await _delete_shown(session, entry.coverage, entry.id, gone)
    await _add_shown(session, entry.coverage, entry.id, shown - before)
    if entry.status == "retracted":
        await withdraw_unshown(session, before)
    else:
        await withdraw_unshown(session, gone)


async def delete_shown(session: AsyncSession, entry: Entry) -> None:
    """Delete the records of the media that a draft shows, which is about to be deleted."""
    gone = await _shown_by(session, entry.coverage, entry.id)
    await _delete_shown(session, entry.coverage, entry.id, gone)
    await withdraw_unshown(session, gone)


async def record_lead(
    session: AsyncSession, coverage: str, lead: Media | None, *, was_public: bool = True
) -> None:
    """Record the medium that a coverage shows as its lead.

    An earlier lead stays recorded, since the coverage's page of the past shows it. It does not keep
    public what a retracted entry showed.

    Args:
        session: the transaction.
        coverage: the coverage's slug.
        lead: the medium; None for none.
        was_public: whether readers have seen the lead that it replaces.
    """
    before = await _shown_by(session, coverage, LEAD)
    shown = set() if lead is None else {lead.id}
    if before != shown:
        await _delete_shown(session, coverage, LEAD, before - shown)
        if was_public:
            past = await _shown_by(session, coverage, EARLIER_LEAD)
            await _add_shown(session, coverage, EARLIER_LEAD, before - shown - past)
        await _add_shown(session, coverage, LEAD, shown - before)
        await withdraw_unshown(session, before - shown)


async def withdraw_unshown(session: AsyncSession, ids: Collection[str]) -> None:
    """Withdraw those of these media that a retracted entry showed and nothing public shows.

    Their words are removed from their rows and from stored responses; a restored entry takes them
    from its own copy. Imported media lose their words alone, since their files are elsewhere.
    """
    if not ids:
        return
    shown = select(EntryMediaRow).where(col(EntryMediaRow.media) == col(MediaRow.id))
    is_open = exists().where(
        col(CoverageRow.slug) == col(EntryMediaRow.coverage), col(CoverageRow.status) != "planned"
    )
    is_public_lead = and_(col(EntryMediaRow.entry_id) == LEAD, is_open)
    is_public = or_(is_public_lead, _entry_is("published"))
    await lock_media(session, ids)
    where = (
        col(MediaRow.id).in_(ids),
        _is_here(),
        shown.where(_entry_is("retracted")).exists(),
        ~shown.where(is_public).exists(),
    )
    has_files = col(MediaRow.created_at).is_not(None)
    imported = await session.exec(select(MediaRow.state).where(*where, ~has_files))
    states = list(imported)
    withdrawing = update(MediaRow).where(*where, has_files).values(task="withdraw")
    withdrawn = await session.exec(withdrawing.returning(col(MediaRow.state)))
    if stored := withdrawn.scalars().all():
        session.info[HAS_FILE_TASKS] = True
        states += stored
    if states:
        wordless = [decode_media(orjson.loads(state)) for state in states]
        for media in wordless:
            await change_media(session, replace(media, alt="", caption="", credit="", card=None))
        await redact_media(session, [media.id for media in wordless])


async def find_withdrawn(session: AsyncSession, ids: Collection[str]) -> set[str]:
    """The ids of the withdrawn ones; locks all these media until the transaction ends."""
    await lock_media(session, ids)
    where = (col(MediaRow.id).in_(ids), col(MediaRow.task).in_(_WITHDRAWN))
    return set(await session.exec(select(MediaRow.id).where(*where)))


async def find_hiding(session: AsyncSession, media_id: str) -> Withdrawal | None:
    """Why a medium is hidden: the withdrawal of a coverage that has shown it, None if it is not.

    What another coverage shows publicly is not hidden.
    """
    showing = select(EntryMediaRow.coverage).where(col(EntryMediaRow.media) == media_id)
    owner = select(MediaRow.coverage).where(col(MediaRow.id) == media_id).scalar_subquery()
    slug = col(CoverageRow.slug)
    withdrawn = select(CoverageRow).where(
        or_(slug.in_(showing), slug == owner), col(CoverageRow.withdrawn).is_not(None)
    )
    row = (await session.exec(withdrawn.limit(1))).first()
    if row is None:
        return None
    of_medium = select(CoverageRow).join(EntryMediaRow, col(EntryMediaRow.coverage) == slug)
    of_medium = of_medium.where(col(EntryMediaRow.media) == media_id)
    is_shown = or_(col(EntryMediaRow.entry_id) == LEAD, _entry_is("published"))
    shown = of_medium.where(IS_PUBLIC, is_shown).limit(1)
    return None if (await session.exec(shown)).first() else decode_withdrawal(row)


async def find_removed(session: AsyncSession, ids: Collection[str]) -> set[str]:
    """The ids of those whose files are removed or about to be, and of unknown media."""
    has_files = or_(col(MediaRow.task).is_(None), col(MediaRow.task) != "remove")
    query = select(MediaRow.id).where(col(MediaRow.id).in_(ids), has_files)
    present: set[str] = set(await session.exec(query))
    return set(ids) - present


async def announce_copy(
    session: AsyncSession, media: Media, origin: str, now: datetime, coverage: str | None = None
) -> None:
    """Insert a medium that gets copies of another one's files after the commit."""
    values = {"id": media.id, "state": _state(media), "created_at": now, "coverage": coverage}
    await session.exec(insert(MediaRow).values(values | {"task": "copy", "origin": origin}))
    session.info[HAS_FILE_TASKS] = True


async def find_origin(session: AsyncSession, media_id: str) -> str | None:
    """The id of the medium whose files this one copies; None if it copies none."""
    return (await session.exec(select(MediaRow.origin).where(MediaRow.id == media_id))).first()


async def drop_unused(session: AsyncSession, now: datetime) -> None:
    """Schedule the removal of files that are no longer needed.

    These are the media that were unused for a week, those whose upload was interrupted, and those
    that were withdrawn with an entry whose words are no longer kept.
    """
    shown = exists().where(col(EntryMediaRow.media) == col(MediaRow.id))
    unused = and_(~shown, col(MediaRow.created_at) <= now - _UNUSED_FOR)
    interrupted = and_(
        col(MediaRow.task) == "arriving", col(MediaRow.created_at) <= now - _ARRIVING_FOR
    )
    restorable = exists().where(
        col(EntryMediaRow.media) == col(MediaRow.id),
        col(EntryMediaRow.coverage) == col(WithdrawnRow.coverage),
        col(EntryMediaRow.entry_id) == col(WithdrawnRow.entry_id),
    )
    copies = aliased(MediaRow)
    copied = exists().where(col(copies.origin) == col(MediaRow.id), col(copies.task) == "copy")
    forgotten = and_(col(MediaRow.task) == "withdrawn", ~restorable, ~copied)
    where = and_(
        col(MediaRow.created_at).is_not(None),
        or_(col(MediaRow.task).is_(None), col(MediaRow.task) != "remove"),
        or_(unused, interrupted, forgotten),
    )
    await session.exec(update(MediaRow).where(where).values(task="remove"))


async def delete_media(session: AsyncSession, media_id: str) -> None:
    """Delete a medium whose files have been removed."""
    where = (col(MediaRow.id) == media_id, col(MediaRow.task).in_(("arriving", "remove")))
    await session.exec(delete(MediaRow).where(*where))


def shown_rows(entries: Iterable[Entry]) -> Iterator[dict[str, object]]:
    """The rows that say which media the entries of a whole new coverage show."""
    return (
        {"media": media_id, "coverage": entry.coverage, "entry_id": entry.id}
        for entry in entries
        for media_id in dict.fromkeys(media.id for media in entry.media)
    )


async def _shown_by(session: AsyncSession, coverage: str, entry_id: str) -> set[str]:
    own = {"of_coverage": coverage, "of_entry_id": entry_id}
    return {media_id for (media_id,) in await _FIND_SHOWN.execute(session, own)}


async def _add_shown(
    session: AsyncSession, coverage: str, entry_id: str, ids: Collection[str]
) -> None:
    rows = [{"media": id_, "coverage": coverage, "entry_id": entry_id} for id_ in sorted(ids)]
    await insert_rows(session, EntryMediaRow, rows)
    await claim_media(session, ids, coverage)


async def _delete_shown(
    session: AsyncSession, coverage: str, entry_id: str, ids: Collection[str]
) -> None:
    if ids:
        row = EntryMediaRow
        where = (col(row.coverage) == coverage, col(row.entry_id) == entry_id)
        await session.exec(delete(row).where(*where, col(row.media).in_(ids)))


def _is_here() -> ColumnElement[bool]:
    return or_(col(MediaRow.task).is_(None), col(MediaRow.task).not_in(_GONE))


def _entry_is(status: EntryStatus) -> ColumnElement[bool]:
    return exists().where(
        col(EntryRow.coverage) == col(EntryMediaRow.coverage),
        col(EntryRow.id) == col(EntryMediaRow.entry_id),
        col(EntryRow.status) == status,
    )


def _state(media: Media) -> str:
    return dump_json(encode_media(media)).decode()
