"""Schemas of net changes, and of the register of corrections."""

from typing import Annotated, Literal

from pydantic import Field

from app.timeline.claim import AssessmentStatus
from app.timeline.net_change import ChangeKind
from app.web.openapi.schemas.entry import Entry
from app.web.openapi.schemas.shape import Count, CursorText, EntryId, Seq, Shape, Slug, Time, Url
from app.web.openapi.schemas.statement import Source, Value


class Reassessment(Shape):
    """A claim or figure that was assessed."""

    text: Annotated[str | None, Field(description="Null for a claim that is the whole entry.")]
    source: Source
    status: AssessmentStatus
    note: str | None


class NetChange(Shape):
    """What became of an entry, whatever happened to it in between."""

    entry_id: EntryId
    kind: ChangeKind
    title: Annotated[str | None, Field(description="Null for a retracted entry.")]
    note: Annotated[str | None, Field(description="The latest public note of this kind.")]
    at: Annotated[Time, Field(description="The time of the last event of this kind.")]
    seq: Annotated[Seq, Field(description="The seq of that event.")]
    url: Annotated[Url, Field(description="The address of the entry's page.")]
    assessed: Annotated[
        list[Reassessment], Field(description="For `assessed`: what changed, contested ones first.")
    ]
    before: Annotated[
        Entry | None, Field(description="Null for a new entry, and for a retracted one.")
    ]
    after: Annotated[Entry, Field(description="Of a retracted entry its tombstone.")]


class Counts(Shape):
    """The number of entries with a net change of each kind, on all pages together."""

    published: Count
    amended: Count
    corrected: Count
    retracted: Count
    assessed: Count
    outdated: Count


class FigureContent(Value):
    """What a source said."""

    status: AssessmentStatus
    note: str | None


class FigureChange(Shape):
    """What became of a source's figure for a metric and group."""

    metric: str
    group: Annotated[str | None, Field(description="Null for everybody.")]
    source: Source
    before: Annotated[FigureContent | None, Field(description="Null if it had said nothing.")]
    after: Annotated[FigureContent | None, Field(description="Null if nothing is left of it.")]
    entry_id: Annotated[EntryId, Field(description="The entry of `after`, else of `before`.")]


class NetChanges(Shape):
    """The net changes between two positions, read in one transaction."""

    from_: Annotated[CursorText, Field(alias="from", description="The earlier position.")]
    to: Annotated[CursorText, Field(description="The later one; where a stream continues.")]
    counts: Counts
    changes: list[NetChange]
    figures: Annotated[
        list[FigureChange], Field(description="The sources that changed last come first.")
    ]
    more: Annotated[bool, Field(description="Whether there are changes after this page.")]
    next: Annotated[Url | None, Field(description="The next page; null on the last one.")]


class Correction(Shape):
    """An event of the register of corrections."""

    coverage: Slug
    entry_id: EntryId
    kind: Literal["corrected", "retracted", "assessed", "outdated"]
    title: Annotated[str | None, Field(description="Null for a retracted entry.")]
    note: str | None
    at: Time
    seq: Seq
    cursor: CursorText
    url: Annotated[Url, Field(description="The address of the entry's page.")]
    assessed: Annotated[
        list[Reassessment], Field(description="For `assessed`: what changed, contested ones first.")
    ]


class Corrections(Shape):
    """A page of the register, newest first."""

    corrections: list[Correction]
    next: Annotated[Url | None, Field(description="The next page; null on the last one.")]
