"""WebSocket input: parses and checks a client's frames, and answers them where RFC 6455 requires.

It does no I/O: it takes bytes, and returns frames and the bytes of an answer. The parser is that of
the `websockets` library; this module checks text for UTF-8.

Source: RFC 6455, sections 5 and 7; RFC 7692, section 7.
"""

import codecs
import logging

from websockets.extensions.permessage_deflate import PerMessageDeflate
from websockets.frames import CloseCode, Frame, Opcode
from websockets.protocol import OPEN, Protocol, Side

from app.formats.websocket import WINDOW_BITS

_log = logging.getLogger(__name__)
_log.setLevel(logging.ERROR)  # a client's invalid frames are answered, not logged

_Utf8Decoder = codecs.getincrementaldecoder("utf-8")


class _Protocol(Protocol):
    def recv_frame(self, frame: Frame) -> None:
        if frame.opcode is Opcode.CLOSE:
            # Answer a client that closes within a message with a close frame and not with an error:
            # control frames may come between fragments (RFC 6455, section 5.4).
            self.current_size = None
        super().recv_frame(frame)


class WebSocketInput:
    """The input of one client after the handshake.

    Args:
        max_message: the longest message, in bytes.
        deflate: the client's window bits for permessage-deflate; None if it was not negotiated.
        parser: a parser to continue with, which keeps its own limits; None to create one.
    """

    def __init__(
        self, max_message: int, deflate: int | None = None, parser: Protocol | None = None
    ) -> None:
        self._protocol = parser or _Protocol(
            Side.SERVER, state=OPEN, max_size=max_message, logger=_log
        )
        if parser is None and deflate is not None:
            self._protocol.extensions = [PerMessageDeflate(True, True, deflate, WINDOW_BITS)]
        self._text: codecs.IncrementalDecoder | None = None  # of a text message under way

    @property
    def is_over(self) -> bool:
        """Whether the connection must be closed once the answer is sent."""
        return self._protocol.close_expected()

    def receive(self, data: bytes) -> list[Frame]:
        """Parse bytes from the client.

        Returns:
            The complete data frames, decompressed, in order.
        """
        self._protocol.receive_data(data)
        frames = []
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
                    break
            frames.append(frame)
        return frames

    def answer(self) -> bytes:
        """The bytes to send in reply: pongs, or the close frame."""
        return b"".join(self._protocol.data_to_send())

    def fail(self, code: int, reason: str) -> None:
        """Fail the connection; `answer` then has the close frame."""
        self._protocol.fail(code, reason)
