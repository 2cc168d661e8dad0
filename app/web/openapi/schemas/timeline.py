"""The shapes of a page of a timeline, and of what an entry once said."""

from typing import Annotated

from pydantic import Field

from app.web.openapi.schemas.entry import Body, Entry
from app.web.openapi.schemas.shape import CursorText, Seq, Shape, Time, Url


class Entries(Shape):
    """A page of a timeline, and the head of its journal, read at one moment."""

    entries: list[Entry]
    cursor: Annotated[CursorText, Field(description="Where a stream goes on from this page.")]
    next: Annotated[Url | None, Field(description="On, in the order shown; null at its end.")]
    previous: Annotated[Url | None, Field(description="Back; null on the first page.")]


class Revision(Shape):
    """What an entry said."""

    revision: Seq
    at: Time
    note: Annotated[str | None, Field(description="The public note, if it was a correction.")]
    headline: str | None
    body: Body | None


class Revisions(Shape):
    """An entry's public revisions, oldest first; of a retracted one none."""

    revisions: list[Revision]
