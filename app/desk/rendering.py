"""Body rendering: render the bodies of entries before a transaction, costly ones in a worker.

Theory of operation. A body that takes a few milliseconds is rendered at once. Others go to a worker
process (`render_worker.py`), which is started for the first one and kept. Each caller has a queue
of bodies, and the callers take turns, so that one with many bodies does not delay the others. If a
body takes too long, the worker is killed; the next body starts another.
"""

import asyncio
import logging
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import astuple, dataclass, field
from typing import Any, TypeVar

from fastapi import Request

from app.desk.render_worker import MARKDOWN, BodyLimits, BodyTooLarge, render
from app.hub.hub import OverCapacity
from app.intake.html.markdown_writer import markdown_from_html
from app.media.fair_queue import FairQueue, QueueFull
from app.media.worker_process import WorkerProcess
from app.newsroom.forms import EntryForm
from app.timeline.entry import Body
from app.web.authentication import caller_of
from app.web.json_body import json_body
from app.web.problems import InvalidPayload

_log = logging.getLogger(__name__)

Form = TypeVar("Form", bound=EntryForm)

# Bodies that are rendered at once take 10 ms at most: about 1 µs a byte and 40 µs a markup
# character. The beginning of an address, which has no such character or costs more than one,
# counts as three more.
_SHORT = 4 * 1024  # bytes
_FEW_MARKS = 150
_MARKS = re.compile(r"[*_\[\]()|<>&:/@`~#\\!\n+\-=$\"'{}^]")
_ADDRESS, _MARKS_OF_ADDRESS = re.compile(r"@|www\.", re.IGNORECASE), 3
_ANSWER = 4 * 1024 * 1024  # bytes of a worker's answer at most, as JSON


class RendererBusy(OverCapacity):
    """Too many bodies of one caller, or of all callers, are waiting to be rendered."""


@dataclass(frozen=True, slots=True)
class RendererConfig:
    """The limits of rendering.

    Args:
        patience: seconds that one body may take, including the worker's start.
        queue: bodies of one caller that may wait.
        queues: bodies of all callers that may wait.
        memory: bytes of the worker's address space.
        niceness: the worker's niceness, 0 to 19.
        limits: the limits of the rendered HTML.
    """

    patience: float = 20.0
    queue: int = 32
    queues: int = 256
    memory: int = 512 * 1024 * 1024
    niceness: int = 19
    limits: BodyLimits = field(default_factory=BodyLimits)


class Renderer:
    """Renders bodies; starts its worker process when the first costly body needs it."""

    def __init__(self, config: RendererConfig | None = None) -> None:
        self._config = config or RendererConfig()
        self._queue = FairQueue(self._config.queue, self._config.queues)
        sizes = (self._config.memory, self._config.niceness, *astuple(self._config.limits))
        self._worker = WorkerProcess("app.desk.render_worker", sizes, _ANSWER)

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Renderer"]:
        """End the worker process at the end of the block."""
        try:
            yield self
        finally:
            await self._worker.close()

    async def render(self, form: str, source: str, caller: str) -> Body | None:
        """Render a body. Do not call this in a transaction: it may wait in a queue.

        Args:
            form: the body's format: `markdown`, `html` or `text`.
            source: the body as it was sent.
            caller: the caller's id, which selects the queue.

        Returns:
            The body, or None if nothing is left to show.

        Raises:
            BodyTooLarge: the HTML exceeds a limit, or rendering takes too long or fails.
            RendererBusy: too many bodies are waiting.
        """
        if is_cheap(source):
            return render(form, source, self._config.limits)
        answer = await self._ask({"form": form, "source": source}, caller)
        if "refused" in answer:
            raise BodyTooLarge(answer["refused"])
        return Body(answer["html"], answer["markdown"]) if answer["html"] is not None else None

    async def convert(self, markup: str, caller: str) -> str:
        """Convert HTML to Markdown, as `render` renders.

        Raises:
            BodyTooLarge: the conversion takes too long or fails.
            RendererBusy: too many bodies are waiting.
        """
        if is_cheap(markup):
            return markdown_from_html(markup)
        answer = await self._ask({"form": MARKDOWN, "source": markup}, caller)
        return str(answer["markdown"])

    async def _ask(self, job: dict[str, str], caller: str) -> dict[str, Any]:
        try:
            async with self._queue.turn(caller), asyncio.timeout(self._config.patience):
                answer = await self._worker.ask(job)
        except QueueFull as error:
            raise RendererBusy(
                "Too many bodies are waiting to be rendered. Try again in a few seconds."
            ) from error
        except TimeoutError:
            raise BodyTooLarge("takes too long to be rendered") from None
        if answer is None:
            _log.warning("the rendering worker died while it rendered a body")
            raise BodyTooLarge("cannot be rendered")
        return answer


def is_cheap(source: str) -> bool:
    """Whether a body is certain to be rendered within 10 ms, whatever its content."""
    if len(source) > _SHORT:
        return False
    marks = len(_MARKS.findall(source))
    return marks + _MARKS_OF_ADDRESS * len(_ADDRESS.findall(source)) <= _FEW_MARKS


def rendered(model: type[Form]) -> Callable[[Request], Awaitable[Form]]:
    """Return a dependency that reads an entry's form and renders its body.

    The body is thus rendered while nothing is locked, before the transaction that needs it.
    """
    read = json_body(model)

    async def read_and_render(request: Request) -> Form:
        form = await read(request)
        if (source := form.source()) is not None:
            renderer: Renderer = request.app.state.renderer
            try:
                form.take_body(await renderer.render(*source, caller_of(request).id))
            except BodyTooLarge as refusal:
                raise InvalidPayload([("/body", str(refusal))]) from refusal
        return form

    return read_and_render
