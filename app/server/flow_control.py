"""Flow control of uvicorn's that counts only the time in which a client is read."""

import asyncio

from uvicorn.protocols.http.flow_control import FlowControl

from app.server.data_rate import TransferCredit


class TimedFlow(FlowControl):
    """What uvicorn pauses and resumes.

    Args:
        transport: of the connection.
        credit: of the body under way, which costs nothing while reading is paused.
    """

    def __init__(self, transport: asyncio.Transport, credit: TransferCredit) -> None:
        super().__init__(transport)
        self._credit = credit
        self._now = asyncio.get_running_loop().time

    def pause_reading(self) -> None:
        """Read no more for now: enough waits to be taken."""
        if not self.read_paused:
            self._credit.pause(self._now())
        super().pause_reading()

    def resume_reading(self) -> None:
        """Read on."""
        if self.read_paused:
            self._credit.resume(self._now())
        super().resume_reading()
