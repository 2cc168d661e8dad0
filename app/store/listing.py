"""Listings: the columns of a coverage that lists are read by.

Each coverage is in one list: that of its status, or in its place that of the withdrawn or of the
archived ones. The indexes of the table begin with the list, so that a page of a list is read at the
price of what it shows, whatever else there is. A list of several lists (`merge`) reads a page of
each.

Sitemaps have parts, each of up to `PART` coverages in order of their creation here. A coverage
stays in its part.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Literal

from sqlalchemy import ColumnElement, Select, and_, func, literal_column, or_, union_all
from sqlalchemy import select as select_columns
from sqlalchemy.orm import Mapped
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.store.tables import CoverageRow
from app.timeline.coverage import Coverage

Listing = Literal["planned", "live", "paused", "closed", "archived", "withdrawn"]

# Conditions that no index is searched by: SQLite would prefer one to the index of the order.
# Whether readers can see a coverage; whether the index and the news sitemap list it.
IS_PUBLIC: ColumnElement[bool] = literal_column("coverage.listing NOT IN ('planned', 'withdrawn')")
IS_LISTED: ColumnElement[bool] = and_(IS_PUBLIC, literal_column("coverage.listing <> 'archived'"))
LISTED: tuple[Listing, ...] = ("live", "paused", "closed")

PART = 1000  # coverages in a part of the sitemap; the protocol allows 50,000 addresses


def listing_of(coverage: Coverage) -> Listing:
    """The list that a coverage is in; archiving takes away only what is closed."""
    if coverage.withdrawn is not None:
        return "withdrawn"
    return "archived" if coverage.is_archived and coverage.status == "closed" else coverage.status


async def next_part(session: AsyncSession) -> int:
    """The part of the next coverage. Several that are added at one time may exceed its size."""
    row = CoverageRow
    last = (await session.exec(select(func.max(row.part)))).one()
    size = select(func.count()).select_from(row).where(col(row.part) == last)
    is_full = last is not None and (await session.exec(size)).one() >= PART
    return (last or 0) + is_full


def merge(
    lists: Iterable[Select[Any]], limit: int, last: Coverage | None = None
) -> Select[Any] | None:
    """Return the query of a page of several lists, the newest first.

    Args:
        lists: the queries of the lists, whose columns include those of the order.
        limit: the most coverages to return.
        last: start after this one; None for the beginning.
    """
    created_at, slug = col(CoverageRow.created_at), col(CoverageRow.slug)
    following: list[ColumnElement[bool]] = []
    if last is not None:  # in a form by which a database begins to read where the page begins
        is_after = or_(created_at < last.created_at, slug < last.slug)
        following = [created_at <= last.created_at, is_after]
    newest_first = created_at.desc(), slug.desc()
    pages = [each.where(*following).order_by(*newest_first).limit(limit) for each in lists]
    if len(pages) <= 1:
        return pages[0] if pages else None
    merged = union_all(*(select_columns(page.subquery()) for page in pages)).subquery()
    newest_first = merged.c.created_at.desc(), merged.c.slug.desc()
    return select_columns(merged).order_by(*newest_first).limit(limit)


def distinct(column: Mapped[Any], conditions: Sequence[ColumnElement[bool]] = ()) -> Select[Any]:
    """Return the query of the values of an indexed column, one search for each of them.

    `SELECT DISTINCT` would read each row.
    """
    first = select_columns(func.min(column).label("value")).where(*conditions)
    found = first.cte(recursive=True)
    following = select_columns(func.min(column)).where(*conditions, column > found.c.value)
    step = select_columns(following.scalar_subquery()).where(found.c.value.is_not(None))
    found = found.union_all(step)
    return select_columns(found.c.value).where(found.c.value.is_not(None))
