"""The shapes of what the desk asks: who is here, and how an entry would look."""

from typing import Annotated

from pydantic import Field

from app.web import params as addresses
from app.web.openapi.schemas.shape import EntryId, Shape


class Visit(Shape):
    """An open tab of the desk."""

    visit: Annotated[str, Field(pattern=addresses.VISIT_ID)]
    caller: Annotated[str, Field(description="Who: `key:` or `person:`, and their id.")]
    name: str
    entry_id: Annotated[EntryId | None, Field(description="What is being written there.")]


class Visits(Shape):
    """Who has been seen at a desk in the last 30 seconds, by name."""

    visits: list[Visit]


class Preview(Shape):
    """How an entry would look."""

    html: Annotated[str, Field(description="The `<article>` as it would stand on the page.")]
