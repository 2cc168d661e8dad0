"""Reach of a retraction: how many open pages have received it."""

from fastapi import APIRouter, Response

from app.formats.public_json import dump_json
from app.formats.rfc3339 import format_optional_time
from app.store.entries import find_entry
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
async def get_reach(services: ServicesDep, caller: Contributor, key: EntryKey) -> Response:  # noqa: ARG001
    """Return how many open pages a retraction has reached, counted for half a minute after it.

    A page is reached once its connection has acknowledged every byte; behind a proxy, that is the
    proxy's connection. Readers who open the page later get it without the entry.
    """
    async with services.store.reading() as session:
        entry = await find_entry(session, *key)
        if entry.status != "retracted":
            raise EntryNotRetracted("The entry is not retracted.")
        reach = await read_reach(session, *key)
    document = {"reached": reach.reached, "open": reach.open, "at": format_optional_time(reach.at)}
    return private_json(dump_json(document))
