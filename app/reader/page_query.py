"""The query of a coverage's page: which entries it shows and how, and the addresses of others."""

from typing import Annotated, Any, Literal
from urllib.parse import urlencode

from pydantic import BaseModel, Field

from app.formats.public_json import format_time
from app.timeline.selection import Selection
from app.web.params import EntryRef
from app.web.text_types import Line, QueryMoment


class View(BaseModel):
    """A page's query; members that are not given have their defaults."""

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
        """Return the selection of entries, without `at`."""
        asked = self.model_dump(exclude={"at", "lite"})
        # An HTML form sends an empty value for a field that is not filled in.
        return Selection(**{name: value for name, value in asked.items() if value != ""})

    @property
    def is_whole(self) -> bool:
        """Whether the page has no filter and begins with the newest entries."""
        return self == View(lite=self.lite)

    def change(self, **changes: Any) -> "View":
        """Return the query with changes; it begins at the first page unless they name another."""
        return self.model_copy(update={"before": None, "after": None, **changes})

    def address(self, page: str) -> str:
        """Return the address with this query.

        Args:
            page: the address without a query.
        """
        given = self.model_dump(exclude_defaults=True)
        asked = {name: _told(value) for name, value in given.items() if value != ""}
        return f"{page}?{urlencode(asked)}" if asked else page

    def canonical(self, page: str) -> str:
        """Return the canonical address for search engines: with the page, without any filter."""
        return View(before=self.before, after=self.after).address(page)


def _told(value: Any) -> str:
    if isinstance(value, bool):
        return "true"
    return format_time(value) if hasattr(value, "tzinfo") else str(value)
