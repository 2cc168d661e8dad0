"""Figure tables in memory: the present figures of coverages, and what was rendered from them.

Theory of operation. A table is kept with the head of the journal at which it was read. It is never
assumed to be current: each reading asks the journal's database what has changed since, in the
transaction in which it read the head, and applies it. So it does not matter which process wrote, or
whether a notification was lost. After a retraction the figures are read anew, since it deletes
rows instead of ending them.

Retracted words must not stay in memory either. A table is kept only while this process follows the
journal and has read no event that the table lacks: then a later retraction passes through the
follower, which drops the table.
"""

from collections import OrderedDict

from sqlmodel.ext.asyncio.session import AsyncSession

from app.hub.follower import Follower
from app.store.journal import has_redaction
from app.store.statements import read_figure_changes, read_observations
from app.timeline.coverage import Coverage
from app.timeline.cursor import Cursor
from app.timeline.figure_table import LONGEST_LINE, FigureTable

_CAPACITY = 8 * 1024 * 1024  # approximate bytes of the kept tables
_OF_A_TABLE, _OF_AN_OBSERVATION = 16 * 1024, 1536  # bytes, with what is rendered from them


class FigureTables:
    """The tables that were read last.

    Args:
        follower: knows the heads of journals, and reports retractions.
        capacity: approximate bytes of the kept tables; 0 keeps none.
        longest: the most observations of a series in a table.
    """

    def __init__(
        self, follower: Follower, capacity: int = _CAPACITY, longest: int = LONGEST_LINE
    ) -> None:
        self._follower = follower
        self._capacity = capacity
        self._longest = longest
        self._kept: OrderedDict[str, tuple[Cursor, FigureTable]] = OrderedDict()
        self._weight = 0
        follower.on_redaction(self.drop)

    def __contains__(self, slug: str) -> bool:
        return slug in self._kept

    async def read(self, session: AsyncSession, coverage: Coverage) -> FigureTable:
        """Read the present figures of a coverage.

        Args:
            session: the session in which the coverage was read.
            coverage: the coverage, whose cursor is the head of its journal.
        """
        slug, cursor, table = coverage.slug, coverage.cursor, None
        kept = self._kept.get(slug)
        if kept is not None and kept[0].epoch == cursor.epoch and kept[0].seq <= cursor.seq:
            table = await _bring_up_to_date(session, slug, kept, cursor)
        if table is None:
            observations = await read_observations(session, slug, last=self._longest)
            table = FigureTable.arrange(observations, self._longest)
        if coverage.is_public:
            self._keep(slug, cursor, table)
        return table

    def _keep(self, slug: str, cursor: Cursor, table: FigureTable) -> None:
        head = self._follower.head_of(slug)
        if head is None or head.epoch != cursor.epoch or head.seq > cursor.seq:
            return
        kept = self._kept.get(slug)
        if kept is not None and kept[0].epoch == cursor.epoch and kept[0].seq > cursor.seq:
            return
        self.drop(slug)
        self._kept[slug] = (cursor, table)
        self._weight += _weight(table)
        while self._weight > self._capacity:
            self.drop(next(iter(self._kept)))

    def drop(self, slug: str) -> None:
        """Drop the table of a coverage."""
        kept = self._kept.pop(slug, None)
        if kept is not None:
            self._weight -= _weight(kept[1])


async def _bring_up_to_date(
    session: AsyncSession, slug: str, kept: tuple[Cursor, FigureTable], head: Cursor
) -> FigureTable | None:
    """Return a table as of the head that the session sees; None if it has to be read anew."""
    cursor, table = kept
    if cursor.seq == head.seq:
        return table
    if await has_redaction(session, slug, cursor.seq):
        return None
    return table.apply(await read_figure_changes(session, slug, cursor.seq))


def _weight(table: FigureTable) -> int:
    return _OF_A_TABLE + _OF_AN_OBSERVATION * table.size
