"""Schemas of claims and figures."""

from typing import Annotated

from pydantic import Field

from app.timeline.claim import AssessmentStatus
from app.web.openapi.schemas.shape import CursorText, EntryId, Shape, Time, Url
from app.web.text_types import AsOf


class Source(Shape):
    """Who said something, and where it can be read."""

    name: str
    url: Annotated[str | None, Field(description="Its address, as the newsroom wrote it.")]


class Assessment(Shape):
    """How far a claim was established, from a time on."""

    status: AssessmentStatus
    note: str | None
    at: Time


class Claim(Shape):
    """A statement of a source, with the newsroom's present assessment."""

    id: Annotated[str, Field(description="Unique in the entry.")]
    text: Annotated[str | None, Field(description="Null for the whole entry.")]
    source: Source
    status: AssessmentStatus
    note: str | None
    at: Annotated[Time, Field(description="The time of the present assessment.")]
    history: Annotated[list[Assessment], Field(description="Earlier ones, oldest first.")]


class Value(Shape):
    """A number or a range; all null if the source reports none."""

    low: Annotated[float | None, Field(description="Null is unbounded.")]
    high: Annotated[float | None, Field(description="Null is unbounded.")]
    about: Annotated[bool, Field(description="Whether it is approximate.")]
    text: Annotated[str | None, Field(description="Words such as `dozens`.")]
    as_of: Annotated[
        AsOf | None, Field(description="The time of the number; null: its publication.")
    ]


class Figure(Value):
    """A number that a source gives for a metric."""

    metric: str
    group: Annotated[str | None, Field(description="Null for everybody.")]
    source: Source
    status: AssessmentStatus
    note: str | None


class PublishedClaim(Claim):
    """A claim, with the entry that reports it."""

    entry_id: EntryId
    published_at: Time
    url: Annotated[Url, Field(description="The address of the entry's page.")]


class Claims(Shape):
    """Claims of a coverage, and the head of its journal, read in one transaction."""

    claims: list[PublishedClaim]
    cursor: Annotated[CursorText, Field(description="Where a stream continues from here.")]


class Observation(Figure):
    """A figure, with the entry that reports it."""

    entry_id: EntryId
    published_at: Time
    url: Annotated[Url, Field(description="The address of the entry's page.")]


class SourceLine(Observation):
    """What a source says now."""

    earlier: Annotated[Value | None, Field(description="What it said before; null at first.")]


class LedgerGroup(Shape):
    """What each source says of a metric and group."""

    metric: str
    group: Annotated[str | None, Field(description="Null for everybody.")]
    sources_differ: Annotated[bool, Field(description="Whether two ranges do not meet.")]
    sources: list[SourceLine]


class FlatLine(Observation):
    """An observation in a flat list."""

    superseded_by: Annotated[
        EntryId | None, Field(description="The entry of the next observation of the series.")
    ]


class Figures(Shape):
    """Figures of a coverage, and the head of its journal, read in one transaction."""

    figures: list[LedgerGroup] | list[FlatLine]
    cursor: Annotated[CursorText, Field(description="Where a stream continues from here.")]
