"""Selection: the page of entries that a reader requests, and whether there are more around it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from app.timeline.entry import Entry
from app.timeline.errors import UnknownEntry


@dataclass(frozen=True, slots=True)
class Selection:
    """The parameters of a page of entries.

    `before` and `after` are ids and mean older and newer than that entry, in either order; the page
    takes the entries nearest to it. Without them it begins at the end that the order shows first.
    `since` (inclusive) and `until` (exclusive) are times of publication. `lang` is compared without
    regard to case (RFC 5646, section 2.1.1). `places` takes the entries that name a place. None
    means no restriction.
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
    places: bool = False

    @property
    def is_ascending(self) -> bool:
        """Whether the page is taken from its oldest entry to newer ones."""
        return self.after is not None or (self.order == "oldest" and self.before is None)

    @property
    def is_filtered(self) -> bool:
        """Whether there may be entries that do not pass the filters."""
        given = (self.tag, self.since, self.until, self.lang)
        return self.key_events or self.places or any(each is not None for each in given)

    def matches(self, entry: Entry) -> bool:
        """Whether an entry passes the filters."""
        published = entry.published_at
        return (
            published is not None
            and (entry.key_event or not self.key_events)
            and (entry.place is not None or not self.places)
            and (self.tag is None or self.tag in entry.tags)
            and (self.since is None or published >= self.since)
            and (self.until is None or published < self.until)
            and (self.lang is None or entry.language.lower() == self.lang.lower())
        )


@dataclass(frozen=True, slots=True)
class Slice:
    """A page's entries in display order, and whether there are older and newer ones."""

    entries: tuple[Entry, ...]
    has_older: bool
    has_newer: bool


def arrange(
    selection: Selection, entries: list[Entry], *, has_next: bool, has_previous: bool
) -> Slice:
    """Put a page's entries into display order.

    Args:
        selection: the parameters of the page.
        entries: the page's entries, in any order.
        has_next: whether there are more entries in the direction in which they were taken.
        has_previous: whether there are entries before the page's first one in that direction.
    """
    ordered = tuple(sorted(entries, key=_seq, reverse=selection.order == "newest"))
    if selection.is_ascending:
        return Slice(ordered, has_older=has_previous, has_newer=has_next)
    return Slice(ordered, has_older=has_next, has_newer=has_previous)


def select_entries(entries: Iterable[Entry], selection: Selection) -> Slice:
    """Take a page from entries that are all in memory.

    Raises:
        UnknownEntry: `before` or `after` names none of them.
    """
    by_id = {entry.id: entry for entry in entries}
    lower, upper = _bound(by_id, selection.after), _bound(by_id, selection.before)
    matching = sorted(filter(selection.matches, by_id.values()), key=_seq)
    within = [
        entry
        for entry in matching
        if (lower is None or _seq(entry) > lower) and (upper is None or _seq(entry) < upper)
    ]
    if not selection.is_ascending:
        within.reverse()
    page = within[: selection.limit]
    first = 0 if selection.is_ascending else -1  # of `matching`, in the page's direction
    has_previous = bool(page) and _seq(matching[first]) != _seq(page[0])
    has_next = len(within) > selection.limit
    return arrange(selection, page, has_next=has_next, has_previous=has_previous)


def _bound(by_id: dict[str, Entry], entry_id: str | None) -> int | None:
    if entry_id is None:
        return None
    if entry_id not in by_id:
        raise UnknownEntry(f"There is no entry {entry_id} here.")
    return _seq(by_id[entry_id])


def _seq(entry: Entry) -> int:
    assert entry.seq is not None
    return entry.seq
