"""What the page of a coverage or of an entry shows, as of the coverage's cursor."""

from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from app.formats.log.merkle import Frontier
from app.reader.editions import Versions, find_versions
from app.reader.page_query import PageQuery
from app.store.entries import find_public_entry, read_page
from app.store.journal import find_last
from app.store.log import read_frontier
from app.store.mementos import find_entry_as_of, find_entry_mementos, find_mementos
from app.store.past import (
    find_coverage_as_of,
    read_figures_as_of,
    read_key_events_as_of,
    read_page_as_of,
)
from app.timeline.coverage import Coverage
from app.timeline.entry import Entry
from app.timeline.figure_table import FigureTable
from app.timeline.memento import Mementos
from app.timeline.selection import Selection, Slice
from app.web.services import Services

_NEWER_NEIGHBOURS = 3
_OLDER_NEIGHBOURS = 12


@dataclass(frozen=True, slots=True)
class PageContent:
    """What a coverage's page shows, all as of the coverage's cursor.

    `shown` is the coverage as it was at the time that the page asks for, if it asks for one.
    `entry` is the entry on its own page, with its `versions` in all editions; None on a page of the
    whole coverage. `log` is that of the coverage, for its foot; None on a page of the past.
    `figures` are for the section with them, empty on a page without it. `mementos` are those around
    the time of a page of the past or of a closed coverage, None on other pages.
    """

    coverage: Coverage
    slice: Slice
    pinned: Entry | None = None
    entry: Entry | None = None
    shown: Coverage | None = None
    log: Frontier | None = None
    figures: FigureTable = field(default_factory=FigureTable)
    versions: Versions = field(default_factory=Versions)
    mementos: Mementos | None = None
    summary: Entry | None = None


def is_newest(query: PageQuery, entries: Slice) -> bool:
    """Whether new entries are to be added at the top of this page."""
    return query.change().is_whole and not (query.before or entries.has_newer)


async def read_newest_page(
    services: Services, session: AsyncSession, coverage: Coverage, query: PageQuery
) -> PageContent:
    """Read the page of a coverage as it is now, in the session in which the coverage was read."""
    slug, pinned, summary, mementos = coverage.slug, None, None, None
    entries = await read_page(session, slug, query.selection)
    if coverage.summary and is_newest(query, entries):
        summary = await find_public_entry(session, slug, coverage.summary)
    if coverage.pinned not in {None, coverage.summary} and is_newest(query, entries):
        pinned = await find_public_entry(session, slug, coverage.pinned or "")
    frontier = await read_frontier(session, slug)
    figures = FigureTable()
    if query.has_figures:
        figures = await services.figure_tables.read(session, coverage)
    if coverage.status == "closed":
        mementos = await find_mementos(session, slug, None)
    return PageContent(
        coverage,
        entries,
        pinned,
        log=frontier,
        figures=figures,
        mementos=mementos,
        summary=summary,
    )


async def read_past_page(
    session: AsyncSession, coverage: Coverage, query: PageQuery, as_of: datetime
) -> PageContent:
    """Read the page of a coverage as it was at a time, in the session of the coverage."""
    slug, last = coverage.slug, await find_last(session, coverage.slug, as_of)
    entries = await read_page_as_of(session, slug, last, query.selection)
    shown = await find_coverage_as_of(session, slug, coverage.cursor.at(last))
    if shown is not None:
        shown = replace(shown, key_events=await read_key_events_as_of(session, slug, last))
    figures = FigureTable()
    if query.has_figures:
        figures = await read_figures_as_of(session, slug, last)
    mementos = await find_mementos(session, slug, as_of)
    return PageContent(coverage, entries, shown=shown, figures=figures, mementos=mementos)


async def read_entry_page(session: AsyncSession, coverage: Coverage, entry_id: str) -> PageContent:
    """Read an entry's page: the entry among its neighbours."""
    slug = coverage.slug
    entry = await find_public_entry(session, slug, entry_id)
    versions = await find_versions(session, coverage, entry)
    newer = await read_page(session, slug, Selection(_NEWER_NEIGHBOURS, after=entry_id))
    older = await read_page(session, slug, Selection(_OLDER_NEIGHBOURS, before=entry_id))
    frontier = await read_frontier(session, slug)
    entries = (*newer.entries, entry, *older.entries)
    around = Slice(entries, has_older=older.has_older, has_newer=newer.has_newer)
    return PageContent(coverage, around, entry=entry, log=frontier, versions=versions)


async def read_past_entry_page(
    session: AsyncSession, coverage: Coverage, entry_id: str, as_of: datetime
) -> PageContent:
    """Read an entry's page as it was at a time: the entry alone."""
    shown, entry = await find_entry_as_of(session, coverage, entry_id, as_of)
    mementos = await find_entry_mementos(session, coverage.slug, entry_id, as_of)
    alone = Slice((entry,), has_older=False, has_newer=False)
    return PageContent(coverage, alone, entry=entry, shown=shown, mementos=mementos)
