"""Bodies of entries rendered before a transaction is opened, the costly ones in another process.

Theory of operation. What takes some milliseconds is rendered at once. The rest goes to a worker
(`render_worker.py`), which is started with the first of them and kept. Bodies wait in a queue for
each caller, and the callers take turns, so that one who sends many holds up nobody else. A body
that takes too long ends with its worker; the next one starts another.
"""

import asyncio
import json
import logging
import os
import re
import sys
from collections import OrderedDict, deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import astuple, dataclass, field
from typing import Any, TypeVar

from fastapi import Request

from app.desk.forms import EntryForm
from app.desk.render_worker import BodyLimits, BodyTooLarge, render
from app.hub.hub import OverCapacity
from app.timeline.entry import Body
from app.web.callers import caller_of
from app.web.house import TheHouse
from app.web.payload import json_body
from app.web.problems import InvalidPayload

_log = logging.getLogger(__name__)

Form = TypeVar("Form", bound=EntryForm)

# What is rendered at once takes 10 ms at most: about 1 µs a byte and 40 µs a mark. What begins an
# address without a mark of its own, or costs more than one, counts as three of them more.
_SHORT = 4 * 1024  # bytes
_FEW_MARKS = 150
_MARKS = frozenset("*_[]()|<>&:/@`~#\\!\n+-=$\"'{}^")
_ADDRESS, _MARKS_OF_ADDRESS = re.compile(r"@|www\.", re.IGNORECASE), 3
_ANSWER = 4 * 1024 * 1024  # bytes of an answer at most, as JSON


class RendererBusy(OverCapacity):
    """Too many bodies of one caller wait to be rendered."""


@dataclass(frozen=True, slots=True)
class RendererTerms:
    """How much rendering may take.

    Args:
        patience: seconds for one body, the worker's start among them.
        queue: bodies of one caller that may wait.
        memory: bytes of the worker's address space.
        niceness: how far it stands back behind other processes, 0 to 19.
        limits: of what a body becomes.
    """

    patience: float = 20.0
    queue: int = 32
    memory: int = 512 * 1024 * 1024
    niceness: int = 10
    limits: BodyLimits = field(default_factory=BodyLimits)


class Renderer:
    """Renders bodies; has a worker process once there is something for it to do."""

    def __init__(self, terms: RendererTerms | None = None) -> None:
        self._terms = terms or RendererTerms()
        self._queues: OrderedDict[str, deque[asyncio.Future[None]]] = OrderedDict()
        self._is_busy = False
        self._worker: asyncio.subprocess.Process | None = None

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Renderer"]:
        """End the worker with the block."""
        try:
            yield self
        finally:
            await self._end_worker()

    async def render(self, form: str, source: str, caller: str) -> Body | None:
        """Render a body. Not to be called in a transaction.

        Args:
            form: in which it comes: `markdown`, `html` or `text`.
            source: as it came.
            caller: who waits in which queue.

        Returns:
            The body, or None if nothing is left to show.

        Raises:
            BodyTooLarge: it becomes more than a page may show, or takes too long.
            RendererBusy: too many bodies of this caller wait.
        """
        if is_cheap(source):
            return render(form, source, self._terms.limits)
        async with self._turn(caller):
            answer = await self._ask({"form": form, "source": source})
        if "refused" in answer:
            raise BodyTooLarge(answer["refused"])
        return Body(answer["html"], answer["markdown"]) if answer["html"] is not None else None

    @asynccontextmanager
    async def _turn(self, caller: str) -> AsyncIterator[None]:
        if self._is_busy:
            await self._wait(caller)
        self._is_busy = True
        try:
            yield
        finally:
            self._pass_on()

    async def _wait(self, caller: str) -> None:
        queue = self._queues.setdefault(caller, deque())
        if len(queue) >= self._terms.queue:
            raise RendererBusy("Too many bodies wait to be rendered: send it again soon.")
        turn = asyncio.get_running_loop().create_future()
        queue.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if not turn.cancelled():  # the turn has come, and nobody takes it
                self._pass_on()
            raise

    def _pass_on(self) -> None:
        """Give the turn to the next caller, who stands behind all others with what is left."""
        while self._queues:
            caller, queue = self._queues.popitem(last=False)
            turn = queue.popleft()
            if queue:
                self._queues[caller] = queue
            if not turn.done():
                turn.set_result(None)
                return
        self._is_busy = False

    async def _ask(self, job: dict[str, Any]) -> dict[str, Any]:
        try:
            async with asyncio.timeout(self._terms.patience):
                answer = await self._tell(job)
        except TimeoutError:
            await self._end_worker()
            return {"refused": "takes too long to be rendered"}
        except BaseException:
            # Given up: whatever the worker may still say belongs to no later body.
            await asyncio.shield(self._end_worker())
            raise
        if answer is None:
            _log.warning("the worker that renders bodies has died of one")
            await self._end_worker()
            return {"refused": "cannot be rendered"}
        return answer

    async def _tell(self, job: dict[str, Any]) -> dict[str, Any] | None:
        if self._worker is None or self._worker.returncode is not None:
            self._worker = await self._start_worker()
        worker = self._worker
        assert worker.stdin is not None
        assert worker.stdout is not None
        try:
            worker.stdin.write(json.dumps(job).encode() + b"\n")
            await worker.stdin.drain()
            line = await worker.stdout.readline()
            answer: dict[str, Any] = json.loads(line) if line.endswith(b"\n") else {}
        except (ConnectionError, ValueError):
            return None
        return answer or None

    async def _start_worker(self) -> asyncio.subprocess.Process:
        numbers = (self._terms.memory, self._terms.niceness, *astuple(self._terms.limits))
        # Nothing of the operator's environment: it may hold secrets. A session of its own, so that
        # the keyboard's interrupt does not reach it; it ends when its input does.
        path = os.pathsep.join(place or os.curdir for place in sys.path)
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "app.desk.render_worker"),
            *map(str, numbers),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            env={"PYTHONPATH": path},
            start_new_session=True,
            limit=_ANSWER,
        )

    async def _end_worker(self) -> None:
        worker, self._worker = self._worker, None
        if worker is not None:
            with suppress(ProcessLookupError):
                worker.kill()
            await worker.wait()


def is_cheap(source: str) -> bool:
    """Whether a body is rendered within 10 ms, whatever it says."""
    if len(source) > _SHORT:
        return False
    marks = sum(character in _MARKS for character in source)
    return marks + _MARKS_OF_ADDRESS * len(_ADDRESS.findall(source)) <= _FEW_MARKS


def rendered(form: type[Form]) -> Callable[..., Awaitable[Form]]:
    """A dependency that reads an entry's form and renders its body.

    So a body is rendered when nothing is locked, and a transaction that needs it has it.
    """
    read = json_body(form)

    async def read_and_render(request: Request, house: TheHouse) -> Form:
        found = await read(request, house)
        if (source := found.source()) is not None:
            renderer: Renderer = request.app.state.renderer
            try:
                found.take_body(await renderer.render(*source, caller_of(request).id))
            except BodyTooLarge as refusal:
                raise InvalidPayload([("/body", str(refusal))]) from refusal
        return found

    return read_and_render
