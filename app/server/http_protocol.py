"""HTTP protocol: uvicorn's own, with limits for everything that precedes a complete request.

An application sees a request once its head is complete. Until then uvicorn itself would accept a
head of any size, for as long as the client likes. A request that is refused here has passed no
middleware: it is answered with the same problem documents, and the connection ends.

The overridden methods are uvicorn's internals and no public interface: pyproject.toml pins its
minor version, and a test fails if one of them is no longer called.
"""

import asyncio
from enum import Enum, auto
from typing import Any, NoReturn, cast

from uvicorn._types import ASGI3Application
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.protocols.utils import get_local_addr, get_remote_addr, is_ssl

from app.server.connection_limiter import ConnectionLimiter
from app.server.data_rate import TransferCredit
from app.server.flow_control import TimedFlow
from app.server.http_config import HttpConfig
from app.server.last_response import OrderlyTransport, as_written, close_or_abort
from app.server.offers import Offer, RequestOffer, UpgradeOffer, is_offered
from app.server.request_head import FIELD_COST, has_body, size_of_head
from app.server.timeouts import ReadTimeouts
from app.server.websocket_protocol import SocketProtocol, refuse_upgrade
from app.server.write_timeout import WriteTimeout
from app.web.problems import HeadTooLarge, NotHttp, RequestTooSlow
from app.web.rate_limits.streams import TooManyClients

_PIPELINE = 64  # pipelined requests that may wait for the answers before them
_LINGER = 2.0  # seconds in which a refused client may read the answer
_LAST_LOOK = 0.01  # seconds in which an idle connection is read once more before it is closed


class _Stage(Enum):
    SILENT = auto()  # a new connection
    HEAD = auto()
    BODY = auto()
    COMPLETE = auto()  # the request is complete


class HttpProtocol(HttpToolsProtocol):
    """The protocol of one connection, until it becomes a stream or a WebSocket.

    Args:
        http_config: limits and time-outs.
        timeouts: the time-outs of this process.
        limiter: counts the connections of this process.
        uvicorns: the arguments that uvicorn passes to its protocols.
    """

    def __init__(
        self,
        http_config: HttpConfig,
        timeouts: ReadTimeouts,
        limiter: ConnectionLimiter,
        **uvicorns: Any,
    ) -> None:
        super().__init__(**uvicorns)
        self._http_config = http_config
        self._timeouts = timeouts
        self._limiter = limiter
        self._credit = TransferCredit(http_config.data_rate)  # of the current body
        self._write_timeout: WriteTimeout
        self._unwanted_until = 0.0  # until when an answered body's rest is read
        self._stage = _Stage.SILENT
        self._answering: RequestResponseCycle | None = None
        self._offer: Offer | None = None
        self._refusal: Exception | None = None
        self._read = 0  # bytes received in the last read
        self._head = 0  # bytes of the head so far, lower bound
        self._head_at_most = 0  # upper bound: with what preceded it in its first read
        self._fields = 0  # number of header fields, without trailers
        self._since_data = 0  # bytes since the last body data
        self._has_reported = False  # whether the parser reported anything for the last read
        self._has_begun = False  # whether a request began in it

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Wait for the first request, if the limiter admits the connection."""
        self.connections.add(self)  # uvicorn's own method would look the address up once more
        self.transport, self.server = transport, get_local_addr(transport)
        self.client = self.client or get_remote_addr(transport)
        self.scheme = "https" if is_ssl(transport) else "http"
        self.flow = TimedFlow(transport, self._credit)
        self._write_timeout = WriteTimeout(transport, self._http_config.data_rate, self._timeouts)
        if self._limiter.enter(self, self._address, len(self.connections)):
            self._timeouts.arm(self, self._http_config.head_patience)
        elif self._limiter.may_linger(self):
            many = TooManyClients("Too many connections are open, from your address or in all.")
            self.refuse(many)
        else:
            self._refusal = TooManyClients()
            transport.abort()

    @property
    def _address(self) -> str | None:
        return self.client[0] if self.client else None

    @property
    def _is_answering(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def evict(self) -> None:
        """Close to free a place for another connection; answer an incomplete request first."""
        if self._refusal is None and self._stage is _Stage.HEAD:
            busy = TooManyClients("Your request arrived too slowly for a busy server.")
            self.transport.write(as_written(busy))
        self._refusal = self._refusal or TooManyClients()  # further data is dropped
        close_or_abort(self.transport)

    def release(self) -> None:
        """Stop counting the connection: it has become a stream, or a long-poll with its slot."""
        self._limiter.leave(self)

    def timeout_keep_alive_handler(self) -> None:
        """Close an idle connection, unless a request is there that has not been read yet.

        A loop that was held up runs its timers before it reads. What it reads in between cancels
        the second timer, as it would have cancelled the first one.
        """
        close = super().timeout_keep_alive_handler
        self.timeout_keep_alive_task = self.loop.call_later(_LAST_LOOK, close)

    def connection_lost(self, exc: Exception | None) -> None:
        """Disarm the time-outs, and notify the request that is still being answered."""
        if self._offer:
            self._offer.end()
        self._timeouts.disarm(self)
        self._write_timeout.disarm()
        self._limiter.leave(self)
        # uvicorn notifies only the last of the pipelined requests, and would resume reading.
        self.flow.read_paused = False
        self.pipeline.clear()
        if self._answering is not None and not self._answering.response_complete:
            self._answering.disconnected = True
            self._answering.message_event.set()
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        """Arm the write timeout: the client reads too slowly."""
        super().pause_writing()
        self._write_timeout.arm()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        self._answering = cycle
        super()._start_asgi_task(cycle, app)

    def data_received(self, data: bytes) -> None:
        """Parse what was received, within the limits; drop it if the client has been refused."""
        if (self._offer and self._offer.interrupt(data)) or self._refusal:
            return
        before = self._stage
        self._read = len(data)
        self._has_reported = self._has_begun = False
        if before is _Stage.HEAD:
            self._head += self._read
            self._head_at_most += self._read
        super().data_received(data)
        if self._offer and not self._offer.is_over:
            self._timeouts.disarm(self)
            if self._offer.make():
                return
        if not self._refusal and self.transport.get_protocol() is self:
            self._expect_more(before)

    def _expect_more(self, before: _Stage) -> None:
        if self._stage is _Stage.BODY:
            self._expect_body()
        elif self._stage is not _Stage.COMPLETE or not self._has_reported:
            self._expect_head(before)
        elif self._is_answering:
            self._timeouts.disarm(self)
        else:
            # The answer preceded the end of the body. That end has stopped uvicorn's own
            # keep-alive timer.
            self._timeouts.arm(self, self._http_config.head_patience)

    def _expect_head(self, before: _Stage) -> None:
        if self._has_begun or before is not _Stage.HEAD:
            if self._has_begun:
                # Without what preceded it in the same read.
                self._head = size_of_head(self.url, self.headers)
            else:  # line ends before a request, which the parser does not report
                self._stage, self._head, self.url, self.headers = _Stage.HEAD, self._read, b"", []
            self._timeouts.arm(self, self._http_config.head_patience)
        if self._head + FIELD_COST * len(self.headers) > self._http_config.head_limit:
            self.refuse(self._too_large())

    def _expect_body(self) -> None:
        # Trailers and chunk extensions are bounded too.
        self._since_data = 0 if self._has_reported else self._since_data + self._read
        if self._since_data > self._http_config.head_limit:
            self.refuse(self._too_large())
            return
        now = self.loop.time()
        self._credit.add(self._read, now)
        patience = self._credit.left(now)
        if self.cycle.response_complete:
            patience = min(patience, self._unwanted_until - now)
        self._timeouts.arm(self, patience)

    def on_message_begin(self) -> None:
        """Begin a request; refuse it unparsed if too many are pipelined."""
        if self._offer:
            self._offer.decline()  # another request follows it
            self._offer = None
        if len(self.pipeline) >= _PIPELINE:
            self._stop(NotHttp("Too many requests wait for an answer on this connection."))
        self._has_reported = self._has_begun = True
        self._stage, self._head_at_most = _Stage.HEAD, self._read
        super().on_message_begin()

    def _check_size(self) -> None:
        # Reads are short, so the first comparison nearly always suffices.
        limit = self._http_config.head_limit
        at_most = self._head_at_most + FIELD_COST * len(self.headers)
        if at_most > limit and size_of_head(self.url, self.headers) > limit:
            self._stop(self._too_large())

    def _stop(self, refusal: Exception) -> NoReturn:
        # The raised exception refers to this connection by its traceback. If it were the refusal,
        # to which the connection refers, both would have to wait for the garbage collector, whose
        # run stops the whole process.
        self._refusal = refusal
        raise NotHttp("The parser reads no further.")

    def _too_large(self) -> HeadTooLarge:
        return HeadTooLarge(f"The head may have {self._http_config.head_limit} bytes at most.")

    def on_headers_complete(self) -> None:
        """Check the complete head, and prepare for the body or the upgrade."""
        self._check_size()
        if self.parser.should_upgrade() and (refusal := refuse_upgrade(self)):
            self._stop(refusal)
        if is_offered(self):
            self._offer = RequestOffer(self)
        else:
            super().on_headers_complete()
        if self.pipeline and self._answering is not None:
            # uvicorn stops reading until the earlier request is answered, so a disconnect of its
            # client would go unnoticed.
            self._answering.message_event.set()
        self._has_reported = True
        if self.parser.should_upgrade() and self._should_upgrade():
            return  # there is no body: what follows belongs to the other protocol
        self._stage = _Stage.BODY
        self._fields = len(self.headers)
        self._credit.begin(self.loop.time())
        self._limiter.serve(self)
        if has_body(self.headers):
            self._end_in_order()

    def _should_upgrade(self) -> bool:
        # HTTP/1.0 has no upgrade (RFC 9110, section 7.8).
        return self.parser.get_http_version() != "1.0" and super()._should_upgrade()

    def handle_websocket_upgrade(self) -> None:
        """Offer the connection to the application, if it takes offers."""
        if getattr(self.app, "offered_targets", None):
            self._limiter.serve(self)
            self._offer = UpgradeOffer(self, self._upgrade)
        else:
            self._timeouts.disarm(self)
            self._upgrade()

    def _upgrade(self) -> None:
        """Hand the connection over, unless the other protocol cannot read the request's head."""
        super().handle_websocket_upgrade()
        protocol = self.transport.get_protocol()
        if not isinstance(protocol, SocketProtocol):
            return
        if protocol.handshake_refusal is None:
            self._limiter.serve(self)
            protocol.guard(self._timeouts, self._write_timeout, self.release)
        else:
            protocol.connections.discard(protocol)
            self.connections.add(self)
            self.transport.set_protocol(self)
            self.refuse(protocol.handshake_refusal)

    def _unsupported_upgrade_warning(self) -> None:
        """Refuse the upgrade and close: the parser cannot continue with HTTP/1.1."""
        self.refuse(NotHttp("This server does not support the requested protocol."))

    def on_chunk_header(self) -> None:
        """Note the start of a chunk or of the trailers."""
        self._has_reported = True

    def on_body(self, body: bytes) -> None:
        """Pass on a part of the body."""
        self._has_reported = True
        # A client that sends body data does not wait for `100 Continue`: read it to the end.
        self.expect_100_continue = False
        super().on_body(body)

    def on_message_complete(self) -> None:
        """Check the trailers of the complete request."""
        if len(self.headers) > self._fields:
            # Trailers may span any number of reads.
            self._head_at_most = self._http_config.head_limit
            self._check_size()
        self._has_reported = True
        self._stage = _Stage.COMPLETE
        if self._offer is None:
            super().on_message_complete()

    def on_response_complete(self) -> None:
        """Wait for the next request, or close if it could not be told from this one's body."""
        if self._refusal and not self.pipeline:  # the last answer; it has ended the connection
            self.server_state.total_requests += 1
            self._write_timeout.arm()
            return
        super().on_response_complete()
        self._write_timeout.arm()
        if self.transport.is_closing():
            return
        if self.cycle.response_complete:  # otherwise a pipelined request has begun
            self._limiter.resume(self, self._address)
        if self._stage is _Stage.BODY:
            self._unwanted_until = self.loop.time() + self._http_config.data_rate.grace
            if self.expect_100_continue:
                self.transport.close()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002  uvicorn says it in its log
        """Refuse a request that the parser cannot read; uvicorn calls this."""
        self.refuse(self._refusal or NotHttp("The data received is not a valid HTTP/1.1 request."))

    def expired(self) -> float | None:
        """Close or refuse a client that has sent too little; wait on if it could not send."""
        if self.transport.is_closing() or self.transport.get_protocol() is not self:
            return None
        if self._refusal or self._stage in (_Stage.SILENT, _Stage.COMPLETE):
            # Browsers open connections in advance, and expect no answer without a request.
            close_or_abort(self.transport)
            return None
        # A client cannot send while it waits for the application, or if nothing reads from it.
        if self._stage is _Stage.HEAD:
            is_held_up = self._is_answering
        else:
            is_waiting = self._is_answering and self.cycle.waiting_for_100_continue
            is_held_up = self.flow.read_paused or is_waiting
        if is_held_up:
            self._credit.begin(self.loop.time())
            if self.flow.read_paused:
                self._credit.pause(self.loop.time())
            return self._http_config.data_rate.grace
        part = "head" if self._stage is _Stage.HEAD else "body"
        self.refuse(RequestTooSlow(f"The rest of the request's {part} did not arrive in time."))
        return _LINGER

    def refuse(self, refusal: Exception) -> None:
        """Answer with the problem and close; further data of the client is dropped.

        If an earlier request has not been answered yet, its answer ends the connection instead.
        """
        if self._offer:
            self._offer.decline()
        self._refusal = refusal
        cycle = self.cycle
        if self._is_answering:
            if self._stage is not _Stage.BODY or self.pipeline:
                cycle.keep_alive = False
                self._end_in_order()
                self._timeouts.disarm(self)
                return
            cycle.disconnected = True
            cycle.message_event.set()
            if cycle.response_started:
                self.transport.close()
                self._write_timeout.arm()
                return
            self.transport.write(as_written(refusal))
        elif self._stage is not _Stage.BODY:  # otherwise it has been answered
            self.transport.write(as_written(refusal))
        self._linger()

    def _end_in_order(self) -> None:
        """Make the current answer close the connection in order, if it closes it at all."""
        transport = OrderlyTransport(self.transport, self._close_after_answer)
        self.cycle.transport = cast("asyncio.Transport", transport)

    def _close_after_answer(self) -> None:
        if self._stage is _Stage.COMPLETE and self._refusal is None:
            self.transport.close()
            return
        self._refusal = self._refusal or NotHttp("The answer has ended the connection.")
        self.flow.resume_reading()
        self._linger()

    def _linger(self) -> None:
        # If the connection closed at once, the kernel would answer data still on its way with a
        # reset, and the client would lose the answer.
        if self.transport.is_closing():
            return
        if self.transport.can_write_eof():
            self.transport.write_eof()
        self._timeouts.arm(self, _LINGER)
