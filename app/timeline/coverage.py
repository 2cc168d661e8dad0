"""Coverage: a live page's header fields, its status, and the head of its journal."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal, TypedDict

from app.timeline.cursor import Cursor
from app.timeline.edition import Edition
from app.timeline.entry import Byline, Media
from app.timeline.truncation import truncate
from app.timeline.withdrawal import Withdrawal

CoverageStatus = Literal["planned", "live", "paused", "closed"]
EntryBylines = Literal["none", "desk", "writer"]

MOST_KEY_EVENTS = 100  # that a coverage lists; all of them are a selection of its entries
MOST_LINKS = 50  # related pages of a coverage
_LINK_LENGTH = 200  # characters of their titles

SLUG = re.compile(r"[a-z0-9-]{1,100}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Related:
    """A link to another page on the story, such as that of the day before."""

    title: str
    url: str

    @classmethod
    def titled(cls, title: str, url: str) -> "Related":
        """Return the link to another coverage, whose title may be longer than a link's."""
        return cls(truncate(title, _LINK_LENGTH), url)


@dataclass(frozen=True, slots=True)
class KeyEvent:
    """A key event, as the page's navigation lists it.

    `seq` is that of its publication, which decides the order of two that were published at one
    time. Public records do not have it: a key event that was decoded from one has 0.
    """

    entry_id: str
    title: str
    published_at: datetime
    seq: int = field(default=0, compare=False)

    @property
    def order(self) -> tuple[datetime, int]:
        """The key of the order of publication."""
        return self.published_at, self.seq


class CoverageFields(TypedDict, total=False):
    """The fields that the newsroom may set on a coverage, apart from its status."""

    title: str
    kicker: str | None
    standfirst: str | None
    language: str
    languages: tuple[str, ...]
    bylines: tuple[Byline, ...]
    entry_bylines: EntryBylines
    starts_at: datetime | None
    ended_at: datetime | None
    lead_image: Media | None
    related: tuple[Related, ...]
    edition_of: str | None
    editions: tuple[Edition, ...]


@dataclass(frozen=True, slots=True)
class Coverage:
    """One live page as of `cursor`, the head of its journal.

    While it is *planned*, nothing is public and the journal is empty (seq 0). `entry_count` does
    not count tombstones; `key_events` are the newest `MOST_KEY_EVENTS`, in order of publication;
    `updated_at` is the time of the last public event, or of the last save while it is planned.
    `edition_of` is the slug of the original edition, None for that itself; `editions` are all
    public editions, this one among them, and none without another. `summary` is the id of the entry
    that says above the timeline what is known so far; events before its retraction go on naming it.

    Three members are no part of the journal: `entry_bylines` says whose name the desk puts into a
    new entry, `withdrawn` hides the coverage, and `is_archived` takes a closed one from the index.
    """

    slug: str
    title: str
    status: CoverageStatus
    language: str
    created_at: datetime
    updated_at: datetime
    cursor: Cursor
    kicker: str | None = None
    standfirst: str | None = None
    languages: tuple[str, ...] = ()
    bylines: tuple[Byline, ...] = ()
    entry_bylines: EntryBylines = "none"
    starts_at: datetime | None = None
    ended_at: datetime | None = None
    lead_image: Media | None = None
    related: tuple[Related, ...] = ()
    edition_of: str | None = None
    editions: tuple[Edition, ...] = ()
    entry_count: int = 0
    pinned: str | None = None
    summary: str | None = None
    key_events: Sequence[KeyEvent] = ()
    withdrawn: Withdrawal | None = None
    is_archived: bool = False

    @property
    def is_public(self) -> bool:
        """Whether readers can see it."""
        return self.status != "planned" and self.withdrawn is None

    def without(self, entry_id: str) -> "Coverage":
        """Return the coverage without the pin and the key event of an entry."""
        return replace(
            self,
            pinned=None if self.pinned == entry_id else self.pinned,
            key_events=tuple(k for k in self.key_events if k.entry_id != entry_id),
        )

    def with_key_events(self, key_events: Iterable[KeyEvent]) -> "Coverage":
        """Return the coverage with the newest of these, or itself if it lists the same ones."""
        newest = tuple(sorted(key_events, key=lambda each: each.order)[-MOST_KEY_EVENTS:])
        return self if newest == self.key_events else replace(self, key_events=newest)

    @property
    def may_lack_key_event(self) -> bool:
        """Whether one has left a full list, so that the next older one has to come in."""
        return len(self.key_events) == MOST_KEY_EVENTS - 1
