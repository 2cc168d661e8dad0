"""Schemas of a page of a timeline, and of an entry's revisions."""

from typing import Annotated

from pydantic import Field

from app.web.openapi.schemas.entry import Body, Entry
from app.web.openapi.schemas.shape import CursorText, Seq, Shape, Time, Url
from app.web.openapi.schemas.statement import Claim, Figure


class Entries(Shape):
    """A page of a timeline, and the head of its journal, read in one transaction."""

    entries: list[Entry]
    cursor: Annotated[CursorText, Field(description="Where a stream continues from this page.")]
    next: Annotated[Url | None, Field(description="The next page in this order; null on the last.")]
    previous: Annotated[Url | None, Field(description="The page before; null on the first.")]


class Revision(Shape):
    """An entry's text in one revision."""

    revision: Seq
    at: Time
    note: Annotated[str | None, Field(description="The public note, if it was a correction.")]
    headline: str | None
    body: Body | None
    claims: list[Claim]
    figures: list[Figure]


class Revisions(Shape):
    """An entry's public revisions, oldest first; none for a retracted entry."""

    revisions: list[Revision]


_MARKED = "HTML: the matches are in `<mark>`, and there is no other element."


class SearchResult(Shape):
    """An entry that was found."""

    entry: Entry
    headline: Annotated[str | None, Field(description=f"The headline as {_MARKED}")]
    text: Annotated[str, Field(description=f"An excerpt of the words below it, as {_MARKED}")]


class SearchResults(Shape):
    """A page of what was found, with the head of the journal."""

    results: list[SearchResult]
    cursor: CursorText
    next: Annotated[Url | None, Field(description="The next page; null on the last.")]
