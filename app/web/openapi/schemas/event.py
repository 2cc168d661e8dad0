"""Schemas of a journal's events."""

from typing import Annotated

from pydantic import Field, RootModel

from app.timeline.event import CoverageEventType, EntryEventType
from app.web.openapi.schemas.coverage import Coverage
from app.web.openapi.schemas.entry import Entry
from app.web.openapi.schemas.shape import CursorText, Seq, Shape, Slug, Time


class AnyEvent(Shape):
    """The fields of every event."""

    cursor: CursorText
    seq: Annotated[Seq, Field(description="Its number in the journal: 1, 2, 3 … without gaps.")]
    coverage: Annotated[Slug, Field(description="The slug of its coverage.")]
    at: Time
    html: Annotated[
        str, Field(description="With `format=html` only: what the page shows of it now.")
    ] = ""


class CoverageEvent(AnyEvent):
    """The coverage changed; `details` is its whole state after the event."""

    type: CoverageEventType
    details: Coverage


class EntryEvent(AnyEvent):
    """An entry changed; `entry` is its whole state after the event."""

    type: EntryEventType
    entry: Entry


class Event(RootModel[Annotated[CoverageEvent | EntryEvent, Field(discriminator="type")]]):
    """One event of a journal. Ignore unknown types."""


class Events(Shape):
    """A page of a journal, in order of seq."""

    events: list[Event]
    cursor: Annotated[
        CursorText, Field(description="The last event's cursor; on an empty page, `after` itself.")
    ]
    more: Annotated[bool, Field(description="Whether there are events after this page now.")]
