"""The shapes of answers, for the OpenAPI document; `framing/history.py` makes the answers."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict

from app.access.roles import Role
from app.timeline.coverage import CoverageStatus
from app.timeline.entry import EntryKind, EntryStatus
from app.timeline.event import EventType


class _Shape(BaseModel):
    # Clients ignore members that they do not know: fields may be added.
    model_config = ConfigDict(extra="allow")


class Byline(_Shape):
    """A name as printed."""

    name: str


class Body(_Shape):
    """Sanitised HTML, and the Markdown that it came from."""

    html: str
    markdown: str | None


class Place(_Shape):
    """Where it happened; degrees."""

    name: str
    lat: float | None
    lon: float | None


class PublicNote(_Shape):
    """What readers are told, and when it was said."""

    note: str
    at: datetime


class Rendition(_Shape):
    """One size of a picture; pixels."""

    url: str
    width: int
    height: int
    type: str


class Media(_Shape):
    """A picture or a video."""

    id: str
    kind: Literal["image", "video"]
    url: str
    alt: str
    caption: str
    credit: str
    width: int | None
    height: int | None
    renditions: list[Rendition]


class Related(_Shape):
    """Another page on the story."""

    title: str
    url: str


class KeyEvent(_Shape):
    """A turning point."""

    entry_id: str
    title: str
    published_at: datetime


class Coverage(_Shape):
    """One live page."""

    slug: str
    title: str
    kicker: str | None
    standfirst: str | None
    status: CoverageStatus
    language: str
    languages: list[str]
    bylines: list[Byline]
    starts_at: datetime | None
    ended_at: datetime | None
    created_at: datetime
    updated_at: datetime
    entry_count: int
    pinned: str | None
    key_events: list[KeyEvent]
    lead_image: Media | None
    related: list[Related]
    cursor: str
    url: str


class Entry(_Shape):
    """One item of a timeline."""

    id: str
    coverage: str
    seq: int | None
    revision: int
    status: EntryStatus
    headline: str | None
    body: Body | None
    kind: EntryKind
    key_event: bool
    pinned: bool
    bylines: list[Byline]
    tags: list[str]
    place: Place | None
    happened_at: datetime | None
    published_at: datetime | None
    updated_at: datetime
    correction: PublicNote | None
    retraction: PublicNote | None
    media: list[Media]
    language: str
    url: str


class Draft(Entry):
    """An entry that is not public yet."""

    embargo_until: datetime | None
    author: str | None


class WrittenEntry(Entry):
    """An entry with the cursor of the event that was just added; null for a draft."""

    cursor: str | None


class Event(_Shape):
    """One fact; it carries `entry` or, for `coverage.*`, `details`."""

    cursor: str
    seq: int
    type: EventType
    coverage: str
    at: datetime
    entry: Entry | None = None
    details: Coverage | None = None


class Coverages(_Shape):
    """A page of coverages."""

    coverages: list[Coverage]
    next: str | None


class Entries(_Shape):
    """A page of a timeline, and the head of its journal."""

    entries: list[Entry]
    cursor: str
    next: str | None
    previous: str | None


class Revision(_Shape):
    """What an entry once said."""

    revision: int
    at: datetime
    note: str | None
    headline: str | None
    body: Body | None


class Revisions(_Shape):
    """An entry's public revisions, oldest first."""

    revisions: list[Revision]


class Events(_Shape):
    """A page of a journal; `cursor` is that of its last event."""

    events: list[Event]
    cursor: str
    more: bool


class Drafts(_Shape):
    """What is not public yet."""

    drafts: list[Draft]


class Key(_Shape):
    """An API key without its secret."""

    id: str
    name: str
    role: Role
    created_at: datetime
    revoked_at: datetime | None


class NewKey(Key):
    """An API key as it is made; `key` is shown this once."""

    key: str | None


class Keys(_Shape):
    """All API keys."""

    keys: list[Key]


class Imported(_Shape):
    """What an import stored."""

    coverage: Coverage
    events: int
    entries: int
    drafts: int


class FieldError(_Shape):
    """What is wrong at one place of a payload (RFC 6901 pointer)."""

    pointer: str
    detail: str


class Problem(_Shape):
    """A refusal (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[FieldError] | None = None


ANSWERS: tuple[type[BaseModel], ...] = (
    Coverages,
    Coverage,
    Entries,
    Entry,
    Revisions,
    Events,
    WrittenEntry,
    Drafts,
    Draft,
    Keys,
    Key,
    NewKey,
    Imported,
    Problem,
)
