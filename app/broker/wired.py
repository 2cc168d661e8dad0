"""A doorbell over a server, whichever it is. Refuses to let an outage reach its callers.

Theory of operation. One task keeps a link to the server: it connects, lets one child hear and one
send, and starts again from nothing when either fails. `announce` only rings in its own process and
lays the ring into the outbox, so no caller ever waits for a server. A ring leaves the outbox when
the server has taken it: what rang during an outage goes out after it, to those who are back by
then. The others have polled so far, and poll once more after they hear again.

A link proves itself: what it sends first is a heartbeat, and the bell counts as up only when that
has come back. Later ones follow whenever nothing else was sent for a while. So a server that takes
connections and delivers nothing (a hung machine, a proxy that swallows LISTEN) is an outage like
any other, and not a silence that is taken for a quiet day.
"""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import aclosing, suppress

from app.broker.bell import Bell
from app.broker.broker import Announcement
from app.broker.ending import end_tasks
from app.broker.outbox import Outbox
from app.broker.patience import Patience
from app.broker.payload import HEARTBEAT, format_announcement, parse_announcement
from app.broker.wire import Link, Wire

_log = logging.getLogger(__name__)


class WiredBroker:
    """Rings in every process that hangs on the same server.

    Args:
        wire: the way to the server.
        patience: how long to wait for what; None means the usual waits.
    """

    def __init__(self, wire: Wire, patience: Patience | None = None) -> None:
        self._wire = wire
        self._patience = patience or Patience()
        self._bell = Bell()
        self._outbox = Outbox()
        self._tasks: list[asyncio.Task[None]] = []
        self._tried = asyncio.Event()
        self._closing = False
        self._up = False
        self._broken = False
        self._outage = False

    @property
    def healthy(self) -> bool:
        """Whether the last heartbeat came back in time."""
        return self._up

    async def open(self) -> None:
        """Start keeping the link; returns when it stands or the first attempt has failed."""
        if not self._tasks and not self._closing:
            self._tasks = [asyncio.create_task(self._keep_link(), name="dateline-broker")]
        with suppress(TimeoutError):
            async with asyncio.timeout(self._patience.connect + self._patience.answer):
                await self._tried.wait()

    async def close(self) -> None:
        """Send what waits, if the bell is up, then cut the link and end every iterator."""
        if self._up:
            with suppress(TimeoutError):
                async with asyncio.timeout(self._patience.answer):
                    await self._outbox.emptied()
        self._closing = True
        await end_tasks(self._tasks)
        self._up = False
        self._bell.close()

    async def announce(self, topic: str, seq: int) -> None:
        """Ring here now, and everywhere else as soon as the server takes it.

        Raises:
            ValueError: no topic or seq looks like this.
        """
        announcement = Announcement(topic, seq)
        self._bell.ring(announcement)
        self._outbox.put(announcement)

    def announcements(self) -> AsyncIterator[Announcement]:
        """Hear every ring from this call on."""
        return self._bell.listen()

    async def _keep_link(self) -> None:
        loop = asyncio.get_running_loop()
        retries = self._patience.retries()
        while True:
            began = loop.time()
            try:
                await self._use_link()
            except Exception as error:  # noqa: BLE001 - whatever broke, the bell must come back
                self._note_outage(error)
            if self._closing:
                return
            # Only a link that stood for a while starts the waits afresh: a server that lets us in
            # and throws us out again would otherwise be knocked at, and logged, ten times a second.
            if loop.time() - began > self._patience.longest:
                retries = self._patience.retries()
            await asyncio.sleep(next(retries))

    async def _use_link(self) -> None:
        async with self._wire.link() as link:
            halves = [
                asyncio.create_task(self._hear(link), name="dateline-broker-hears"),
                asyncio.create_task(self._send(link), name="dateline-broker-sends"),
            ]
            self._tasks[1:] = halves
            self._broken = False
            await asyncio.wait(halves, return_when=asyncio.FIRST_COMPLETED)
            await end_tasks(halves)

    async def _hear(self, link: Link) -> None:
        silence = self._patience.heartbeat + self._patience.answer
        try:
            async with aclosing(link.hear()) as payloads:
                while True:
                    async with asyncio.timeout(silence if self._up else self._patience.answer):
                        payload = await anext(payloads)
                    self._note_heard()
                    self._ring(payload)
        except Exception as error:  # noqa: BLE001 - whatever broke, the link is used no more
            self._note_outage(error)

    async def _send(self, link: Link) -> None:
        sent: list[Announcement] = []
        try:
            while True:
                async with asyncio.timeout(self._patience.answer):
                    await link.send([format_announcement(one) for one in sent] or [HEARTBEAT])
                self._outbox.settle(sent)
                sent = await self._outbox.waiting(self._patience.heartbeat)
        except Exception as error:  # noqa: BLE001 - whatever broke, the link is used no more
            self._note_outage(error)

    def _ring(self, payload: str) -> None:
        if payload == HEARTBEAT:
            return
        try:
            self._bell.ring(parse_announcement(payload))
        except ValueError as error:
            _log.warning("Ignored %r on the channel of %s: %s", payload[:80], self._place, error)

    def _note_heard(self) -> None:
        if self._broken:  # the other half has given the link up, and this is its last gasp
            return
        self._up = True
        self._tried.set()
        if self._outage:
            self._outage = False
            _log.info("The bell is back at %s", self._place)

    def _note_outage(self, error: Exception) -> None:
        self._up = False
        self._broken = True
        self._tried.set()
        if not self._outage:
            self._outage = True
            _log.warning(
                "The bell is down at %s (%s); the journal is polled until it is back",
                self._place,
                _reason(error),
            )

    @property
    def _place(self) -> str:
        return self._wire.place


def _reason(error: Exception) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__
