"""Reach of a retraction: how many open pages have received it."""

from fastapi import APIRouter, Response

from app.formats.public_json import dump_json
from app.formats.rfc3339 import format_optional_time
from app.store.coverages import find_coverage
from app.store.entries import find_entry, list_copies
from app.store.reach import read_reach
from app.timeline.errors import EntryNotRetracted, UnknownCoverage, UnknownEntry
from app.web.authentication import Contributor
from app.web.conditional import private_json
from app.web.openapi.responses import NEWSROOM, refuses, returns
from app.web.openapi.schemas import Reach
from app.web.params import EntryKey
from app.web.services import ServicesDep

routes = APIRouter(prefix="/v1/coverages/{slug}/entries/{entry_id}", tags=["newsroom"])


@routes.get(
    "/reach",
    operation_id="readReach",
    responses=returns(Reach) | refuses(*NEWSROOM, UnknownCoverage, UnknownEntry, EntryNotRetracted),
)
async def get_reach(services: ServicesDep, caller: Contributor, key: EntryKey) -> Response:
    """Return how many open pages a retraction has reached, and which copies are still public.

    The pages are counted for half a minute after it. Copies are the summaries that the pages of the
    next days took over; a retraction leaves them as they are, since they may say something else by
    now.

    A page is reached once its connection has acknowledged every byte; behind a proxy, that is the
    proxy's connection. Readers who open the page later get it without the entry.
    """
    async with services.store.reading() as session:
        entry = await find_entry(session, *key)
        if entry.status != "retracted":
            raise EntryNotRetracted("The entry is not retracted.")
        reach = await read_reach(session, *key)
        copies = []
        for copy in await list_copies(session, *key):
            coverage = await find_coverage(session, copy.coverage)
            if coverage.is_public or caller.role_in(coverage.slug) is not None:
                named = {"coverage": coverage.slug, "entry_id": copy.id, "title": coverage.title}
                copies.append(named)
    document = {"reached": reach.reached, "open": reach.open, "at": format_optional_time(reach.at)}
    return private_json(dump_json(document | {"copies": copies}))
