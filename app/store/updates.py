"""Updates: when each public coverage last changed, for sitemaps."""

from datetime import datetime

import orjson
from sqlalchemy import exists, func
from sqlalchemy import select as select_columns
from sqlalchemy.orm import aliased
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.formats.rfc3339 import parse_time
from app.formats.sitemap import NewsItem
from app.store.listing import IS_LISTED, IS_PUBLIC, distinct
from app.store.prepared import PreparedStatement
from app.store.tables import CoverageRow
from app.timeline.edition import Edition


async def list_updates(session: AsyncSession, part: int) -> list[tuple[str, datetime]]:
    """The slugs of a part's public coverages with the times of their last events, in order of age.

    Those already listed keep their positions when new ones are added.
    """
    row = CoverageRow
    query = select(row.slug, row.updated_at).where(IS_PUBLIC, row.part == part)
    rows = await session.exec(query.order_by(col(row.created_at), col(row.slug)))
    return [(slug, at) for slug, at in rows]


async def list_updated_editions(session: AsyncSession, part: int) -> dict[str, tuple[Edition, ...]]:
    """The lists of editions of the coverages in `list_updates`, by slug; most have none."""
    row, edition = CoverageRow, aliased(CoverageRow)
    has_editions = exists().where(col(edition.edition_of) == col(row.slug))
    query = select(row.slug, row.state).where(
        IS_PUBLIC, row.part == part, col(row.edition_of).is_not(None) | has_editions
    )
    return {
        slug: tuple(Edition(**record) for record in orjson.loads(state)["editions"])
        for slug, state in await session.exec(query)
    }


_parts = distinct(col(CoverageRow.part)).subquery()
_newest = select_columns(func.max(col(CoverageRow.updated_at))).where(
    IS_PUBLIC, col(CoverageRow.part) == _parts.c.value
)
_PARTS = PreparedStatement(select_columns(_parts.c.value, _newest.scalar_subquery()))


async def list_parts(session: AsyncSession) -> list[tuple[int, datetime]]:
    """The parts that have public coverages, with the time of the last event in each."""
    rows = await _PARTS.execute(session, {})
    return sorted((part, at) for part, at in rows if at is not None)


async def list_changed(session: AsyncSession, since: datetime, limit: int) -> list[NewsItem]:
    """The public coverages with an event at or after a time, the most recently changed first.

    Closed ones that are archived are left out.
    """
    row = CoverageRow
    query = select(row.slug, row.created_at, row.updated_at, row.state).where(
        IS_LISTED, col(row.updated_at) >= since
    )
    rows = await session.exec(query.order_by(col(row.updated_at).desc()).limit(limit))
    items = []
    for slug, created_at, updated_at, state in rows:
        record = orjson.loads(state)  # decoding a whole coverage takes ten times as long
        starts_at = record["starts_at"]
        started_at = created_at if starts_at is None else parse_time(starts_at)
        items.append(NewsItem(slug, record["title"], record["language"], started_at, updated_at))
    return items
