"""Where files from strangers are opened: one worker process, one job at a time.

Theory of operation. The worker (`worker.py`) is started with the first job and kept. A job that
takes too long, or that its client has given up, ends with the worker, and the next job starts
another: nothing that a file does to it lives on. Jobs wait in a queue for each caller, and the
callers take turns (`fair_queue.py`).

Refuses a job when its caller's queue is full.
"""

import asyncio
import logging
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from app.media import errors
from app.media.errors import BrokenFile, MediaError, TooSlow, WorkersBusy
from app.media.fair_queue import FairQueue, QueueFull
from app.media.worker_process import WorkerProcess

_log = logging.getLogger(__name__)

_ANSWER = 1024 * 1024  # bytes of an answer at most
_START = 20.0  # seconds in which a worker has to be there


@dataclass(frozen=True, slots=True)
class WorkerConfig:
    """How much a worker may take.

    Args:
        memory: bytes of its address space.
        patience: seconds for one job.
        queue: jobs of one caller that may wait.
        queues: jobs of all callers that may wait.
        niceness: how far it stands back behind other processes, 0 to 19.
    """

    memory: int = 1024 * 1024 * 1024
    patience: float = 30.0
    queue: int = 16
    queues: int = 128
    niceness: int = 19


class WorkerPool:
    """A worker process, started when there is something to do."""

    def __init__(self, terms: WorkerConfig) -> None:
        self._terms = terms
        self._queue = FairQueue(terms.queue, terms.queues)
        self._worker = WorkerProcess("app.media.worker", (terms.memory, terms.niceness), _ANSWER)
        self._warming: asyncio.Task[None] | None = None

    @property
    def pid(self) -> int | None:
        """The worker's process id; None while there is none."""
        return self._worker.pid

    async def do(
        self, job: dict[str, Any], caller: str, patience: float | None = None
    ) -> dict[str, Any]:
        """Have a job done, when it is its caller's turn.

        Args:
            job: as the worker takes it.
            caller: who waits in which queue.
            patience: seconds for this job; None for as many as for any.

        Raises:
            MediaError: the file is refused, or too many wait.
        """
        try:
            async with self._queue.turn(caller):
                return _check(await self._ask(job, patience or self._terms.patience))
        except QueueFull as error:
            raise WorkersBusy(
                "Too many files wait to be made smaller: send it again soon."
            ) from error

    def warm_up(self) -> None:
        """Start the worker, if there is none, while its first job is still coming in."""
        if self._worker.pid is None and not self._queue.is_busy:
            self._warming = asyncio.create_task(self._warm())

    async def _warm(self) -> None:
        with suppress(WorkersBusy, QueueFull, OSError):
            async with self._queue.turn("warm-up"):
                await self._make_ready()

    async def close(self) -> None:
        """End the worker, whatever it does."""
        if self._warming is not None:
            self._warming.cancel()
        await self._worker.close()

    async def _ask(self, job: dict[str, Any], patience: float) -> dict[str, Any]:
        await self._make_ready()
        try:
            async with asyncio.timeout(patience):
                answer = await self._worker.ask(job)
        except TimeoutError:
            raise TooSlow(
                f"The file could not be read within {patience:.0f} seconds. Make it smaller."
            ) from None
        if answer is None:
            raise BrokenFile("The file is damaged in a way that nothing can read.")
        if answer.get("tired"):
            await self._worker.close()
        return answer

    async def _make_ready(self) -> None:
        """Have a worker that has said something: its start does not count as a job's time."""
        if self._worker.is_running:
            return
        greeting = None
        with suppress(TimeoutError):
            async with asyncio.timeout(_START):
                greeting = await self._worker.ask({"do": "nothing"})
        if greeting is None:
            _log.error("the worker that makes pictures smaller does not start")
            raise WorkersBusy("Pictures cannot be made smaller at the moment: send it again.")


def _check(answer: dict[str, Any]) -> dict[str, Any]:
    if (name := answer.get("refused")) is None:
        return answer
    if "cause" in answer:
        _log.info("a file cannot be read: %s", answer["cause"])
    refusal = getattr(errors, str(name), BrokenFile)
    assert issubclass(refusal, MediaError)
    raise refusal(answer["why"])
