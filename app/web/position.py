"""Position: a point of a coverage's journal, named in a query by a cursor or by a time."""

from typing import Annotated

from pydantic import Field

from app.web.identifiers import CursorRef
from app.web.text_types import QueryMoment

LARGEST_OFFSET = 1_000_000  # items of a list that may be skipped

# A time is tried first. What is neither is refused as an unknown cursor.
Position = Annotated[QueryMoment | CursorRef, Field(union_mode="left_to_right")]
