"""The shapes of an entry: public, not public yet, and as it was just written."""

from typing import Annotated, Literal

from pydantic import Field

from app.timeline.entry import EntryKind, EntryStatus
from app.web.openapi.schemas.media import Media
from app.web.openapi.schemas.shape import CursorText, EntryId, Seq, Shape, Slug, Time, Url


class Byline(Shape):
    """A name as printed."""

    name: str


class Body(Shape):
    """The words of an entry."""

    html: Annotated[str, Field(description="Sanitised: safe to show as it is.")]
    markdown: Annotated[
        str | None, Field(description="What it was rendered from; null when it came as HTML.")
    ]


class Place(Shape):
    """Where it happened; degrees (WGS 84), both or neither."""

    name: str
    lat: Annotated[float, Field(ge=-90, le=90)] | None
    lon: Annotated[float, Field(ge=-180, le=180)] | None


class PublicNote(Shape):
    """What readers are told, and when it was said."""

    note: str
    at: Time


class AnyEntry(Shape):
    """What every entry has, public or not."""

    id: EntryId
    coverage: Annotated[Slug, Field(description="The slug of its coverage.")]
    revision: Annotated[
        Seq, Field(description="Counts its saves; begins again at 1 with publication.")
    ]
    headline: Annotated[str | None, Field(description="Plain text, on one line.")]
    title: Annotated[
        str | None,
        Field(
            description="The headline, else the beginning of the text, 80 characters at most, as"
            " plain text; null where there are no words."
        ),
    ]
    body: Body | None
    kind: EntryKind
    key_event: Annotated[bool, Field(description="Whether it is a turning point.")]
    pinned: bool
    bylines: list[Byline]
    tags: list[str]
    place: Place | None
    happened_at: Annotated[Time | None, Field(description="When it took place, if told.")]
    updated_at: Time
    media: list[Media]
    language: str
    url: Annotated[Url, Field(description="Its page for people.")]


class Entry(AnyEntry):
    """A published entry, or the tombstone in the place of a retracted one."""

    seq: Annotated[Seq, Field(description="The place of its publication in the journal.")]
    status: Literal["published", "retracted"]
    published_at: Time
    correction: Annotated[PublicNote | None, Field(description="The latest.")]
    retraction: Annotated[
        PublicNote | None, Field(description="Final: with it the words are gone everywhere.")
    ]


class Returned(Shape):
    """What the author of a draft was told when it came back."""

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
        Time | None, Field(description="When a scheduled one is published by itself.")
    ]
    author: Annotated[
        str | None,
        Field(description="Who may go on writing it: `key:` or `person:`, and their id."),
    ]
    summary: Annotated[
        str, Field(description="The beginning of its text as plain text, 280 characters at most.")
    ]
    submitted_at: Annotated[
        Time | None, Field(description="Since when it waits for an editor; null if it does not.")
    ]
    returned: Annotated[Returned | None, Field(description="Why an editor gave it back.")]


class WrittenEntry(AnyEntry):
    """An entry as a request of the newsroom left it."""

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
        Field(description="The journal's head after it; null for a draft, which has no event."),
    ]


class Drafts(Shape):
    """What is not public yet, last saved first."""

    drafts: list[Draft]
    names: Annotated[
        dict[str, str], Field(description="What their authors are called, by `author`.")
    ]
    now: Annotated[Time, Field(description="By the clock that publishes what is scheduled.")]
