"""The live stream over a WebSocket: each journal event is one text frame.

Source: RFC 6455; the close codes are part of the API.
"""

import logging
from contextlib import suppress
from typing import Annotated

from fastapi import APIRouter, WebSocket
from pydantic import BaseModel, Field
from sqlalchemy.exc import SQLAlchemyError
from starlette.types import Scope
from starlette.websockets import WebSocketDisconnect

from app.access.roles import NotSignedIn
from app.formats.websocket import CloseCode
from app.formats.wires import choose_wire
from app.hub.hub import OverCapacity
from app.reader.asgi_stream import write_stream
from app.reader.stream import charge_replay
from app.reader.visibility import find_start
from app.server.takeover import cork_head, take_socket, uncork
from app.timeline.errors import UnknownCoverage, WithdrawnCoverage
from app.web.authentication import identify
from app.web.open_response import REASONS, Ending, cut, until_over, wait_for_disconnect
from app.web.problems import InvalidQuery, problem
from app.web.query import read_query
from app.web.query_parameters import LAST_EVENT_ID, declared_by_model
from app.web.rate_limits.stream_slot import admit
from app.web.services import Services, services_of

_log = logging.getLogger(__name__)

routes = APIRouter()

PROTOCOL = "dateline.v1"
_WIRE = choose_wire("websocket")
_CODES: dict[Ending, CloseCode] = {
    "over": CloseCode.END,
    "broken": CloseCode.TRY_LATER,
    "stalled": CloseCode.TOO_SLOW,
}
# uvicorn raises a RuntimeError if it has closed the connection itself, for instance because a frame
# was too large or a pong did not come.
_GONE = (WebSocketDisconnect, RuntimeError)


class SocketQuery(BaseModel):
    """Where the stream begins: after a cursor, by default now."""

    after: str | None = None
    last_event_id: Annotated[str | None, Field(alias=LAST_EVENT_ID)] = None

    @property
    def cursor(self) -> str | None:
        """The cursor to read after; None to begin now."""
        return self.last_event_id or self.after


def choose_protocol(scope: Scope) -> str | None:
    """Return the subprotocol for a client; None if it offers none that is known."""
    return PROTOCOL if PROTOCOL in scope["subprotocols"] else None


@routes.websocket("/v1/coverages/{slug}/socket")
async def get_socket(socket: WebSocket) -> None:
    """Serve the live stream of one coverage."""
    # Parsed without FastAPI: its cost for each parameter and dependency would be paid by each of
    # ten thousand clients that connect at once.
    services, slug = services_of(socket), socket.path_params["slug"]
    try:
        declared_by_model(SocketQuery).check(socket.scope["query_string"])
        query = read_query(SocketQuery, socket)
    except InvalidQuery as error:
        await socket.send_denial_response(problem(error))
        return
    cork_head(socket._receive)  # noqa: SLF001  has no other name
    await socket.accept(choose_protocol(socket.scope))
    code: int | None
    try:
        code = await _stream(socket, services, slug, query)
    except WithdrawnCoverage:
        code = CloseCode.WITHDRAWN_COVERAGE
    except UnknownCoverage:
        code = CloseCode.UNKNOWN_COVERAGE
    except OverCapacity:
        code = CloseCode.TRY_LATER
    except NotSignedIn:
        code = CloseCode.POLICY
    except SQLAlchemyError as error:
        _log.warning("a socket is refused: the database does not answer (%s)", error)
        code = CloseCode.TRY_LATER
    if code is not None:
        uncork(socket._receive)  # noqa: SLF001
        with suppress(*_GONE):
            await socket.close(code)


async def _stream(
    socket: WebSocket, services: Services, slug: str, query: SocketQuery
) -> int | None:
    """Stream until the end, or hand the connection over to the hub.

    Returns:
        The close code; None if the client has disconnected or the hub has the connection.
    """
    caller = await identify(socket, services)
    cursor = socket.headers.get("last-event-id") or query.cursor
    head, start = await find_start(services, slug, caller, cursor)
    charge_replay(socket, head.seq - start.cursor.seq)
    hub = services.hub

    async def write(frames: list[bytes]) -> None:
        try:
            for frame in filter(None, frames):
                await socket.send_text(frame.decode())
        except _GONE as gone:
            raise ConnectionResetError from gone

    with admit(services, socket, "websocket", caller) as slot:
        if raw := take_socket(socket._receive):  # noqa: SLF001
            wire = choose_wire("websocket", compressed=raw.deflate is not None, framed=True)
            hub.connect(raw, slug, head, wire, start, slot.hand_over())
            return None
        uncork(socket._receive)  # noqa: SLF001
        with hub.subscription(slug, head, _WIRE, start.cursor.seq) as subscriber:
            writing = write_stream(subscriber, hub.encoder(_WIRE), start, hub.config, write)
            ending = await until_over(writing, wait_for_disconnect(socket.receive))
        slot.reason = REASONS[ending]
    cut(socket._receive, hub.config.stall)  # noqa: SLF001  else a close frame waits for ever
    if ending == "left":
        return None
    return CloseCode.RESTART if hub.is_closing else _CODES[ending]
