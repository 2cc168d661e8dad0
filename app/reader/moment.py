"""The way to a day and hour of a coverage, chosen in a form that needs no script.

The times of the form are those of the newsroom's zone, in which the pages show theirs.
"""

from datetime import UTC, date, datetime, time, timedelta, tzinfo
from http import HTTPStatus
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel, Field, field_validator

from app.reader.page_query import PageQuery
from app.reader.visibility import find_visible
from app.store.entries import read_page
from app.timeline.selection import Selection
from app.web.conditional import FRESH, depends_on
from app.web.problems import InvalidQuery
from app.web.services import ServicesDep

routes = APIRouter(include_in_schema=False)

_TO_THE_NEXT = {True: timedelta(days=1), False: timedelta(minutes=1)}
_TICK = timedelta(milliseconds=1)  # times of publication are stored to the millisecond


class MomentQuery(BaseModel):
    """The form: a day, and the hour and minute; without a time, the end of the day.

    `show` is what is to be shown of that moment: the list of updates from there on, or the page as
    it was.
    """

    date: date
    time: Annotated[str | None, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?$")] = (
        None
    )
    show: Literal["updates", "page"] = "updates"
    lite: bool = False

    @field_validator("time", mode="before")
    @classmethod
    def no_time(cls, value: str) -> str | None:
        """An HTML form sends an empty value for a field that is not filled in."""
        return value or None

    def until(self, zone: tzinfo) -> datetime:
        """Return the end of the day, or of the minute.

        Raises:
            InvalidQuery: it is not a time that can be stored.
        """
        start = time.fromisoformat(self.time[:5]) if self.time else time()
        try:
            following = datetime.combine(self.date, start) + _TO_THE_NEXT[self.time is None]
            return following.replace(tzinfo=zone).astimezone(UTC) - _TICK
        except OverflowError:
            raise InvalidQuery([("/date", "must be a day on which there was a coverage")]) from None


@routes.get("/coverages/{slug}/moment")
async def go_to_moment(
    request: Request, services: ServicesDep, slug: str, query: Annotated[MomentQuery, Query()]
) -> Response:
    """Redirect to the first updates of that time or before, or to the page as it was then."""
    until = query.until(services.html_renderer.zone)
    async with services.store.reading() as session:
        coverage = await find_visible(session, slug)
        nearest_newer = Selection(limit=1, order="oldest", since=until + _TICK)
        newer = await read_page(session, slug, nearest_newer)
    depends_on(request, coverage)
    view = PageQuery(lite=query.lite)
    if query.show == "page":
        view = view.change(at=until)
    elif newer.entries:
        view = view.change(before=newer.entries[0].id)
    address = view.address(f"/coverages/{slug}")
    return RedirectResponse(address, HTTPStatus.FOUND, {"Cache-Control": FRESH})
