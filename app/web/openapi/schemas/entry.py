"""Schemas of an entry: public, not public yet, and as returned by a write."""

from typing import Annotated, Literal

from pydantic import Field

from app.timeline.edition import OutdatedReason
from app.timeline.entry import EntryKind, EntryStatus
from app.web.openapi.schemas.media import Media
from app.web.openapi.schemas.shape import CursorText, EntryId, Seq, Shape, Slug, Time, Url
from app.web.openapi.schemas.statement import Claim, Figure


class Byline(Shape):
    """An author's name as published."""

    name: str


class Body(Shape):
    """The text of an entry."""

    html: Annotated[str, Field(description="Sanitised: safe to display as it is.")]
    markdown: Annotated[
        str | None, Field(description="The source of `html`; null if the entry was sent as HTML.")
    ]


class Place(Shape):
    """Where it happened; coordinates in degrees (WGS 84), both or neither."""

    name: str
    lat: Annotated[float, Field(ge=-90, le=90)] | None
    lon: Annotated[float, Field(ge=-180, le=180)] | None


class PublicNote(Shape):
    """A note to readers, and its time."""

    note: str
    at: Time


class Outdated(Shape):
    """Why a translation no longer says what its original says."""

    because: OutdatedReason
    revision: Annotated[Seq, Field(description="The original's revision that changed it.")]
    note: Annotated[str | None, Field(description="The public note on that change.")]
    language: Annotated[str, Field(description="The language of the note.")]
    at: Time


class TranslationOf(Shape):
    """The entry that an entry translates."""

    coverage: Annotated[Slug, Field(description="The edition that it is in.")]
    entry_id: EntryId
    revision: Annotated[Seq, Field(description="The revision that the translation renders.")]
    language: Annotated[str, Field(description="The original's language (BCP 47).")]
    url: Url
    outdated: Outdated | None


class AnyEntry(Shape):
    """The fields of every entry, public or not."""

    id: EntryId
    coverage: Annotated[Slug, Field(description="The slug of its coverage.")]
    revision: Annotated[
        Seq, Field(description="Counts its saves; starts again at 1 on publication.")
    ]
    headline: Annotated[str | None, Field(description="Plain text, on one line.")]
    title: Annotated[
        str | None,
        Field(
            description="The headline, else the start of the text, at most 80 characters, as"
            " plain text; null without any text."
        ),
    ]
    body: Body | None
    kind: EntryKind
    key_event: Annotated[bool, Field(description="Whether it is a key event.")]
    pinned: bool
    bylines: list[Byline]
    tags: list[str]
    place: Place | None
    happened_at: Annotated[Time | None, Field(description="When it took place, if given.")]
    updated_at: Annotated[Time, Field(description="When its last revision was saved.")]
    edited_at: Annotated[
        Time | None,
        Field(
            description="When its words, media, claims, figures, place or time were last changed"
            " after its publication; null if they never were. A tag or a pin is no such change."
        ),
    ]
    media: list[Media]
    language: str
    claims: list[Claim]
    figures: list[Figure]
    translation_of: TranslationOf | None
    url: Annotated[Url, Field(description="The address of its HTML page.")]


class Entry(AnyEntry):
    """A published entry, or the tombstone of a retracted one."""

    seq: Annotated[Seq, Field(description="The seq of its publication in the journal.")]
    status: Literal["published", "retracted"]
    published_at: Time
    correction: Annotated[PublicNote | None, Field(description="The latest one.")]
    retraction: Annotated[
        PublicNote | None, Field(description="Final: the text is removed everywhere.")
    ]


class Returned(Shape):
    """An editor's note to the author of a draft that was returned."""

    note: str
    at: Time
    by: Annotated[str, Field(description="The editor's name.")]


class Draft(AnyEntry):
    """An entry that is not public yet, for the newsroom only."""

    seq: None
    status: Literal["draft", "scheduled"]
    published_at: None
    correction: None
    retraction: None
    embargo_until: Annotated[
        Time | None, Field(description="When a scheduled entry is published automatically.")
    ]
    author: Annotated[
        str | None,
        Field(description="The caller who may edit it: `key:` or `person:`, and the id."),
    ]
    summary: Annotated[
        str, Field(description="The start of its text as plain text, at most 280 characters.")
    ]
    submitted_at: Annotated[
        Time | None, Field(description="Since when it waits for an editor; null if it does not.")
    ]
    returned: Annotated[Returned | None, Field(description="Why an editor returned it.")]


class WrittenEntry(AnyEntry):
    """An entry in its state after a request of the newsroom."""

    seq: Seq | None
    status: EntryStatus
    published_at: Time | None
    correction: PublicNote | None
    retraction: PublicNote | None
    embargo_until: Time | None = None
    author: str | None = None
    summary: str | None = None
    submitted_at: Time | None = None
    returned: Returned | None = None
    cursor: Annotated[
        CursorText | None,
        Field(description="The journal's head after the write; null for drafts, without events."),
    ]


class Drafts(Shape):
    """Entries that are not public yet, last saved first."""

    drafts: list[Draft]
    names: Annotated[
        dict[str, str], Field(description="The authors' names; the keys are values of `author`.")
    ]
    now: Annotated[Time, Field(description="The time, by the clock for scheduled entries.")]
