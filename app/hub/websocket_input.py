"""Input of a WebSocket client: frames parsed, checked, and answered where RFC 6455 asks for it.

Without I/O: bytes come in, frames and the bytes of an answer go out. The parser is the `websockets`
library's; text is checked for UTF-8 here.

Source: RFC 6455, sections 5 and 7; RFC 7692, section 7.
"""

import codecs
import logging
from collections.abc import Iterator

from websockets.extensions.permessage_deflate import PerMessageDeflate
from websockets.frames import CloseCode, Frame, Opcode
from websockets.protocol import OPEN, Protocol, Side

from app.formats.websocket import WINDOW_BITS

_log = logging.getLogger(__name__)
_log.setLevel(logging.ERROR)  # a client's invalid frame is answered, not logged

_Utf8Decoder = codecs.getincrementaldecoder("utf-8")


class _Protocol(Protocol):
    def recv_frame(self, frame: Frame) -> None:
        if frame.opcode is Opcode.CLOSE:
            # A client that closes within a message is answered with a close frame and not with an
            # error: control frames may come between fragments (RFC 6455, section 5.4).
            self.current_size = None
        super().recv_frame(frame)


class WebSocketInput:
    """One client's side of a connection whose handshake is over.

    Args:
        max_message: bytes of a message at most.
        deflate: the extension's window bits of the client, None if it was not agreed on.
        begun: a parser that has begun, with the limits that it has, and goes on here.
    """

    def __init__(
        self, max_message: int, deflate: int | None = None, begun: Protocol | None = None
    ) -> None:
        self._protocol = begun or _Protocol(
            Side.SERVER, state=OPEN, max_size=max_message, logger=_log
        )
        if begun is None and deflate is not None:
            self._protocol.extensions = [PerMessageDeflate(True, True, deflate, WINDOW_BITS)]
        self._text: codecs.IncrementalDecoder | None = None  # of a text message under way

    @property
    def is_over(self) -> bool:
        """Whether the connection is to be closed once the answer is sent."""
        return self._protocol.close_expected()

    def receive(self, data: bytes) -> list[Frame]:
        """Take in what the client sent.

        Returns:
            The data frames that are complete, decompressed, in order.
        """
        self._protocol.receive_data(data)
        return list(self._checked())

    def _checked(self) -> Iterator[Frame]:
        for frame in self._protocol.events_received():
            if not isinstance(frame, Frame) or frame.opcode >= Opcode.CLOSE:
                continue
            if frame.opcode is Opcode.TEXT:
                self._text = _Utf8Decoder()
            elif frame.opcode is Opcode.BINARY:
                self._text = None
            if self._text is not None:
                try:
                    self._text.decode(frame.data, final=frame.fin)
                except UnicodeDecodeError:
                    self._protocol.fail(CloseCode.INVALID_DATA, "this is not UTF-8")
                    return
            yield frame

    def answer(self) -> bytes:
        """The bytes to send in reply: pongs, or the close frame."""
        return b"".join(self._protocol.data_to_send())

    def fail(self, code: int, reason: str) -> None:
        """Fail the connection; `answer` then has the close frame."""
        self._protocol.fail(code, reason)
