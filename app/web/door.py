"""The door to the street: uvicorn's HTTP protocol, with limits for what comes before a request.

An application sees a request once its head is whole. Until then uvicorn itself would take a head
of any size, for as long as the client likes. What is refused here has seen no middleware: it is
answered with the same problem documents, and the connection ends.

The hooks that are overridden are uvicorn's own and no public interface: pyproject.toml holds its
minor version, and a test finds out when one is no longer called.
"""

import asyncio
from enum import Enum, auto
from typing import Any, NoReturn, cast

from uvicorn._types import ASGI3Application
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from app.web.connection_limiter import ConnectionLimiter
from app.web.crowd import Crowded
from app.web.data_rate import TransferCredit
from app.web.door_terms import DoorTerms
from app.web.doorkeeper import Doorkeeper
from app.web.last_answer import OrderlyTransport, as_written
from app.web.problems import HeadTooLarge, NotHttp, RequestTooSlow
from app.web.timed_flow import TimedFlow
from app.web.upgrade import SocketProtocol, fits_handshake, too_large_for_handshake
from app.web.write_timeout import WriteTimeout

_LINE_COST = 4  # bytes of a field's colon, space and line end
_FIELD_COST = 32  # bytes that a field counts beside its own, as in RFC 9113, section 6.5.2
_PIPELINE = 64  # requests that may wait for the answers before them
_LINGER = 2.0  # seconds in which a refused client may read why


class _Stage(Enum):
    SILENT = auto()  # a new connection
    HEAD = auto()
    BODY = auto()
    WHOLE = auto()  # nothing is to come before the next request


class Door(HttpToolsProtocol):
    """One connection, until it is a stream's or a socket's.

    Args:
        terms: its limits.
        keeper: who looks after all connections of this process.
        limiter: who counts them.
        uvicorns: what uvicorn hands to its protocols.
    """

    def __init__(
        self, terms: DoorTerms, keeper: Doorkeeper, limiter: ConnectionLimiter, **uvicorns: Any
    ) -> None:
        super().__init__(**uvicorns)
        self._terms = terms
        self._keeper = keeper
        self._limiter = limiter
        self._credit = TransferCredit(terms.data_rate)  # of the body under way
        self._write_timeout: WriteTimeout
        self._unwanted_until = 0.0  # till when the rest of a body is read whose answer is out
        self._stage = _Stage.SILENT
        self._answering: RequestResponseCycle | None = None
        self._refusal: Exception | None = None
        self._read = 0  # bytes of the last read
        self._head = 0  # bytes of the head so far, at least
        self._head_at_most = 0  # the same, with what came before it in its first read
        self._fields = 0  # of the head, without trailers
        self._aside = 0  # bytes since the last of the body
        self._has_told = False  # whether the parser made anything of the last read
        self._has_begun = False  # whether a request began in it

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Wait for the first request, if there is a place for the connection."""
        super().connection_made(transport)
        self.flow = TimedFlow(transport, self._credit)
        self._write_timeout = WriteTimeout(transport, self._terms.data_rate, self._keeper)
        if self._limiter.enter(self, self._address, len(self.connections)):
            self._keeper.expect(self, self._terms.head_patience)
        elif self._limiter.may_linger(self):
            self.refuse(Crowded("There are too many connections, of your address or in all."))
        else:
            self._refusal = Crowded()
            transport.abort()

    @property
    def _address(self) -> str | None:
        return self.client[0] if self.client else None

    def make_room(self) -> None:
        """Close, since somebody else needs the place; half a request is told so."""
        if self._refusal is None and self._stage is _Stage.HEAD:
            crowded = Crowded("Your request came too slowly while many others wait.")
            self.transport.write(as_written(crowded))
        self._refusal = self._refusal or Crowded()  # what still comes is dropped
        self._hang_up()

    def release(self) -> None:
        """Count the connection no more: it has become a stream, or waits in a place of its own."""
        self._limiter.leave(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing more, and tell whoever is still answering."""
        self._keeper.forget(self)
        self._write_timeout.disarm()
        self._limiter.leave(self)
        # uvicorn tells only the last of the requests that were sent ahead, and would read on.
        self.flow.read_paused = False
        self.pipeline.clear()
        if self._answering is not None and not self._answering.response_complete:
            self._answering.disconnected = True
            self._answering.message_event.set()
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        """The client is behind: look whether it reads."""
        super().pause_writing()
        self._write_timeout.arm()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        self._answering = cycle
        super()._start_asgi_task(cycle, app)

    def data_received(self, data: bytes) -> None:
        """Take what came, if it is within the limits; of a refused client, drop it."""
        if self._refusal:
            return
        before = self._stage
        self._read = len(data)
        self._has_told = self._has_begun = False
        if before is _Stage.HEAD:
            self._head += self._read
            self._head_at_most += self._read
        super().data_received(data)
        if self._refusal or self.transport.get_protocol() is not self:
            return
        if self._stage is _Stage.WHOLE and self._has_told:
            self._expect_nothing()
        elif self._stage is _Stage.BODY:
            self._expect_body()
        else:
            self._expect_head(before)

    def _expect_nothing(self) -> None:
        if self.cycle is not None and self.cycle.response_complete:
            # Answered before its end had come: uvicorn's own timer has been stopped by that end.
            self._keeper.expect(self, self._terms.head_patience)
        else:
            self._keeper.forget(self)

    def _expect_head(self, before: _Stage) -> None:
        if self._has_begun or before is not _Stage.HEAD:
            if self._has_begun:
                self._head = self._exact_size()  # not what came before it in the same read
            else:  # line ends before a request, of which the parser says nothing
                self._stage, self._head, self.url, self.headers = _Stage.HEAD, self._read, b"", []
            self._keeper.expect(self, self._terms.head_patience)
        if self._head + _FIELD_COST * len(self.headers) > self._terms.head_limit:
            self.refuse(self._too_large())

    def _expect_body(self) -> None:
        # Trailers and what chunks are decorated with may not be without an end either.
        self._aside = 0 if self._has_told else self._aside + self._read
        if self._aside > self._terms.head_limit:
            self.refuse(self._too_large())
            return
        now = self.loop.time()
        self._credit.add(self._read, now)
        patience = self._credit.left(now)
        if self.cycle.response_complete:
            patience = min(patience, self._unwanted_until - now)
        self._keeper.expect(self, patience)

    def on_message_begin(self) -> None:
        """A request begins; too many of them at a time are not even looked at."""
        if len(self.pipeline) >= _PIPELINE:
            self._stop(NotHttp("Too many requests wait for an answer on this connection."))
        self._has_told = self._has_begun = True
        self._stage = _Stage.HEAD
        self._head_at_most = self._read
        super().on_message_begin()

    def _check_size(self) -> None:
        # Nearly always the first comparison is enough, for a read is short.
        limit = self._terms.head_limit
        at_most = self._head_at_most + _FIELD_COST * len(self.headers)
        if at_most > limit and self._exact_size() > limit:
            self._stop(self._too_large())

    def _stop(self, refusal: Exception) -> NoReturn:
        # What is raised holds this connection by its traceback. Were it the refusal, which the
        # connection holds, both would wait for the garbage collector, which then stops everybody.
        self._refusal = refusal
        raise NotHttp("The parser reads no further.")

    def _exact_size(self) -> int:
        lines = sum(len(name) + len(value) + _LINE_COST for name, value in self.headers)
        return len(self.url) + lines + _FIELD_COST * len(self.headers)

    def _too_large(self) -> HeadTooLarge:
        return HeadTooLarge(f"The head may have {self._terms.head_limit} bytes at most.")

    def on_headers_complete(self) -> None:
        """The head is whole."""
        self._check_size()
        if self.parser.should_upgrade():
            self._check_upgrade()
        super().on_headers_complete()
        if self.pipeline and self._answering is not None:
            # Nothing more is read until that one is answered, so its client's end would go unseen.
            self._answering.message_event.set()
        self._has_told = True
        if self.parser.should_upgrade() and self._should_upgrade():
            return  # there is no body: what follows is the other protocol's
        self._stage = _Stage.BODY
        self._fields = len(self.headers)
        self._credit.begin(self.loop.time())
        self._limiter.serve(self)
        if self._has_body():
            self._end_in_order()

    def _should_upgrade(self) -> bool:
        # HTTP/1.0 knows no upgrade (RFC 9110, section 7.8).
        return self.parser.get_http_version() != "1.0" and super()._should_upgrade()

    def _check_upgrade(self) -> None:
        if self._has_body():
            # The parser takes what follows for the other protocol's, so the body would be lost.
            self._stop(NotHttp("A request with a body cannot ask for another protocol."))
        if not self._should_upgrade():
            return
        if not fits_handshake(self.url, self.headers):
            # The other protocol would say so too, but only once all of its objects were made.
            self._stop(too_large_for_handshake())
        if self.cycle and not self.cycle.response_complete:
            # Else both would write on this connection.
            self._stop(NotHttp("Another protocol cannot be asked for before the answer."))

    def _has_body(self) -> bool:
        lengths = [value for name, value in self.headers if name == b"content-length"]
        return any(name == b"transfer-encoding" for name, _ in self.headers) or any(
            length.strip() != b"0" for length in lengths
        )

    def handle_websocket_upgrade(self) -> None:
        """Hand the connection over, unless the other protocol cannot read the request's head."""
        self._keeper.forget(self)
        super().handle_websocket_upgrade()
        protocol = self.transport.get_protocol()
        if not isinstance(protocol, SocketProtocol):
            return
        if protocol.handshake_refusal is None:
            self._limiter.serve(self)
            protocol.guard(self._keeper, self._write_timeout, self.release)
        else:
            protocol.connections.discard(protocol)
            self.connections.add(self)
            self.transport.set_protocol(self)
            self.refuse(protocol.handshake_refusal)

    def _unsupported_upgrade_warning(self) -> None:
        """Answer in HTTP/1.1 and hang up: the parser has lost its place."""
        self.refuse(NotHttp("There is no such protocol here."))

    def on_chunk_header(self) -> None:
        """A chunk of the body begins, or the trailers."""
        self._has_told = True

    def on_body(self, body: bytes) -> None:
        """Some of the body."""
        self._has_told = True
        # Who has sent some waits for no `100 Continue` and can be read to the end.
        self.expect_100_continue = False
        super().on_body(body)

    def on_message_complete(self) -> None:
        """The request is whole, with its trailers."""
        if len(self.headers) > self._fields:
            self._head_at_most = self._terms.head_limit  # they came in whatever number of reads
            self._check_size()
        self._has_told = True
        self._stage = _Stage.WHOLE
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """Wait for the next request, unless nobody could tell it from this one's body."""
        if self._refusal and not self.pipeline:  # it was the last one, and has ended the connection
            self.server_state.total_requests += 1
            self._write_timeout.arm()
            return
        super().on_response_complete()
        self._write_timeout.arm()
        if self.transport.is_closing():
            return
        if self.cycle.response_complete:  # else the next of those that were sent ahead is begun
            self._limiter.resume(self, self._address)
        if self._stage is _Stage.BODY:
            self._unwanted_until = self.loop.time() + self._terms.data_rate.grace
            if self.expect_100_continue:
                self.transport.close()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002  uvicorn says it in its log
        """What uvicorn calls when the parser gives up."""
        self.refuse(self._refusal or NotHttp("What came is no request that HTTP/1.1 allows."))

    def overdue(self) -> float | None:
        """Nothing came in time; that is the client's fault, or the wait goes on."""
        if self.transport.is_closing() or self.transport.get_protocol() is not self:
            return None
        if self._refusal or self._stage in (_Stage.SILENT, _Stage.WHOLE):
            # Browsers open connections in advance, and expect no answer before they ask.
            self._hang_up()
            return None
        if self._is_held_up():
            self._credit.begin(self.loop.time())
            if self.flow.read_paused:
                self._credit.pause(self.loop.time())
            return self._terms.data_rate.grace
        part = "head" if self._stage is _Stage.HEAD else "body"
        self.refuse(RequestTooSlow(f"The rest of the request's {part} did not come in time."))
        return _LINGER

    def _hang_up(self) -> None:
        """Close; where the client has not taken what it was sent, that would never end."""
        if self.transport.get_write_buffer_size():
            self.transport.abort()
        else:
            self.transport.close()

    def _is_held_up(self) -> bool:
        """Whether the client could not send on: for what it waits is up to the application."""
        is_answering = self.cycle is not None and not self.cycle.response_complete
        if self._stage is _Stage.HEAD:
            return is_answering
        return self.flow.read_paused or (is_answering and self.cycle.waiting_for_100_continue)

    def refuse(self, refusal: Exception) -> None:
        """Answer with the problem and hang up; what else the client sends is dropped.

        Where an earlier request has not been answered yet, that answer ends the connection.
        """
        self._refusal = refusal
        cycle = self.cycle
        if cycle is not None and not cycle.response_complete:
            if self._stage is not _Stage.BODY or self.pipeline:
                cycle.keep_alive = False
                self._end_in_order()
                self._keeper.forget(self)
                return
            cycle.disconnected = True
            cycle.message_event.set()
            if cycle.response_started:
                self.transport.close()
                self._write_timeout.arm()
                return
            self.transport.write(as_written(refusal))
        elif self._stage is not _Stage.BODY:  # else it has been answered
            self.transport.write(as_written(refusal))
        self._linger()

    def _end_in_order(self) -> None:
        """Let the answer under way close the connection in order, if it is to close it."""
        transport = OrderlyTransport(self.transport, self._close_after_answer)
        self.cycle.transport = cast("asyncio.Transport", transport)

    def _close_after_answer(self) -> None:
        if self._stage is _Stage.WHOLE and self._refusal is None:
            self.transport.close()
            return
        self._refusal = self._refusal or NotHttp("Its answer has ended the connection.")
        self.flow.resume_reading()
        self._linger()

    def _linger(self) -> None:
        # Closed at once, what is still on its way would be answered with a reset, which takes the
        # answer away with it.
        if self.transport.is_closing():
            return
        if self.transport.can_write_eof():
            self.transport.write_eof()
        self._keeper.expect(self, _LINGER)
