"""The shapes of a journal's events."""

from typing import Annotated

from pydantic import Field, RootModel

from app.timeline.event import CoverageEventType, EntryEventType
from app.web.openapi.schemas.coverage import Coverage
from app.web.openapi.schemas.entry import Entry
from app.web.openapi.schemas.shape import CursorText, Seq, Shape, Slug, Time


class AnyEvent(Shape):
    """What every event has."""

    cursor: CursorText
    seq: Annotated[Seq, Field(description="Its place in the journal: 1, 2, 3 … without a hole.")]
    coverage: Annotated[Slug, Field(description="The slug of its coverage.")]
    at: Time
    html: Annotated[
        str, Field(description="With `format=html` only: what the page shows of it from now on.")
    ] = ""


class CoverageEvent(AnyEvent):
    """The coverage changed; `details` is all of it, as the event left it."""

    type: CoverageEventType
    details: Coverage


class EntryEvent(AnyEvent):
    """An entry changed; `entry` is all of it, as the event left it."""

    type: EntryEventType
    entry: Entry


class Event(RootModel[Annotated[CoverageEvent | EntryEvent, Field(discriminator="type")]]):
    """One fact of a journal. Ignore types that you do not know."""


class Events(Shape):
    """A page of a journal, in order of seq."""

    events: list[Event]
    cursor: Annotated[
        CursorText, Field(description="That of the last event; of an empty page, `after` itself.")
    ]
    more: Annotated[bool, Field(description="Whether there are events behind this page now.")]
