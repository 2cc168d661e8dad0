"""The live stream over a WebSocket: each journal event is one text frame.

Source: RFC 6455; the close codes are the contract's.
"""

import asyncio

from fastapi import APIRouter, WebSocket
from starlette.websockets import WebSocketState

from app.hub.hub import OverCapacity
from app.hub.replay import resume_at
from app.reader.sight import find_visible
from app.reader.stream import drive, opening_frames
from app.timeline.errors import UnknownCoverage
from app.web.house import House, TheHouse

routes = APIRouter()

PROTOCOL = "dateline.v1"
_LANE = "socket"
_END, _RESTART, _FULL, _UNKNOWN, _TOO_SLOW = 1000, 1012, 1013, 4404, 4408


@routes.websocket("/v1/coverages/{slug}/socket")
async def get_socket(socket: WebSocket, house: TheHouse, slug: str) -> None:
    """The live stream of one coverage."""
    await socket.accept(PROTOCOL if PROTOCOL in socket.scope["subprotocols"] else None)
    try:
        code = await _stream(socket, house, slug)
    except UnknownCoverage:
        code = _UNKNOWN
    except OverCapacity:
        code = _FULL
    if socket.client_state is WebSocketState.CONNECTED:
        await socket.close(code)


async def _stream(socket: WebSocket, house: House, slug: str) -> int:
    async with house.store.reading() as session:
        head = (await find_visible(session, slug)).cursor
    start = resume_at(socket.query_params.get("after"), head, house.terms.replay_limit)
    with house.hub.subscription(slug, head, _LANE, start.cursor.seq) as subscriber:

        async def write(frames: list[bytes]) -> None:
            for frame in frames:
                if frame:
                    await socket.send_text(frame.decode())

        async def run() -> bool:
            wire = house.hub.wire(_LANE)
            await write(opening_frames(wire, start))
            return await drive(subscriber, wire.heartbeat, house.terms, write)

        writing = asyncio.create_task(run())
        leaving = asyncio.create_task(_departure(socket))
        await asyncio.wait({writing, leaving}, return_when=asyncio.FIRST_COMPLETED)
        kept_up = writing.result() if writing.done() and not writing.exception() else True
        for task in (writing, leaving):
            task.cancel()
        await asyncio.wait({writing, leaving})
    if house.hub.is_closing:
        return _RESTART
    return _END if kept_up else _TOO_SLOW


async def _departure(socket: WebSocket) -> None:
    # What a reader says is not needed, but has to be read for its pings, pongs and leave to pass.
    while (await socket.receive())["type"] != "websocket.disconnect":
        pass
