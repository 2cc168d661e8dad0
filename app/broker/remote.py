"""A broker that uses a server of any kind; callers never see the server's outages.

Theory of operation. One task maintains the link to the server: it connects, runs one child task
that receives and one that sends, and reconnects when either fails. `notify` only notifies its own
process and puts the notification into the outbox, so no caller ever waits for a server. A
notification leaves the outbox once the server has accepted it: those made during an outage are sent
after it, to the processes that have reconnected by then. The other processes poll meanwhile, and
poll once more after they have reconnected.

A new link first sends a heartbeat, and the broker counts as connected only when that has come back.
More heartbeats follow whenever nothing else was sent for a while. So a server that accepts
connections and delivers nothing (a hung machine, a proxy that swallows LISTEN) is treated as an
outage, and not as a time without events.
"""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import aclosing, suppress

from app.broker.broker import Notification, decode_notification, encode_notification
from app.broker.notifier import Notifier
from app.broker.pending_notifications import PendingNotifications
from app.broker.timeouts import BrokerTimeouts
from app.broker.transport import Link, Transport
from app.tasks import end_tasks

_log = logging.getLogger(__name__)

# Each process sends it to itself through the server. It cannot be confused with a notification.
HEARTBEAT = "heartbeat"


class RemoteBroker:
    """Notifies every process that is connected to the same server.

    Args:
        transport: opens links to the server.
        timeouts: the broker's time-outs; None means the defaults.
    """

    def __init__(self, transport: Transport, timeouts: BrokerTimeouts | None = None) -> None:
        self._transport = transport
        self._timeouts = timeouts or BrokerTimeouts()
        self._notifier = Notifier()
        self._outbox = PendingNotifications()
        self._tasks: list[asyncio.Task[None]] = []
        self._tried = asyncio.Event()
        self._closing = False
        self._is_connected = False
        self._broken = False
        self._outage = False

    @property
    def is_connected(self) -> bool:
        """Whether the last heartbeat came back in time."""
        return self._is_connected

    async def open(self) -> None:
        """Start maintaining the link; returns when it is up or the first attempt has failed."""
        if not self._tasks and not self._closing:
            self._tasks = [asyncio.create_task(self._keep_link(), name="dateline-broker")]
        with suppress(TimeoutError):
            async with asyncio.timeout(self._timeouts.connect + self._timeouts.answer):
                await self._tried.wait()

    async def close(self) -> None:
        """Send pending notifications, if connected, then close the link and end every iterator."""
        if self._is_connected:
            with suppress(TimeoutError):
                async with asyncio.timeout(self._timeouts.answer):
                    await self._outbox.emptied()
        self._closing = True
        await end_tasks(self._tasks)
        self._is_connected = False
        self._notifier.close()

    async def notify(self, topic: str, seq: int) -> None:
        """Notify this process now, and all others as soon as the server accepts the notification.

        Raises:
            ValueError: the topic or the seq is invalid.
        """
        notification = Notification(topic, seq)
        self._notifier.notify(notification)
        self._outbox.put(notification)

    def notifications(self) -> AsyncIterator[Notification]:
        """Every notification from this call on."""
        return self._notifier.subscribe()

    async def _keep_link(self) -> None:
        loop = asyncio.get_running_loop()
        retries = self._timeouts.retries()
        while True:
            began = loop.time()
            try:
                async with self._transport.link() as link:
                    children = [
                        asyncio.create_task(self._receive(link), name="dateline-broker-receives"),
                        asyncio.create_task(self._send(link), name="dateline-broker-sends"),
                    ]
                    self._tasks[1:] = children
                    self._broken = False
                    await asyncio.wait(children, return_when=asyncio.FIRST_COMPLETED)
                    await end_tasks(children)
            except Exception as error:  # noqa: BLE001 - whatever broke, the broker must come back
                self._note_outage(error)
            if self._closing:
                return
            # Only a link that was up for a while resets the delays: the task would otherwise retry
            # and log ten times a second with a server that accepts a connection and closes it.
            if loop.time() - began > self._timeouts.longest_retry:
                retries = self._timeouts.retries()
            await asyncio.sleep(next(retries))

    async def _receive(self, link: Link) -> None:
        silence = self._timeouts.heartbeat + self._timeouts.answer
        try:
            async with aclosing(link.receive()) as payloads:
                while True:
                    async with asyncio.timeout(
                        silence if self._is_connected else self._timeouts.answer
                    ):
                        payload = await anext(payloads)
                    self._note_received()
                    if payload == HEARTBEAT:
                        continue
                    try:
                        self._notifier.notify(decode_notification(payload))
                    except ValueError as error:
                        _log.warning(
                            "Ignored %r on the channel of %s: %s",
                            payload[:80],
                            self._address,
                            error,
                        )
        except Exception as error:  # noqa: BLE001 - whatever broke, the link is used no more
            self._note_outage(error)

    async def _send(self, link: Link) -> None:
        sent: list[Notification] = []
        try:
            while True:
                async with asyncio.timeout(self._timeouts.answer):
                    await link.send([encode_notification(one) for one in sent] or [HEARTBEAT])
                self._outbox.mark_sent(sent)
                sent = await self._outbox.pending(self._timeouts.heartbeat)
        except Exception as error:  # noqa: BLE001 - whatever broke, the link is used no more
            self._note_outage(error)

    def _note_received(self) -> None:
        if self._broken:  # the sending task has given the link up; this payload came just before
            return
        self._is_connected = True
        self._tried.set()
        if self._outage:
            self._outage = False
            _log.info("The broker is back at %s", self._address)

    def _note_outage(self, error: Exception) -> None:
        self._is_connected = False
        self._broken = True
        self._tried.set()
        if not self._outage:
            self._outage = True
            _log.warning(
                "The broker is down at %s (%s); the journal is polled until it is back",
                self._address,
                " ".join(str(error).split())[:200] or type(error).__name__,
            )

    @property
    def _address(self) -> str:
        return self._transport.address
