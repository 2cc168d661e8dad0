"""Loop-time rate limit: how much of a process's time one client address may take.

Answers from the response cache cost almost nothing and bypass this limit. Every other request is
measured: the processor time that the event loop's thread spends on it, step by step. An address
that has used up its share of ten seconds is refused (429). So a client that finds an expensive
request, whatever it is, takes a part of the process and not all of it.

A WebSocket is measured like a GET until its stream begins; the cost of a stream's replay is charged
to the address before the replay runs.

All anonymous clients together get 15 % of the loop's time, step by step, and their addresses take
turns: if they are many, they delay each other and not what the newsroom publishes. To open a plain
stream is short, and all readers do it at once after an outage, so a few are opened in each pass of
the loop, whatever that takes. Each key and each session runs one step in a pass. Anonymous clients
have half of the database connections for reading.

A client that has shown a valid key or session is remembered for a minute, and not counted: the
newsroom has limits of its own, and a reader behind the same address must not lock it out.
"""

import asyncio
import math
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Generator
from functools import partial
from hashlib import blake2b
from types import coroutine
from typing import Any

from fastapi import Request, Response, WebSocket
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send

from app.store.engine import READS_ANONYMOUSLY, is_writing
from app.web.problems import problem
from app.web.rate_limits.fair_scheduling import FairSteps, PacedSteps, ShortSteps
from app.web.rate_limits.fixed_window import FixedWindow
from app.web.rate_limits.streams import client_key_by
from app.web.rate_limits.too_many_requests import TooManyRequests

_WINDOW = 10  # seconds of the window in which an address has its share
_KNOWN_FOR = 60.0  # seconds for which valid credentials are remembered
_MOST_KNOWN = 4096  # credentials that are remembered
_SHARE_OF_ALL = 0.15  # share of the loop's time for all anonymous clients together
_OPENINGS = 8  # streams that are opened in a pass of the loop; together about a millisecond
_PAUSE = 0.5  # seconds before a refusal is sent
_MOST_DELAYED = 256  # refusals that are delayed at a time; further ones are sent at once
_CREDENTIALS = frozenset({b"authorization", b"cookie"})
_METER = "dateline.meter"
_FREE = frozenset({"/healthz", "/readyz"})  # cheap, and polled by process supervisors

Refuse = Callable[[Request, Exception], Awaitable[Response]]


class Meter:
    """The cost of one request.

    `spent` is processor time in seconds; `count` charges seconds to the address's share; `is_known`
    is true once the request has shown a valid key or session.
    """

    __slots__ = ("count", "is_known", "spent")

    def __init__(self, count: Callable[[float], None] = lambda _seconds: None) -> None:
        self.count = count
        self.spent = 0.0
        self.is_known = False


class LoopShares:
    """What the addresses have used of their shares of the event loop's time.

    `anonymous` has the turns of all anonymous clients.

    Args:
        share: the share of the loop's time that one address may take, 0 to 1; 1 is no limit.
        trusted: the proxies whose own address is not limited, in `StreamLimiter`'s format.
    """

    def __init__(self, share: float, trusted: str) -> None:
        self._spent = FixedWindow(share * _WINDOW, _WINDOW)
        self._is_limited = share < 1
        self._client_key = client_key_by(trusted)
        self.anonymous = PacedSteps(_SHARE_OF_ALL)
        self._openings = ShortSteps(_OPENINGS)
        self.use, self.wait = self._spent.use, self._spent.wait

    def key_of(self, scope: Scope) -> str | None:
        """Return the key that a request's address is counted under; None without a limit."""
        client = scope.get("client")
        return self._client_key(client[0]) if client and self._is_limited else None

    async def open(self, who: str, step: Callable[[], bool]) -> bool:
        """Open an anonymous client's stream when its turn comes, and charge its address.

        Args:
            who: the key of the address.
            step: what is run; nothing waits in it.

        Returns:
            What the step returns.
        """
        if turn := self._openings.wait(who):
            await turn
        began = time.thread_time()
        token = READS_ANONYMOUSLY.set(True)  # the tasks that it starts read for the client
        try:
            return step()
        finally:
            READS_ANONYMOUSLY.reset(token)
            self.use(who, time.thread_time() - began)


class LoopBudget:
    """A middleware that measures requests, and refuses those of an address over its share.

    Args:
        app: the next application.
        shares: what the addresses have used.
        refuse: creates the response to a refused request.
    """

    def __init__(self, app: ASGIApp, *, shares: LoopShares, refuse: Refuse) -> None:
        self._app = app
        self._shares = shares
        self._refuse = refuse
        self._delayed = 0
        self._steps = FairSteps()
        self._known: OrderedDict[bytes, float] = OrderedDict()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        shares = self._shares
        who = None if scope["type"] == "lifespan" else shares.key_of(scope)
        if who is None or scope["path"] in _FREE:
            await self._app(scope, receive, send)
            return
        fields = [value for name, value in scope["headers"] if name in _CREDENTIALS]
        # A digest does not reveal the credentials.
        shown = blake2b(b"\n".join(fields), digest_size=16).digest() if fields else None
        if shown is not None and time.monotonic() < self._known.get(shown, 0.0):
            wait = partial(self._steps.wait, shown)
            await _stepwise(self._app(scope, receive, send), wait, _spend_freely)
            return
        if left := shares.wait(who):
            refusal = TooManyRequests(math.ceil(left))
            await self._delay()
            if scope["type"] == "websocket":
                await WebSocket(scope, receive, send).send_denial_response(problem(refusal))
            else:
                await (await self._refuse(Request(scope), refusal))(scope, receive, send)
            return
        meter = Meter(partial(shares.use, who))

        def spend(elapsed: float, processor: float) -> None:
            shares.anonymous.spend(elapsed)
            meter.spent += processor

        token = READS_ANONYMOUSLY.set(True)
        try:
            work = self._app({**scope, _METER: meter}, receive, send)
            await _stepwise(work, partial(shares.anonymous.wait, who), spend)
        finally:
            READS_ANONYMOUSLY.reset(token)
            if meter.is_known and shown is not None:
                self._known[shown] = time.monotonic() + _KNOWN_FOR
                self._known.move_to_end(shown)
                if len(self._known) > _MOST_KNOWN:
                    self._known.popitem(last=False)
            else:
                shares.use(who, meter.spent)

    async def _delay(self) -> None:
        # A client that retries at once is then refused twice a second, and not a thousand times.
        if self._delayed < _MOST_DELAYED:
            self._delayed += 1
            try:
                await asyncio.sleep(_PAUSE)
            finally:
                self._delayed -= 1


def note_known(connection: HTTPConnection) -> None:
    """Mark a request as having shown a valid key or session."""
    if isinstance(meter := connection.scope.get(_METER), Meter):
        meter.is_known = True


def charge(connection: HTTPConnection, seconds: float) -> None:
    """Charge an address for loop time that other tasks will spend on its behalf, such as a replay.

    Args:
        connection: the request.
        seconds: the expected loop time; charged at once, not at the end of the request.
    """
    meter = connection.scope.get(_METER)
    if isinstance(meter, Meter) and not meter.is_known:
        meter.count(seconds)


def _spend_freely(_elapsed: float, _processor: float) -> None:
    pass


@coroutine
def _stepwise(
    work: Any,
    wait: Callable[[], asyncio.Future[None] | None],
    spend: Callable[[float, float], None],
) -> Generator[Any, Any, None]:
    """Drive an application's coroutine as `await` does, but run each step only when it may run.

    Args:
        work: the coroutine.
        wait: requests the next step.
        spend: called after each step with the seconds that it held the loop, and its processor
            time in seconds.
    """
    step, value = work.send, None
    while True:
        try:
            # A writing transaction holds a lock for which the newsroom waits, so it never pauses.
            if not is_writing() and (turn := wait()):
                yield from turn
        except GeneratorExit:
            work.close()
            raise
        except BaseException as error:  # noqa: BLE001  it is the coroutine's to handle
            step, value = work.throw, error
        began, at = time.thread_time(), time.perf_counter()
        try:
            waited = step(value)
        except StopIteration:
            return
        finally:
            spend(time.perf_counter() - at, time.thread_time() - began)
        try:
            step, value = work.send, (yield waited)
        except GeneratorExit:
            work.close()
            raise
        except BaseException as error:  # noqa: BLE001  it is the coroutine's to handle
            step, value = work.throw, error
