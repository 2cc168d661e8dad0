"""Flow control: uvicorn's own, which also stops a transfer's clock while reading is paused."""

import asyncio

from uvicorn.protocols.http.flow_control import FlowControl

from app.server.data_rate import TransferCredit


class TimedFlow(FlowControl):
    """The flow control of one connection.

    Args:
        transport: the connection's transport.
        credit: the credit of the current body, whose clock stops while reading is paused.
    """

    def __init__(self, transport: asyncio.Transport, credit: TransferCredit) -> None:
        super().__init__(transport)
        self._credit = credit
        self._now = asyncio.get_running_loop().time

    def pause_reading(self) -> None:
        """Pause reading: the application has not consumed what was read."""
        if not self.read_paused:
            self._credit.pause(self._now())
        super().pause_reading()

    def resume_reading(self) -> None:
        """Resume reading."""
        if self.read_paused:
            self._credit.resume(self._now())
        super().resume_reading()
