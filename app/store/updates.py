"""Updates: when each public coverage last changed, for sitemaps.

Coverages are in order of creation, so that those already listed keep their positions when new ones
are added.
"""

from datetime import datetime

import orjson
from sqlalchemy import exists, func
from sqlalchemy.orm import aliased
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.store.coverages import IS_LISTED, IS_PUBLIC, decode_row
from app.store.journal_table import JournalRow
from app.store.tables import CoverageRow
from app.timeline.coverage import Coverage
from app.timeline.edition import Edition

_last_event = (
    select(func.max(JournalRow.at))
    .where(col(JournalRow.coverage) == col(CoverageRow.slug))
    .scalar_subquery()
)
_by_age = (col(CoverageRow.created_at), col(CoverageRow.slug))


async def list_updates(session: AsyncSession, skip: int, limit: int) -> list[tuple[str, datetime]]:
    """The slugs of public coverages with the times of their last events, oldest coverage first.

    Args:
        session: the session to read in.
        skip: the number of coverages to skip.
        limit: the most coverages to return.
    """
    query = select(col(CoverageRow.slug), _last_event).where(IS_PUBLIC).order_by(*_by_age)
    rows = await session.exec(query.offset(skip).limit(limit))
    return [(slug, at) for slug, at in rows]


async def list_updated_editions(
    session: AsyncSession, skip: int, limit: int
) -> dict[str, tuple[Edition, ...]]:
    """The lists of editions of the coverages in `list_updates`, by slug; most have none."""
    row = CoverageRow
    page = select(col(row.slug)).where(IS_PUBLIC).order_by(*_by_age).offset(skip).limit(limit)
    edition = aliased(row)
    has_editions = exists().where(col(edition.edition_of) == col(row.slug))
    query = select(row.slug, row.state).where(
        col(row.slug).in_(page.subquery().select()), col(row.edition_of).is_not(None) | has_editions
    )
    return {
        slug: tuple(Edition(**record) for record in orjson.loads(state)["editions"])
        for slug, state in await session.exec(query)
    }


async def list_parts(session: AsyncSession, size: int) -> list[datetime]:
    """The time of the last event in each part of `list_updates`, of `size` coverages each."""
    number = func.row_number().over(order_by=_by_age)
    numbered = select(number.label("number"), _last_event.label("at")).where(IS_PUBLIC).subquery()
    part = (numbered.c.number - 1) // size
    query = select(func.max(numbered.c.at)).group_by(part).order_by(part)
    return list(await session.exec(query))


async def list_changed(session: AsyncSession, since: datetime, limit: int) -> list[Coverage]:
    """The public coverages with an event at or after a time, the most recently changed first.

    Closed ones that are archived are left out.
    """
    query = select(CoverageRow).where(IS_LISTED, _last_event >= since)
    rows = await session.exec(query.order_by(_last_event.desc()).limit(limit))
    return [decode_row(row) for row in rows]
