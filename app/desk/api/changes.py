"""Desk stream: change notifications, after which a desk reloads its lists.

One stream carries the notifications of several coverages: a browser opens at most six connections
to a server over HTTP/1.1, so all its desks share one.

A notification holds no content, since permissions are checked when a list is loaded. After a
silence the stream announces every possible change, which makes up for lost notifications and serves
as a heartbeat. The desk has a stream limiter of its own, so readers cannot use up the newsroom's
streams, nor the newsroom those of the readers.
"""

import asyncio
import random
from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response
from sqlalchemy.exc import SQLAlchemyError
from starlette.types import Message, Receive, Scope, Send

from app.access.roles import Caller, NotAllowed, NotSignedIn
from app.desk.api.change_feed import MATTERS, ChangeFeed
from app.formats.public_json import dump_json
from app.hub.hub import OverCapacity
from app.store.coverages import find_coverage
from app.timeline.errors import UnknownCoverage
from app.web.authentication import AnyContributor, identify
from app.web.identifiers import CoverageRef
from app.web.open_response import REASONS, cut, until_over, wait_for_disconnect
from app.web.openapi.responses import NEWSROOM, refuses, streams
from app.web.rate_limits.stream_slot import admit
from app.web.services import Services, ServicesDep

_SILENCE = 15.0  # seconds without a change after which a desk is told to reload everything
_DOUBT = 2  # silences between two checks of the caller's permissions
_MOST = 50  # coverages on a stream
_RETRY = 2000, 5000  # milliseconds, the range of the delay before a desk reconnects


async def _change_feed_of(request: Request) -> ChangeFeed:
    feed: ChangeFeed = request.app.state.change_feed
    return feed


ChangeFeedDep = Annotated[ChangeFeed, Depends(_change_feed_of)]

routes = APIRouter(prefix="/v1/desk", tags=["newsroom"])


@routes.get(
    "",
    operation_id="followDesks",
    responses=streams(*MATTERS, "gone") | refuses(*NEWSROOM, UnknownCoverage, OverCapacity),
)
async def get_desk(
    request: Request,
    services: ServicesDep,
    feed: ChangeFeedDep,
    caller: AnyContributor,
    coverage: Annotated[
        list[CoverageRef],
        Query(
            min_length=1,
            max_length=_MOST,
            description="The coverage to follow; may be repeated.",
            examples=[["moon-landing"]],
        ),
    ],
) -> Response:
    """Follow changes at the desks of coverages.

    The server-sent events say what to load again, and for which `coverage`: `drafts` for the
    drafts, `visits` for who is at the desk. They are sent when something has changed, once at the
    start, and after 15 seconds of silence. `gone` names a coverage that does not exist or in which
    the caller has no role; if that is true of all of them, the response is a 404 or 403.
    """
    slugs = list(dict.fromkeys(coverage))
    refusals: dict[str, Exception] = {}
    async with services.store.reading() as session:
        for slug in slugs:
            try:
                caller.within(slug).check("contributor")
                await find_coverage(session, slug)
            except (NotAllowed, UnknownCoverage) as refusal:
                refusals[slug] = refusal
    if len(refusals) == len(slugs):
        raise refusals[slugs[0]]
    followed = [slug for slug in slugs if slug not in refusals]
    return DeskStream(request, services, feed, caller, followed, list(refusals))


class DeskStream(Response):
    """A stream of change notifications.

    It ends after its lifetime, when the client disconnects, or when the caller loses permission.

    Args:
        request: the request that it answers.
        services: the application's services.
        feed: the source of changes.
        caller: the authenticated caller.
        slugs: the coverages that it follows.
        gone: requested coverages that do not exist for the caller.
    """

    media_type = "text/event-stream"

    def __init__(
        self,
        request: Request,
        services: Services,
        feed: ChangeFeed,
        caller: Caller,
        slugs: Sequence[str],
        gone: Sequence[str],
    ) -> None:
        headers = {"Cache-Control": "no-store", "Incremental": "?1", "X-Accel-Buffering": "no"}
        super().__init__(headers=headers)
        del self.headers["content-length"]  # unknown for a stream
        self._request = request
        self._services = services
        self._feed = feed
        self._caller = caller
        self._slugs = slugs
        self._gone = gone
        self._silence = min(_SILENCE, services.hub.config.heartbeat)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve the stream. Its headers are sent only after the stream limiter has admitted it."""
        head = {"type": "http.response.start", "status": 200, "headers": self.raw_headers}
        if scope.get("head"):
            await send(head)
            await send(_body(b"", more=False))
            return
        with admit(self._services, self._request, "desk", self._caller) as slot:
            await send(head)
            ending = await until_over(self._write(send), wait_for_disconnect(receive))
            slot.reason = REASONS[ending]
            if ending == "stalled":
                cut(receive)
            if ending != "left":
                await send(_body(b"", more=False))

    async def _write(self, send: Send) -> bool:
        """Send notifications until the stream is over; False if the client could not keep up."""
        loop = asyncio.get_running_loop()
        until = loop.time() + self._services.hub.config.lifetime * random.uniform(0.8, 1.0)  # noqa: S311
        doubted_at = loop.time()
        with self._feed.subscribed(self._slugs) as subscription:
            subscription.note_all()
            opening = "".join(_block("gone", slug) for slug in self._gone)
            await send(_body(b"retry: %d\n\n" % random.randint(*_RETRY) + opening.encode()))  # noqa: S311
            while (remaining := until - loop.time()) > 0:
                changed = await subscription.changed(min(remaining, self._silence))
                if loop.time() - doubted_at >= self._silence * _DOUBT:
                    doubted_at = loop.time()
                    changed = changed if await self._may_stay() else None
                if changed is None:
                    break
                hints = "".join(_block(matter, slug) for slug, matter in changed)
                try:
                    async with asyncio.timeout(self._services.hub.config.stall):
                        await send(_body(hints.encode()))
                except TimeoutError:
                    return False
        return True

    async def _may_stay(self) -> bool:
        try:
            caller = await identify(self._request, self._services)
        except (NotSignedIn, NotAllowed, SQLAlchemyError):
            return False
        # If the caller has lost one coverage, the stream ends; the client reconnects without it.
        return caller is not None and all(
            caller.within(slug).may("contributor") for slug in self._slugs
        )


def _block(event: str, slug: str) -> str:
    return f"event: {event}\ndata: {dump_json({'coverage': slug}).decode()}\n\n"


def _body(body: bytes, *, more: bool = True) -> Message:
    return {"type": "http.response.body", "body": body, "more_body": more}
