"""Which part of a coverage a page shows, and how: what its query says, and the way to others."""

from typing import Annotated, Any, Literal
from urllib.parse import urlencode

from pydantic import BaseModel, Field

from app.formats.public_json import format_time
from app.timeline.selection import Selection
from app.web.params import EntryRef
from app.web.text_types import Line, QueryMoment


class View(BaseModel):
    """A page's query; what is not given is not there."""

    before: EntryRef | None = None
    after: EntryRef | None = None
    order: Literal["newest", "oldest"] = "newest"
    key_events: bool = False
    tag: Annotated[Line | None, Field(max_length=300)] = None
    lang: Annotated[Line | None, Field(max_length=100)] = None
    at: QueryMoment | None = None
    lite: bool = False

    @property
    def selection(self) -> Selection:
        """The entries asked for, but for their moment."""
        asked = self.model_dump(exclude={"at", "lite"})
        # A form without an answer sends an empty one.
        return Selection(**{name: value for name, value in asked.items() if value != ""})

    @property
    def is_whole(self) -> bool:
        """Whether every entry may be on it, in the order in which new ones come on top."""
        return self == View(lite=self.lite)

    def change(self, **changes: Any) -> "View":
        """The same question but for that, from its first page on unless a page is named."""
        return self.model_copy(update={"before": None, "after": None, **changes})

    def address(self, page: str) -> str:
        """Where it is.

        Args:
            page: the address without a query.
        """
        given = self.model_dump(exclude_defaults=True)
        asked = {name: _told(value) for name, value in given.items() if value != ""}
        return f"{page}?{urlencode(asked)}" if asked else page

    def canonical(self, page: str) -> str:
        """The address under which search engines should know it: a page, but no choice of it."""
        return View(before=self.before, after=self.after).address(page)


def _told(value: Any) -> str:
    if isinstance(value, bool):
        return "true"
    return format_time(value) if hasattr(value, "tzinfo") else str(value)
