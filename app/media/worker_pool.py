"""Media worker pool: opens untrusted files in one worker process, one job at a time.

Theory of operation. The worker (`worker.py`) starts with the first job and is reused. If a job
times out or its client cancels it, the worker is killed and the next job starts another, so no
effect of a file outlives its job. Each caller has a queue, and callers are served in turn
(`fair_queue.py`).

Refuses a job if its caller's queue is full.
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

_ANSWER = 1024 * 1024  # bytes of the longest answer
_START = 20.0  # seconds within which a worker has to start


@dataclass(frozen=True, slots=True)
class WorkerConfig:
    """Limits of a worker.

    Args:
        memory: bytes of its address space.
        time_limit: seconds for one job.
        queue: the most jobs of one caller that may wait.
        queues: the most jobs of all callers that may wait.
        niceness: the lower priority of the process, 0 to 19.
    """

    memory: int = 1024 * 1024 * 1024
    time_limit: float = 30.0
    queue: int = 16
    queues: int = 128
    niceness: int = 19


class WorkerPool:
    """A worker process, started on demand."""

    def __init__(self, config: WorkerConfig) -> None:
        self._config = config
        self._queue = FairQueue(config.queue, config.queues)
        self._worker = WorkerProcess("app.media.worker", (config.memory, config.niceness), _ANSWER)
        self._warming: asyncio.Task[None] | None = None

    @property
    def pid(self) -> int | None:
        """The worker's process id; None if none is running."""
        return self._worker.pid

    async def do(
        self, job: dict[str, Any], caller: str, time_limit: float | None = None
    ) -> dict[str, Any]:
        """Run a job when its caller's turn comes.

        Args:
            job: in the worker's format.
            caller: the caller whose queue the job waits in.
            time_limit: seconds for this job; None for the configured number.

        Raises:
            MediaError: the file is refused, or too many jobs wait.
        """
        try:
            async with self._queue.turn(caller):
                return await self._ask(job, time_limit or self._config.time_limit)
        except QueueFull as error:
            raise WorkersBusy(
                "Too many files are waiting for conversion: send it again soon."
            ) from error

    def warm_up(self) -> None:
        """Start the worker, if none is running, while the body of its first job still arrives."""
        if self._worker.pid is None and not self._queue.is_busy:
            self._warming = asyncio.create_task(self._warm())

    async def _warm(self) -> None:
        with suppress(WorkersBusy, QueueFull, OSError):
            async with self._queue.turn("warm-up"):
                await self._make_ready()

    async def close(self) -> None:
        """Stop the worker, even in the middle of a job."""
        if self._warming is not None:
            self._warming.cancel()
        await self._worker.close()

    async def _ask(self, job: dict[str, Any], time_limit: float) -> dict[str, Any]:
        await self._make_ready()
        try:
            async with asyncio.timeout(time_limit):
                answer = await self._worker.ask(job)
        except TimeoutError:
            raise TooSlow(
                f"The file could not be read within {time_limit:.0f} seconds. Make it smaller."
            ) from None
        if answer is None:
            raise BrokenFile("The file is damaged and cannot be read.")
        if answer.get("tired"):
            await self._worker.close()
        if (name := answer.get("refused")) is None:
            return answer
        if "cause" in answer:
            _log.info("a file cannot be read: %s", answer["cause"])
        refusal = getattr(errors, str(name), BrokenFile)
        assert issubclass(refusal, MediaError)
        raise refusal(answer["why"])

    async def _make_ready(self) -> None:
        """Wait for a worker's first output, so that its start does not count as time of a job."""
        if self._worker.is_running:
            return
        greeting = None
        with suppress(TimeoutError):
            async with asyncio.timeout(_START):
                greeting = await self._worker.ask({"do": "nothing"})
        if greeting is None:
            _log.error("the media worker does not start")
            raise WorkersBusy("Files cannot be converted at the moment: send it again later.")
