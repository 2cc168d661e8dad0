"""Where files from strangers are opened: one worker process, one job at a time.

Theory of operation. The worker (`worker.py`) is started with the first job and kept. A job that
takes too long, or that its client has given up, ends with the worker, and the next job starts
another: nothing that a file does to it lives on. Jobs wait in a line that has an end.

Refuses a job when the line is full.
"""

import asyncio
import json
import logging
import os
import sys
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from app.media import errors
from app.media.errors import BrokenFile, DarkroomBusy, MediaError, TooSlow

_log = logging.getLogger(__name__)

_ANSWER = 1024 * 1024  # bytes of an answer at most
_START = 20.0  # seconds in which a worker has to be there


@dataclass(frozen=True, slots=True)
class DarkroomTerms:
    """How much a worker may take.

    Args:
        memory: bytes of its address space.
        patience: seconds for one job.
        line: jobs that may wait or be under way.
        niceness: how far it stands back behind other processes, 0 to 19.
    """

    memory: int = 1024 * 1024 * 1024
    patience: float = 30.0
    line: int = 16
    niceness: int = 10


class Darkroom:
    """A worker process, started when there is something to do."""

    def __init__(self, terms: DarkroomTerms) -> None:
        self._terms = terms
        self._turn = asyncio.Lock()
        self._in_line = 0
        self._worker: asyncio.subprocess.Process | None = None
        self._warming: asyncio.Task[None] | None = None

    @property
    def pid(self) -> int | None:
        """The worker's process id; None while there is none."""
        return None if self._worker is None else self._worker.pid

    async def do(self, job: dict[str, Any]) -> dict[str, Any]:
        """Have a job done, after those that came before.

        Raises:
            MediaError: the file is refused, or there is no place in the line.
        """
        if self._in_line >= self._terms.line:
            raise DarkroomBusy("Too many pictures wait to be made smaller: send it again soon.")
        self._in_line += 1
        try:
            async with self._turn:
                return _check(await self._ask(job))
        finally:
            self._in_line -= 1

    def warm_up(self) -> None:
        """Start the worker, if there is none, while its first job is still coming in."""
        if self._worker is None and not self._turn.locked():
            self._warming = asyncio.create_task(self._warm())

    async def _warm(self) -> None:
        async with self._turn:
            with suppress(DarkroomBusy, OSError, TimeoutError):
                await self._ready()

    async def close(self) -> None:
        """End the worker, whatever it does."""
        if self._warming is not None and self._warming is not asyncio.current_task():
            self._warming.cancel()
        worker, self._worker = self._worker, None
        if worker is None:
            return
        with suppress(ProcessLookupError):
            worker.kill()
        await worker.wait()

    async def _ask(self, job: dict[str, Any]) -> dict[str, Any]:
        worker = await self._ready()
        try:
            async with asyncio.timeout(self._terms.patience):
                answer = await _tell(worker, job)
        except TimeoutError:
            await self.close()
            seconds = round(self._terms.patience)
            raise TooSlow(
                f"The file could not be read within {seconds} seconds. Make it smaller."
            ) from None
        except BaseException:
            # Given up, or broken off: whatever it may still say belongs to no later job.
            await asyncio.shield(self.close())
            raise
        if answer is None:
            await self.close()
            raise BrokenFile("The file is damaged in a way that nothing can read.")
        if answer.get("tired"):
            await self.close()
        return answer

    async def _ready(self) -> asyncio.subprocess.Process:
        if self._worker is not None and self._worker.returncode is None:
            return self._worker
        self._worker = worker = await self._start()
        try:
            async with asyncio.timeout(_START):
                greeting = await _tell(worker, {"do": "nothing"})
        except BaseException:
            await asyncio.shield(self.close())
            raise
        if greeting is None:
            await self.close()
            _log.error("the worker that makes pictures smaller does not start")
            raise DarkroomBusy("Pictures cannot be made smaller at the moment: send it again.")
        return worker

    async def _start(self) -> asyncio.subprocess.Process:
        command = [sys.executable, "-m", "app.media.worker"]
        # Nothing of the operator's environment: it may hold secrets. A session of its own, so that
        # the keyboard's interrupt does not reach it; it ends when its input does.
        path = os.pathsep.join(place or os.curdir for place in sys.path)
        return await asyncio.create_subprocess_exec(
            *command,
            str(self._terms.memory),
            str(self._terms.niceness),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            env={"PYTHONPATH": path},
            start_new_session=True,
            limit=_ANSWER,
        )


async def _tell(worker: asyncio.subprocess.Process, job: dict[str, Any]) -> dict[str, Any] | None:
    """The worker's answer; None if it died."""
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


def _check(answer: dict[str, Any]) -> dict[str, Any]:
    if (name := answer.get("refused")) is None:
        return answer
    if "cause" in answer:
        _log.info("a picture cannot be read: %s", answer["cause"])
    refusal = getattr(errors, str(name), BrokenFile)
    assert issubclass(refusal, MediaError)
    raise refusal(answer["why"])
