"""Which of a page's entries a reader asks for, and where the pages before and after it begin."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from app.timeline.entry import Entry
from app.timeline.errors import UnknownEntry


@dataclass(frozen=True, slots=True)
class Selection:
    """A page of entries.

    `before` and `after` are ids and mean older and newer than, whatever the order shown; the page
    takes the entries nearest to them, else it begins at the end that the order shows first.
    `since` (inclusive) and `until` (exclusive) are times of publication. `lang` is compared without
    case (RFC 5646, section 2.1.1). None asks for all.
    """

    limit: int = 20
    before: str | None = None
    after: str | None = None
    order: Literal["newest", "oldest"] = "newest"
    key_events: bool = False
    tag: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    lang: str | None = None

    @property
    def climbs(self) -> bool:
        """Whether the page is taken from its oldest entry upwards."""
        return self.after is not None or (self.order == "oldest" and self.before is None)

    def matches(self, entry: Entry) -> bool:
        """Whether an entry passes the filters."""
        published = entry.published_at
        return (
            published is not None
            and (entry.key_event or not self.key_events)
            and (self.tag is None or self.tag in entry.tags)
            and (self.since is None or published >= self.since)
            and (self.until is None or published < self.until)
            and (self.lang is None or entry.language.lower() == self.lang.lower())
        )


@dataclass(frozen=True, slots=True)
class Slice:
    """A page's entries in the order shown, and whether there are others on either side of them."""

    entries: tuple[Entry, ...]
    has_older: bool
    has_newer: bool


def arrange(selection: Selection, found: list[Entry], *, more: bool, behind: bool) -> Slice:
    """Put what was found into the order shown.

    Args:
        selection: what was asked for.
        found: the page's entries, in any order.
        more: whether there are others further on in the direction in which they were taken.
        behind: whether there are others on the side where the page begins.
    """
    found = sorted(found, key=_seq, reverse=selection.order == "newest")
    older, newer = (behind, more) if selection.climbs else (more, behind)
    return Slice(tuple(found), has_older=older, has_newer=newer)


def select_entries(entries: Iterable[Entry], selection: Selection) -> Slice:
    """Take a page from entries that are all at hand.

    Raises:
        UnknownEntry: `before` or `after` names none of them.
    """
    by_id = {entry.id: entry for entry in entries}
    floor, ceiling = _bound(by_id, selection.after), _bound(by_id, selection.before)
    matching = sorted(filter(selection.matches, by_id.values()), key=_seq)
    within = [
        entry
        for entry in matching
        if (floor is None or _seq(entry) > floor) and (ceiling is None or _seq(entry) < ceiling)
    ]
    if not selection.climbs:
        within.reverse()
    found = within[: selection.limit]
    more = len(within) > selection.limit
    return arrange(selection, found, more=more, behind=_any_behind(matching, found, selection))


def _any_behind(matching: list[Entry], found: list[Entry], selection: Selection) -> bool:
    if not found:
        return False
    first = _seq(found[0])
    return any(
        _seq(entry) < first if selection.climbs else _seq(entry) > first for entry in matching
    )


def _bound(by_id: dict[str, Entry], entry_id: str | None) -> int | None:
    if entry_id is None:
        return None
    if entry_id not in by_id:
        raise UnknownEntry(f"There is no entry {entry_id} here.")
    return _seq(by_id[entry_id])


def _seq(entry: Entry) -> int:
    assert entry.seq is not None
    return entry.seq
