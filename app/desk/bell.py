"""The desk's bell: hints that something has changed at a desk, so that its lists are read again.

A hint holds no words: the lists decide what somebody may see. After a silence everything is hinted
at, which heals a ring that was lost and keeps the line alive. Refuses to count as a reader: nothing
here takes a place from those who read the page.
"""

import asyncio
import random
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from sqlalchemy.exc import SQLAlchemyError
from starlette.types import Message, Receive, Scope, Send

from app.access.roles import NotAllowed, NotSignedIn
from app.broker.ending import end_tasks
from app.desk.board import MATTERS, Board
from app.store.coverages import find_coverage
from app.timeline.errors import UnknownCoverage
from app.web.addresses import Slug
from app.web.callers import Contributor, identify
from app.web.house import DeskMatter, House, TheHouse
from app.web.responses import NEWSROOM, refuses, streams

_SILENCE = 15.0  # seconds after which a desk is told to read again, whatever was heard
_DOUBT = 2  # silences after which somebody's right to be here is looked at again
_RETRY = 2000, 5000  # milliseconds after which a desk comes back


async def _the_board(request: Request) -> Board:
    board: Board = request.app.state.board
    return board


TheBoard = Annotated[Board, Depends(_the_board)]

routes = APIRouter(prefix="/v1/coverages/{slug}/desk", tags=["newsroom"])


@routes.get(
    "",
    operation_id="followDesk",
    responses=streams(*MATTERS) | refuses(*NEWSROOM, UnknownCoverage),
)
async def get_desk(
    request: Request, house: TheHouse, board: TheBoard, _caller: Contributor, slug: Slug
) -> Response:
    """Follow what happens at a coverage's desk.

    Server-sent events that say what to read again: `drafts` for the drafts, `visits` for who is
    here. They come when something has changed, once at the start, and after 15 seconds of silence.
    """
    async with house.store.reading() as session:
        await find_coverage(session, slug)
    return DeskStream(request, house, board, slug)


class DeskStream(Response):
    """A response that gives hints until it is over, its client leaves or loses the right to them.

    Args:
        request: whose answer it is.
        house: the rooms.
        board: where the hints are noted.
        slug: whose desk.
    """

    media_type = "text/event-stream"

    def __init__(self, request: Request, house: House, board: Board, slug: str) -> None:
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        super().__init__(headers=headers)
        del self.headers["content-length"]  # nobody knows
        self._request = request
        self._house = house
        self._board = board
        self._slug = slug
        self._silence = min(_SILENCE, house.terms.heartbeat)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve it."""
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        if not scope.get("head"):
            sides = asyncio.create_task(self._write(send)), asyncio.create_task(_left(receive))
            try:
                await asyncio.wait(sides, return_when=asyncio.FIRST_COMPLETED)
            finally:
                await end_tasks(list(sides))
        await send(_body(b"", more=False))

    async def _write(self, send: Send) -> None:
        loop = asyncio.get_running_loop()
        until = loop.time() + self._house.terms.lifetime * random.uniform(0.8, 1.0)  # noqa: S311
        doubted_at = loop.time()
        with self._board.card(self._slug) as card:
            card.note(*MATTERS)
            await send(_body(b"retry: %d\n\n" % random.randint(*_RETRY)))  # noqa: S311
            while (left := until - loop.time()) > 0:
                changed = await card.changed(min(left, self._silence))
                if loop.time() - doubted_at >= self._silence * _DOUBT:
                    doubted_at = loop.time()
                    changed = changed if await self._may_stay() else None
                if changed is None or not await self._tell(changed, send):
                    return

    async def _tell(self, changed: list[DeskMatter], send: Send) -> bool:
        hints = "".join(f"event: {matter}\ndata: {{}}\n\n" for matter in changed)
        try:
            async with asyncio.timeout(self._house.terms.stall):
                await send(_body(hints.encode()))
        except (TimeoutError, ConnectionError):
            return False
        return True

    async def _may_stay(self) -> bool:
        try:
            caller = await identify(self._request, self._house)
        except (NotSignedIn, NotAllowed, SQLAlchemyError):
            return False
        return caller is not None and caller.within(self._slug).may("contributor")


def _body(body: bytes, *, more: bool = True) -> Message:
    return {"type": "http.response.body", "body": body, "more_body": more}


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
