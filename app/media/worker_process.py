"""A worker process: reads jobs and writes answers as lines of JSON.

It starts with its first job and is reused. After a crash or a cancelled job it is killed, and the
next job starts another, so no effect of a job outlives it. It inherits nothing of the operator's
environment, which may hold secrets.
"""

import asyncio
import json
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import Any


class WorkerProcess:
    """One process; the caller must give it one job at a time.

    Args:
        module: the module that it runs.
        arguments: of its command line.
        longest: bytes of the longest answer.
    """

    def __init__(self, module: str, arguments: Sequence[object], longest: int) -> None:
        self._command = [sys.executable, "-m", module, *map(str, arguments)]
        self._longest = longest
        self._process: asyncio.subprocess.Process | None = None

    @property
    def pid(self) -> int | None:
        """Its process id; None if none is running."""
        return None if self._process is None else self._process.pid

    @property
    def is_running(self) -> bool:
        """Whether the process is running, as far as is known."""
        return self._process is not None and self._process.returncode is None

    async def ask(self, job: dict[str, Any]) -> dict[str, Any] | None:
        """Run a job; a time-out or any other cancellation kills the process.

        Returns:
            The answer; None if the process died during the job.
        """
        try:
            if not self.is_running:
                self._process = await self._start()
            assert self._process is not None
            stdin, stdout = self._process.stdin, self._process.stdout
            assert stdin is not None
            assert stdout is not None
            answer: dict[str, Any] = {}
            # ValueError: the line is too long, or is no JSON.
            with suppress(ConnectionError, ValueError):
                stdin.write(json.dumps(job).encode() + b"\n")
                await stdin.drain()
                line = await stdout.readline()
                answer = json.loads(line) if line.endswith(b"\n") else {}
        except BaseException:
            # A late answer must not be taken for that of another job.
            await asyncio.shield(self.close())
            raise
        if not answer:
            await self.close()
        return answer or None

    async def close(self) -> None:
        """Kill the process, even in the middle of a job."""
        process, self._process = self._process, None
        if process is not None:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()

    async def _start(self) -> asyncio.subprocess.Process:
        path = os.pathsep.join(place or os.curdir for place in sys.path)
        # No session of its own: Linux divides the processor among sessions first, so its niceness
        # would mean nothing beside the server's. The process ends when its input does.
        return await asyncio.create_subprocess_exec(
            *self._command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            # Each arena of glibc's allocator would use 64 MB of the limited address space.
            env={"PYTHONPATH": path, "MALLOC_ARENA_MAX": "2"},
            limit=self._longest,
        )
