"""Plays a script on a server, over the HTTP API that newsroom tools use.

Every action takes place at its own time by the replay's clock, so that the journal has the times of
the original events. Long pauses are cut short.
"""

import asyncio
import logging
from collections.abc import Awaitable
from typing import Any

import httpx

from app.demo.clock import ReplayClock
from app.demo.script import Script, ScriptedEntry, Step

_log = logging.getLogger(__name__)

LONGEST_PAUSE = 10.0  # seconds of real time between two steps


class StepRefused(Exception):
    """The server refused a step of the script."""


class Player:
    """One replay.

    Args:
        script: the script to play.
        clock: the server's clock, which stands at the script's first step.
        api: a client of the server with all permissions.
        longest_pause: seconds of real time after which the clock is set to the next step.
    """

    def __init__(
        self,
        script: Script,
        clock: ReplayClock,
        api: httpx.AsyncClient,
        longest_pause: float = LONGEST_PAUSE,
    ) -> None:
        self._script = script
        self._clock = clock
        self._api = api
        self._longest_pause = longest_pause
        self._path = f"/v1/coverages/{script.coverage.slug}"
        self._ids: dict[str, str] = {}  # by the entry's key in the script

    async def open(self) -> None:
        """Open the coverage, and publish at once what precedes the script's beginning.

        Raises:
            StepRefused: the server refused a step.
        """
        coverage = self._script.coverage
        await self._ask("POST", "/v1/coverages", json=coverage.payload())
        for step in self._script.steps:
            if step.at < coverage.begins:
                self._clock.advance(step.at)
                await self._play_step(step)
        self._clock.advance(coverage.begins)

    async def play(self) -> None:
        """Play the remaining steps in time, and close the coverage.

        Steps that the server refuses are skipped: a spectator may have a key, and may have
        retracted an entry that the script would correct.
        """
        for step in self._script.steps:
            if step.at >= self._script.coverage.begins:
                self._clock.release(step.at)
                pause = self._clock.seconds_until(step.at)
                await asyncio.sleep(min(pause, self._longest_pause))
                self._clock.advance(step.at)
                await self._try(self._play_step(step))
        await self._try(self._ask("PATCH", self._path, json={"status": "closed"}))
        self._clock.release_fully()

    async def _try(self, doing: Awaitable[object]) -> None:
        try:
            await doing
        except StepRefused as refusal:
            _log.warning("the replay skips a step: %s", refusal)

    async def _play_step(self, step: Step) -> None:
        if not isinstance(step, ScriptedEntry):
            await self._change(step.action, self._entry_path(step.entry), step.payload())
            return
        payload = step.payload()
        for picture in step.media:
            file = (picture.file, picture.content())
            fields = picture.words()
            media = await self._ask("POST", "/v1/media", files={"file": file}, data=fields)
            payload.setdefault("media", []).append(str(media["id"]))
        entry = await self._ask("POST", f"{self._path}/entries", json=payload)
        self._ids[step.key] = entry["id"]
        if step.pinned:
            await self._change("pin", self._entry_path(step.key), {})

    async def _change(self, action: str, path: str, payload: dict[str, Any]) -> None:
        match action:
            case "amend":
                await self._ask("PATCH", path, json=payload, headers={"If-Match": "*"})
            case "correct":
                await self._ask("POST", f"{path}/correction", json=payload)
            case "retract":
                await self._ask("POST", f"{path}/retraction", json=payload)
            case "pin":
                await self._ask("PUT", f"{path}/pin")
            case _:
                await self._ask("DELETE", f"{path}/pin")

    def _entry_path(self, key: str) -> str:
        if key not in self._ids:
            raise StepRefused(f"the entry {key} was not published")
        return f"{self._path}/entries/{self._ids[key]}"

    async def _ask(self, method: str, path: str, **request: Any) -> Any:
        answer = await self._api.request(method, path, **request)
        if not answer.is_success:
            raise StepRefused(f"{method} {path}: {answer.text}")
        return answer.json()
