"""The desk's bell: hints that something has changed at a desk, so that its lists are read again.

One stream has the hints of several coverages: a browser opens six connections to a server over
HTTP/1.1, and its desks share one.

A hint holds no words: the lists decide what somebody may see. After a silence everything is hinted
at, which heals a ring that was lost and keeps the line alive. The desk's places are its own: it
takes none from those who read the page, nor they from the newsroom.
"""

import asyncio
import random
from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response
from sqlalchemy.exc import SQLAlchemyError
from starlette.types import Message, Receive, Scope, Send

from app.access.roles import Caller, NotAllowed, NotSignedIn
from app.desk.api.change_feed import MATTERS, Board
from app.formats.public_json import dump_json
from app.hub.hub import OverCapacity
from app.store.coverages import find_coverage
from app.timeline.errors import UnknownCoverage
from app.web.authentication import AnyContributor, identify
from app.web.open_response import REASONS, cut, departure, until_over
from app.web.openapi.responses import NEWSROOM, refuses, streams
from app.web.params import CoverageRef
from app.web.rate_limits.stream_slot import admit
from app.web.services import Services, ServicesDep

_SILENCE = 15.0  # seconds after which a desk is told to read again, whatever was heard
_DOUBT = 2  # silences after which somebody's right to be here is looked at again
_MOST = 50  # coverages on a stream
_RETRY = 2000, 5000  # milliseconds after which a desk comes back


async def _the_board(request: Request) -> Board:
    board: Board = request.app.state.board
    return board


TheBoard = Annotated[Board, Depends(_the_board)]

routes = APIRouter(prefix="/v1/desk", tags=["newsroom"])


@routes.get(
    "",
    operation_id="followDesks",
    responses=streams(*MATTERS, "gone") | refuses(*NEWSROOM, UnknownCoverage, OverCapacity),
)
async def get_desk(
    request: Request,
    services: ServicesDep,
    board: TheBoard,
    caller: AnyContributor,
    coverage: Annotated[
        list[CoverageRef],
        Query(
            min_length=1,
            max_length=_MOST,
            description="Whose desk; several times for several.",
            examples=[["moon-landing"]],
        ),
    ],
) -> Response:
    """Follow what happens at the desks of coverages.

    Server-sent events that say what to read again, and of which `coverage`: `drafts` for the
    drafts, `visits` for who is here. They come when something has changed, once at the start, and
    after 15 seconds of silence. `gone` names a coverage that is not there, or that the caller has
    no role in; where that is so of all of them, it is a 404 or 403.
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
    there = [slug for slug in slugs if slug not in refusals]
    return DeskStream(request, services, board, caller, there, list(refusals))


class DeskStream(Response):
    """A response that gives hints until it is over, its client leaves or loses the right to them.

    Args:
        request: whose answer it is.
        services: the rooms.
        board: where the hints are noted.
        caller: who asks.
        slugs: whose desks.
        gone: coverages that are not there for the caller.
    """

    media_type = "text/event-stream"

    def __init__(
        self,
        request: Request,
        services: Services,
        board: Board,
        caller: Caller,
        slugs: Sequence[str],
        gone: Sequence[str],
    ) -> None:
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        super().__init__(headers=headers)
        del self.headers["content-length"]  # nobody knows
        self._request = request
        self._house = services
        self._board = board
        self._caller = caller
        self._slugs = slugs
        self._gone = gone
        self._silence = min(_SILENCE, services.hub.config.heartbeat)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve it. The head goes out only once the stream has its place."""
        head = {"type": "http.response.start", "status": 200, "headers": self.raw_headers}
        if scope.get("head"):
            await send(head)
            await send(_body(b"", more=False))
            return
        with admit(self._house, self._request, "desk", self._caller) as place:
            await send(head)
            ending = await until_over(self._write(send), departure(receive))
            place.reason = REASONS[ending]
            if ending == "stalled":
                cut(receive)
            if ending != "left":
                await send(_body(b"", more=False))

    async def _write(self, send: Send) -> bool:
        """Give hints until the stream is over; False if the client could not keep up."""
        loop = asyncio.get_running_loop()
        until = loop.time() + self._house.hub.config.lifetime * random.uniform(0.8, 1.0)  # noqa: S311
        doubted_at = loop.time()
        with self._board.card(self._slugs) as card:
            card.note_all()
            opening = "".join(_block("gone", slug) for slug in self._gone)
            await send(_body(b"retry: %d\n\n" % random.randint(*_RETRY) + opening.encode()))  # noqa: S311
            while (left := until - loop.time()) > 0:
                changed = await card.changed(min(left, self._silence))
                if loop.time() - doubted_at >= self._silence * _DOUBT:
                    doubted_at = loop.time()
                    changed = changed if await self._may_stay() else None
                if changed is None:
                    break
                hints = "".join(_block(matter, slug) for slug, matter in changed)
                try:
                    async with asyncio.timeout(self._house.hub.config.stall):
                        await send(_body(hints.encode()))
                except TimeoutError:
                    return False
        return True

    async def _may_stay(self) -> bool:
        try:
            caller = await identify(self._request, self._house)
        except (NotSignedIn, NotAllowed, SQLAlchemyError):
            return False
        # Of somebody who has lost one coverage the stream ends, and comes back without it.
        return caller is not None and all(
            caller.within(slug).may("contributor") for slug in self._slugs
        )


def _block(event: str, slug: str) -> str:
    return f"event: {event}\ndata: {dump_json({'coverage': slug}).decode()}\n\n"


def _body(body: bytes, *, more: bool = True) -> Message:
    return {"type": "http.response.body", "body": body, "more_body": more}
