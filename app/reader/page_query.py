"""The query of a coverage's page: which entries it shows and how, and the addresses of others."""

from typing import Annotated, Any, Literal
from urllib.parse import urlencode

from pydantic import BaseModel, ConfigDict, Field, model_validator

from app.formats.rfc3339 import format_time
from app.timeline.selection import Selection
from app.web.identifiers import EntryRef
from app.web.position import LARGEST_OFFSET, Position
from app.web.text_types import Line, QueryMoment

_ON_FIRST_PAGE = 20  # entries; a first page is there at once on a slow network too
_ON_NEXT_PAGE = 50  # who goes on wants to read, and not to press again soon
_DIFFERENCE = ("from_", "to", "offset")  # what the page shows instead of its entries


class PageQuery(BaseModel):
    """A page's query; members that are not given have their defaults."""

    before: EntryRef | None = None
    after: EntryRef | None = None
    order: Literal["newest", "oldest"] = "newest"
    key_events: bool = False
    tag: Annotated[Line | None, Field(max_length=300)] = None
    lang: Annotated[Line | None, Field(max_length=100)] = None
    at: QueryMoment | None = None
    from_: Annotated[Position | None, Field(alias="from")] = None
    to: Position | None = None
    offset: Annotated[int, Field(ge=0, le=LARGEST_OFFSET)] = 0
    lite: bool = False

    model_config = ConfigDict(populate_by_name=True)

    @model_validator(mode="after")
    def ignore_unused(self) -> "PageQuery":
        """Ignore what has no meaning without `from`, which a form may send without a value."""
        self.from_, self.to = self.from_ or None, self.to or None
        if self.from_ is None:
            self.to, self.offset = None, 0
        return self

    @property
    def selection(self) -> Selection:
        """Return the selection of entries, without `at`."""
        members = self.model_dump(exclude={"at", "lite", *_DIFFERENCE})
        # An HTML form sends an empty value for a field that is not filled in.
        given = {name: value for name, value in members.items() if value != ""}
        return Selection(_ON_NEXT_PAGE if self.before or self.after else _ON_FIRST_PAGE, **given)

    @property
    def is_whole(self) -> bool:
        """Whether the page has no filter and begins with the newest entries."""
        return self == PageQuery(lite=self.lite)

    @property
    def is_unfiltered(self) -> bool:
        """Whether the page is the whole one, of the present or of a past time."""
        return self.model_copy(update={"lite": False, "at": None}) == PageQuery()

    @property
    def has_figures(self) -> bool:
        """Whether the figures of the coverage are shown: on the first page of every view."""
        return not (self.before or self.after)

    def figures_address(self, page: str) -> str:
        """Return the address of the section with the figures.

        Args:
            page: the address of the coverage's page, without a query.
        """
        return PageQuery().change(at=self.at).address(f"{page}/figures")

    def change(self, **changes: Any) -> "PageQuery":
        """Return the query with changes; it begins at the first page unless they name another."""
        return self.model_copy(update={"before": None, "after": None, **changes})

    def address(self, page: str) -> str:
        """Return the address with this query.

        Args:
            page: the address without a query.
        """
        members = self.model_dump(exclude_defaults=True, by_alias=True)
        texts = {name: query_text(value) for name, value in members.items() if value != ""}
        return f"{page}?{urlencode(texts)}" if texts else page

    def canonical(self, page: str) -> str:
        """Return the canonical address for search engines: with the page, without any filter."""
        return PageQuery(before=self.before, after=self.after).address(page)


def query_text(value: Any) -> str:
    """Return the form of a value in the query of an address."""
    if isinstance(value, bool):
        return str(value).lower()
    return format_time(value) if hasattr(value, "tzinfo") else str(value)
