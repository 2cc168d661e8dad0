"""A worker process: it is told a job by a line of JSON, and answers with one.

It is started with its first job and kept. One that dies, or whose job is given up, is ended, and
the next job starts another: nothing that a job does to it lives on. It gets nothing of the
operator's environment, which may hold secrets.
"""

import asyncio
import json
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import Any


class WorkerProcess:
    """One process; it does one job at a time, which is up to the caller.

    Args:
        module: what it runs.
        arguments: of its command.
        longest: bytes of an answer at most.
    """

    def __init__(self, module: str, arguments: Sequence[object], longest: int) -> None:
        self._command = [sys.executable, "-m", module, *map(str, arguments)]
        self._longest = longest
        self._process: asyncio.subprocess.Process | None = None

    @property
    def pid(self) -> int | None:
        """Its process id; None while there is none."""
        return None if self._process is None else self._process.pid

    @property
    def is_running(self) -> bool:
        """Whether it is there, as far as is known."""
        return self._process is not None and self._process.returncode is None

    async def ask(self, job: dict[str, Any]) -> dict[str, Any] | None:
        """Have a job done; whoever gives up, by a time-out or otherwise, ends the process.

        Returns:
            The answer; None if the process died over it.
        """
        try:
            if not self.is_running:
                self._process = await self._start()
            answer = await self._tell(job)
        except BaseException:
            # Whatever it may still say belongs to no later job.
            await asyncio.shield(self.close())
            raise
        if answer is None:
            await self.close()
        return answer

    async def close(self) -> None:
        """End the process, whatever it does."""
        process, self._process = self._process, None
        if process is not None:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()

    async def _start(self) -> asyncio.subprocess.Process:
        path = os.pathsep.join(place or os.curdir for place in sys.path)
        # No session of its own: Linux shares the processor among sessions first, so that its
        # niceness would mean nothing beside the server's. It ends when its input does.
        return await asyncio.create_subprocess_exec(
            *self._command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            # Each arena of glibc's allocator would take 64 MB of the address space that is bounded.
            env={"PYTHONPATH": path, "MALLOC_ARENA_MAX": "2"},
            limit=self._longest,
        )

    async def _tell(self, job: dict[str, Any]) -> dict[str, Any] | None:
        assert self._process is not None
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None
        assert stdout is not None
        try:
            stdin.write(json.dumps(job).encode() + b"\n")
            await stdin.drain()
            line = await stdout.readline()
            answer: dict[str, Any] = json.loads(line) if line.endswith(b"\n") else {}
        except (ConnectionError, ValueError):
            return None
        return answer or None
