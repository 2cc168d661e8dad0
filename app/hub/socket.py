"""A WebSocket whose transport the hub owns: it also hears pings, and the client's leave."""

from app.hub.connection import Connection
from app.hub.hearing import Hearing
from app.hub.line import Line

LARGEST_MESSAGE = 4096  # bytes that a client may send
MOST_HEARD = 256 * 1024  # bytes in a stream's life; a ping a second is less than 10 KB
_POLICY = 1008


class SocketConnection(Connection):
    """A reader who may say a little."""

    __slots__ = ("_deflate", "_hearing")

    hears_reasons = True

    _deflate: int | None
    _hearing: Hearing | None

    def attach(self, line: Line) -> None:
        """Take over a line from the server."""
        self._deflate = line.deflate
        # Only for those who speak at all, since it takes 4 KB; a browser never does.
        begun = line.begun
        self._hearing = Hearing(LARGEST_MESSAGE, begun=begun) if begun else None
        super().attach(line)

    def data_received(self, data: bytes) -> None:
        """Answer what has to be answered."""
        if self.transport.is_closing():
            return  # what comes behind a close frame is not read
        self.heard += len(data)
        hearing = self._hearing = self._hearing or Hearing(LARGEST_MESSAGE, self._deflate)
        hearing.hear(data)  # a reader has nothing to say; what it says is checked and dropped
        if self.heard > MOST_HEARD:
            hearing.fail(_POLICY, "this is a stream to read")
        answer = hearing.answer()
        if answer and not self.is_leaving:  # else it answers the close frame that is out already
            self.write(answer)
        if hearing.is_over:
            self._unhook()
            self.transport.close()

    def close(self) -> None:
        """Wait for the client's close frame, which would find a broken line else."""
        self.push.leaving(self)

    def pause_writing(self) -> None:
        """The client is slow: nor is it heard, lest answers pile up."""
        if not self.is_paused:
            self.transport.pause_reading()
        super().pause_writing()

    def resume_writing(self) -> None:
        """The client has taken everything."""
        if self.is_paused and not self.transport.is_closing():
            self.transport.resume_reading()
        super().resume_writing()
