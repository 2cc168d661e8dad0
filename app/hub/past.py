"""Past pages: what a coverage showed as of a time, computed in time slices and cached.

Theory of operation. A page as of a time is the journal folded up to the last event before it, which
is its cache key: all times between two consecutive events have the same page. Only a retraction
changes it, so the cache stores it with the head of the journal at which it was valid, and it stays
valid until a retraction follows that head. The journal itself is queried for one, in the
transaction that reads the head for the response. A retraction of which this process is notified
also drops the coverage's cached pages at once: retracted words must not stay in memory.

The journal is read in short transactions, so that no connection is held while other work has its
time slices.
"""

import asyncio
from collections import OrderedDict
from dataclasses import dataclass, replace
from datetime import datetime

from app.hub.follower import Follower
from app.hub.slices import TimeSlices
from app.store.coverages import find_coverage
from app.store.engine import Store
from app.store.journal import find_last, has_redaction, read_rows, row_event
from app.store.statements import read_observations
from app.timeline.coverage import Coverage
from app.timeline.event import Event
from app.timeline.figure_table import LONGEST_LINE, FigureTable
from app.timeline.fold import Page, fold
from app.timeline.selection import Selection, Slice, select_entries

_ROWS = 100  # rows of the journal that are read at a time
_STEP = 20  # events that are folded at a time
_CAPACITY = 8 * 1024 * 1024  # approximate bytes of the cached pages

Key = tuple[str, str, int, Selection]


@dataclass(frozen=True, slots=True)
class PastPage:
    """A page of the past.

    Args:
        coverage: the coverage now, with the head at which the page is valid.
        coverage_as_of: the coverage as of the time; None before it was opened.
        entries: the selected entries.
        figures: those of the entries that stood then.
    """

    coverage: Coverage
    coverage_as_of: Coverage | None
    entries: Slice
    figures: FigureTable


class PastPages:
    """A cache of the past pages that were requested last.

    Args:
        store: the database of the journals.
        follower: reports retractions.
        slices: the time slices in which pages are folded.
    """

    def __init__(self, store: Store, follower: Follower, slices: TimeSlices) -> None:
        self._store = store
        self._follower = follower
        self._slices = slices
        self._drops = 0  # how often pages were dropped; pages being computed check it
        follower.on_redaction(self.drop)
        self._pages: OrderedDict[Key, PastPage] = OrderedDict()
        self._weight = 0
        self._computing: dict[Key, asyncio.Future[None]] = {}

    def __len__(self) -> int:
        return len(self._pages)

    async def page(self, slug: str, as_of: datetime, selection: Selection) -> PastPage:
        """What a public coverage showed as of a time. It must not be called in a transaction.

        Args:
            slug: of an existing coverage.
            as_of: inclusive.
            selection: which of its entries.

        Raises:
            UnknownCoverage: the coverage does not exist.
            UnknownEntry: the selection names an entry that did not exist at that time.
        """
        while True:
            async with self._store.reading() as session:
                coverage = await find_coverage(session, slug)
                last = await find_last(session, slug, as_of)
                key = (slug, coverage.cursor.epoch, last, selection)
                cached = self._pages.get(key)
                if cached and await has_redaction(session, slug, cached.coverage.cursor.seq):
                    self.drop(slug)
                    cached = None
            if cached is not None:
                if key in self._pages:  # it may have been dropped in the meantime
                    self._insert(key, replace(cached, coverage=coverage))
                await self._follower.follow(slug, coverage.cursor)
                return replace(cached, coverage=coverage)
            if computing := self._computing.get(key):
                await asyncio.wait({computing})
            elif page := await self._compute(key, coverage, as_of):
                return page

    async def _compute(self, key: Key, coverage: Coverage, as_of: datetime) -> PastPage | None:
        """Compute a page and cache it; None if a retraction came in the meantime."""
        self._computing[key] = done = asyncio.get_running_loop().create_future()
        try:
            slug, _, last, selection = key
            page = await self._fold(coverage, last)
            entries = page.entries.values() if page else ()
            selected = await self._slices.run(lambda: select_entries(entries, selection))
            # From here on this process is notified of retractions, and each changes `_drops`.
            await self._follower.follow(slug, coverage.cursor)
            drops = self._drops
            async with self._store.reading() as session:
                now = await find_coverage(session, slug)
                if now.cursor.epoch != coverage.cursor.epoch:
                    return None
                if await has_redaction(session, slug, coverage.cursor.seq):
                    return None
                # A time in the future may have more events by now, which the page lacks.
                if await find_last(session, slug, as_of) != last:
                    now = coverage
                observations = await read_observations(session, slug, seq=last, last=LONGEST_LINE)
            figures = FigureTable.arrange(observations)
            past = PastPage(now, page.coverage if page else None, selected, figures)
            if drops == self._drops and self._follower.head_of(slug) is not None:
                self._insert(key, past)
            return past
        finally:
            done.set_result(None)
            del self._computing[key]

    async def _fold(self, coverage: Coverage, last: int) -> Page | None:
        slug, epoch = coverage.slug, coverage.cursor.epoch
        page: Page | None = None

        def apply(batch: list[Event]) -> None:
            nonlocal page
            page = fold(page, batch)

        for after in range(0, last, _ROWS):
            async with self._store.reading() as session:
                rows = await read_rows(session, slug, after, min(_ROWS, last - after))
            events = await self._slices.map(lambda row: row_event(row, slug, epoch), rows)
            starts = range(0, len(events), _STEP)
            await self._slices.map(apply, [events[start : start + _STEP] for start in starts])
        return page

    def _insert(self, key: Key, page: PastPage) -> None:
        self._evict(key)
        self._pages[key] = page
        self._weight += _weight(page)
        while self._weight > _CAPACITY:
            self._evict(next(iter(self._pages)))

    def _evict(self, key: Key) -> None:
        page = self._pages.pop(key, None)
        if page is not None:
            self._weight -= _weight(page)

    def drop(self, slug: str) -> None:
        """Drop all cached pages of a coverage."""
        self._drops += 1
        for key in [key for key in self._pages if key[0] == slug]:
            self._evict(key)


def _weight(page: PastPage) -> int:
    bodies = (entry.body for entry in page.entries.entries if entry.body)
    words = sum(len(body.html) + len(body.markdown or "") for body in bodies)
    items = len(page.entries.entries) + page.figures.size
    return 4096 + 1024 * items + words
