"""The shapes of a coverage, and of a page of them."""

from typing import Annotated

from pydantic import Field

from app.timeline.coverage import CoverageStatus
from app.web.openapi.schemas.entry import Byline
from app.web.openapi.schemas.media import Media
from app.web.openapi.schemas.shape import (
    Count,
    CursorText,
    EntryId,
    Seq,
    Shape,
    Slug,
    Time,
    Url,
)


class Related(Shape):
    """Another page on the story."""

    title: str
    url: str


class KeyEvent(Shape):
    """A turning point."""

    entry_id: EntryId
    title: Annotated[str, Field(description="The headline, or how the text begins.")]
    published_at: Time


class Coverage(Shape):
    """One live page."""

    slug: Slug
    title: str
    kicker: Annotated[str | None, Field(description="The label above the title.")]
    standfirst: Annotated[str | None, Field(description="The summary below the title.")]
    status: Annotated[
        CoverageStatus, Field(description="A `planned` one is seen by the newsroom only.")
    ]
    language: Annotated[str, Field(description="The language of its frame (BCP 47).")]
    languages: Annotated[list[str], Field(description="The languages of its entries.")]
    bylines: list[Byline]
    starts_at: Time | None
    ended_at: Time | None
    created_at: Time
    updated_at: Annotated[Time, Field(description="The time of the last public event.")]
    entry_count: Annotated[Count, Field(description="Without those that were retracted.")]
    pinned: Annotated[EntryId | None, Field(description="The one entry that is held on top.")]
    key_events: list[KeyEvent]
    lead_image: Media | None
    related: list[Related]
    cursor: Annotated[CursorText, Field(description="The journal's head as of this answer.")]
    url: Annotated[Url, Field(description="Its page for people.")]


class Coverages(Shape):
    """A page of coverages, newest first."""

    coverages: list[Coverage]
    next: Annotated[Url | None, Field(description="Where the list goes on; null at its end.")]


class Imported(Shape):
    """What an import stored."""

    coverage: Coverage
    events: Seq
    entries: Count
    drafts: Count
