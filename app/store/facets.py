"""Earlier facets: what filters saw of a public entry before a change.

Facets are the parts of an entry that a `Selection` compares. Few changes touch them, so only those
that have ended are stored here, each with the events between which they stood.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.store.entries import find_entry
from app.store.facets_table import EarlierFacetsRow
from app.store.prepared import PreparedStatement, delete_of, insert_of, matches, table_of
from app.timeline.entry import Entry
from app.timeline.event import Event

Values = dict[str, object]

_OF_ENTRY = matches(EarlierFacetsRow, "coverage", "entry_id")
_FIND_LAST = PreparedStatement(
    select(func.max(table_of(EarlierFacetsRow).c.until)).where(*_OF_ENTRY)
)
_ADD = insert_of(EarlierFacetsRow)
_DELETE = delete_of(EarlierFacetsRow, "coverage", "entry_id")


@dataclass(frozen=True, slots=True)
class Facets:
    """What filters compare."""

    tags: frozenset[str]
    language: str
    key_event: bool
    has_place: bool
    published_at: datetime | None

    @classmethod
    def of(cls, entry: Entry) -> "Facets":
        """The facets of an entry."""
        return cls(
            frozenset(entry.tags),
            entry.language.lower(),
            entry.key_event,
            entry.place is not None,
            entry.published_at,
        )

    def rows(self, entry: Entry, since: int | None, until: int) -> Iterator[Values]:
        """The rows for these facets of an entry, which stood from one event until another."""
        for position, tag in enumerate(("", *sorted(self.tags))):
            yield {
                "coverage": entry.coverage,
                "entry_id": entry.id,
                "until": until,
                "position": position,
                "since": since,
                "seq": entry.seq,
                "tag": tag,
                "language": self.language,
                "key_event": self.key_event,
                "has_place": self.has_place,
                "published_at": self.published_at,
            }


async def end_facets(session: AsyncSession, event: Event) -> None:
    """Store the facets that an event ends.

    Args:
        session: the transaction, in which the entry's row is still that from before the event.
        event: an event that is about to be stored.
    """
    after = event.entry
    if after is None or event.type == "entry.published":
        return
    of_entry = {"of_coverage": after.coverage, "of_entry_id": after.id}
    if after.status == "retracted":
        await _DELETE.execute(session, of_entry)
        return
    before = await find_entry(session, after.coverage, after.id)
    facets = Facets.of(before)
    if facets == Facets.of(after):
        return
    last = await _FIND_LAST.find(session, of_entry)
    since = last[0] if last and last[0] is not None else before.seq
    for values in facets.rows(before, since, event.seq):
        await _ADD.execute(session, values)


def earlier_facets(events: Iterable[Event]) -> Iterator[Values]:
    """The rows of a whole new journal."""
    rows: dict[str, list[Values]] = {}
    present: dict[str, tuple[Facets, int]] = {}
    for event in events:
        if (entry := event.entry) is None:
            continue
        if entry.status == "retracted":
            rows.pop(entry.id, None)
            continue
        facets = Facets.of(entry)
        standing, since = present.setdefault(entry.id, (facets, event.seq))
        if facets != standing:
            rows.setdefault(entry.id, []).extend(standing.rows(entry, since, event.seq))
            present[entry.id] = (facets, event.seq)
    for of_entry in rows.values():
        yield from of_entry
