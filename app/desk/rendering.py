"""Bodies of entries rendered before a transaction is opened, the costly ones in another process.

Theory of operation. What takes some milliseconds is rendered at once. The rest goes to a worker
(`render_worker.py`), which is started with the first of them and kept. Bodies wait in a queue for
each caller, and the callers take turns, so that one who sends many holds up nobody else. A body
that takes too long ends with its worker; the next one starts another.
"""

import asyncio
import logging
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import astuple, dataclass, field
from typing import Any, TypeVar

from fastapi import Request

from app.desk.render_worker import BodyLimits, BodyTooLarge, render
from app.hub.hub import OverCapacity
from app.media.fair_queue import FairQueue, QueueFull
from app.media.worker_process import WorkerProcess
from app.newsroom.forms import EntryForm
from app.timeline.entry import Body
from app.web.authentication import caller_of
from app.web.json_body import json_body
from app.web.problems import InvalidPayload
from app.web.services import ServicesDep

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
    """Too many bodies wait to be rendered, of one caller or of all."""


@dataclass(frozen=True, slots=True)
class RendererTerms:
    """How much rendering may take.

    Args:
        patience: seconds for one body, the worker's start among them.
        queue: bodies of one caller that may wait.
        queues: bodies of all callers that may wait.
        memory: bytes of the worker's address space.
        niceness: how far it stands back behind other processes, 0 to 19.
        limits: of what a body becomes.
    """

    patience: float = 20.0
    queue: int = 32
    queues: int = 256
    memory: int = 512 * 1024 * 1024
    niceness: int = 19
    limits: BodyLimits = field(default_factory=BodyLimits)


class Renderer:
    """Renders bodies; has a worker process once there is something for it to do."""

    def __init__(self, terms: RendererTerms | None = None) -> None:
        self._terms = terms or RendererTerms()
        self._queue = FairQueue(self._terms.queue, self._terms.queues)
        sizes = (self._terms.memory, self._terms.niceness, *astuple(self._terms.limits))
        self._worker = WorkerProcess("app.desk.render_worker", sizes, _ANSWER)

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Renderer"]:
        """End the worker with the block."""
        try:
            yield self
        finally:
            await self._worker.close()

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
            RendererBusy: too many bodies wait.
        """
        if is_cheap(source):
            return render(form, source, self._terms.limits)
        try:
            async with self._queue.turn(caller):
                answer = await self._ask({"form": form, "source": source})
        except QueueFull as error:
            raise RendererBusy(
                "Too many bodies wait to be rendered: send it again soon."
            ) from error
        if "refused" in answer:
            raise BodyTooLarge(answer["refused"])
        return Body(answer["html"], answer["markdown"]) if answer["html"] is not None else None

    async def _ask(self, job: dict[str, Any]) -> dict[str, Any]:
        try:
            async with asyncio.timeout(self._terms.patience):
                answer = await self._worker.ask(job)
        except TimeoutError:
            return {"refused": "takes too long to be rendered"}
        if answer is None:
            _log.warning("the worker that renders bodies has died of one")
            return {"refused": "cannot be rendered"}
        return answer


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

    async def read_and_render(request: Request, services: ServicesDep) -> Form:
        found = await read(request, services)
        if (source := found.source()) is not None:
            renderer: Renderer = request.app.state.renderer
            try:
                found.take_body(await renderer.render(*source, caller_of(request).id))
            except BodyTooLarge as refusal:
                raise InvalidPayload([("/body", str(refusal))]) from refusal
        return found

    return read_and_render
