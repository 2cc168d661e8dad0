"""Schemas for the desk: the presence of people, previews and conversions."""

from typing import Annotated

from pydantic import Field

from app.web import identifiers as addresses
from app.web.openapi.schemas.shape import Count, EntryId, Shape, Slug, Time


class Visit(Shape):
    """An open tab of the desk."""

    visit: Annotated[str, Field(pattern=addresses.PRESENCE_ID)]
    caller: Annotated[str, Field(description="The caller: `key:` or `person:`, and the id.")]
    name: str
    entry_id: Annotated[EntryId | None, Field(description="The entry that is being edited there.")]


class Visits(Shape):
    """The desk tabs that were active in the last 30 seconds, by name."""

    visits: list[Visit]


class Preview(Shape):
    """The preview of an entry."""

    html: Annotated[str, Field(description="The `<article>` as it would appear on the page.")]


class Conversion(Shape):
    """Pasted HTML as Markdown."""

    markdown: Annotated[str, Field(description="Blank if the HTML shows no words.")]


class PublicCopy(Shape):
    """A copy of a retracted entry, such as the next day's summary, that is still public."""

    coverage: Slug
    entry_id: EntryId
    title: Annotated[str, Field(description="Of the coverage.")]


class Reach(Shape):
    """How many open pages a retraction has reached."""

    reached: Count
    open: Annotated[Count, Field(description="The open pages, in all processes.")]
    at: Annotated[Time | None, Field(description="Of the last count; null before the first.")]
    copies: list[PublicCopy]
