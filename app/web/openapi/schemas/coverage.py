"""Schemas of a coverage, and of a page of coverages."""

from typing import Annotated

from pydantic import Field

from app.timeline.coverage import MOST_KEY_EVENTS, CoverageStatus
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
    """Another page on the same story."""

    title: str
    url: str


class KeyEvent(Shape):
    """A key event of the timeline."""

    entry_id: EntryId
    title: Annotated[str, Field(description="The headline, or the start of the text.")]
    published_at: Time


class Edition(Shape):
    """A public coverage of the same story in another language, or this one."""

    slug: Slug
    language: Annotated[str, Field(description="BCP 47.")]
    title: str
    url: Annotated[Url, Field(description="The address of its HTML page.")]


class Coverage(Shape):
    """One live page."""

    slug: Slug
    title: str
    kicker: Annotated[str | None, Field(description="The label above the title.")]
    standfirst: Annotated[str | None, Field(description="The summary below the title.")]
    status: Annotated[
        CoverageStatus, Field(description="Only the newsroom sees a `planned` coverage.")
    ]
    language: Annotated[str, Field(description="The language of its page (BCP 47).")]
    languages: Annotated[list[str], Field(description="The languages of its entries.")]
    bylines: list[Byline]
    starts_at: Time | None
    ended_at: Time | None
    created_at: Time
    updated_at: Annotated[Time, Field(description="The time of the last public event.")]
    entry_count: Annotated[Count, Field(description="The number of entries not retracted.")]
    pinned: Annotated[EntryId | None, Field(description="The entry that is pinned to the top.")]
    summary: Annotated[
        EntryId | None, Field(description="The entry above the timeline: what is known so far.")
    ]
    key_events: Annotated[
        list[KeyEvent],
        Field(
            max_length=MOST_KEY_EVENTS,
            description="The newest ones, in order of publication. `/entries?key_events=true` has"
            " them all.",
        ),
    ]
    lead_image: Media | None
    related: list[Related]
    edition_of: Annotated[
        Slug | None, Field(description="The original edition; null for that itself.")
    ]
    editions: Annotated[
        list[Edition], Field(description="All public editions, if there is more than one.")
    ]
    cursor: Annotated[CursorText, Field(description="The journal's head as of this answer.")]
    url: Annotated[Url, Field(description="The address of its HTML page.")]


class Withdrawal(Shape):
    """The withdrawal of a coverage."""

    at: Time
    by: Annotated[str, Field(description="The name of the person or key.")]
    note: Annotated[str, Field(description="The note that readers see in its place.")]


class Availability(Shape):
    """Whether readers get a coverage, and whether the index lists it."""

    withdrawn: Annotated[Withdrawal | None, Field(description="Null while readers get it.")]
    archived: Annotated[bool, Field(description="Whether it is left out while it is closed.")]


class Coverages(Shape):
    """A page of coverages, newest first."""

    coverages: list[Coverage]
    next: Annotated[Url | None, Field(description="The next page; null on the last one.")]


class Imported(Shape):
    """What an import stored."""

    coverage: Coverage
    events: Seq
    entries: Count
    drafts: Count
