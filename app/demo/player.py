"""Plays a script on a server, over the same HTTP API that a newsroom's tools speak.

Everything is done at its own time by the replay's clock, so that the journal has the times that its
readers would have seen. Quiet stretches are cut short.
"""

import asyncio
import logging
from collections.abc import Awaitable
from typing import Any

import httpx

from app.demo.clock import ReplayClock
from app.demo.script import Script, ScriptedEntry, ScriptedPicture, Step

_log = logging.getLogger(__name__)

LONGEST_PAUSE = 10.0  # seconds of real time between two steps


class StepRefused(Exception):
    """The server did not take a step of the script."""


class Player:
    """One replay.

    Args:
        script: what to play.
        clock: the server's clock, which stands at the script's first step.
        api: the server, as somebody who may do everything.
        longest_pause: seconds of real time after which the clock is moved on to the next step.
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
        self._ids: dict[str, str] = {}  # by the entries' keys in the script

    async def open(self) -> None:
        """Open the coverage, and publish at once what lies before the script begins.

        Raises:
            StepRefused: the server took something not.
        """
        coverage = self._script.coverage
        await self._ask("POST", "/v1/coverages", json=coverage.payload())
        for step in self._script.steps:
            if step.at < coverage.begins:
                self._clock.move_on(step.at)
                await self._tell(step)
        self._clock.move_on(coverage.begins)

    async def play(self) -> None:
        """Play the rest as time goes by, and close the coverage.

        What the server refuses is left out: whoever watches may have a key, and have retracted what
        the script would correct.
        """
        for step in self._script.steps:
            if step.at >= self._script.coverage.begins:
                self._clock.let_on(step.at)
                pause = self._clock.seconds_until(step.at)
                await asyncio.sleep(min(pause, self._longest_pause))
                self._clock.move_on(step.at)
                await self._try(self._tell(step))
        await self._try(self._ask("PATCH", self._path, json={"status": "closed"}))
        self._clock.run_free()

    async def _try(self, doing: Awaitable[object]) -> None:
        try:
            await doing
        except StepRefused as refusal:
            _log.warning("left out of the replay: %s", refusal)

    async def _tell(self, step: Step) -> None:
        if not isinstance(step, ScriptedEntry):
            await self._change(step.action, self._entry_path(step.entry), step.payload())
            return
        payload = step.payload()
        if step.media:
            payload["media"] = [await self._send(picture) for picture in step.media]
        entry = await self._ask("POST", f"{self._path}/entries", json=payload)
        self._ids[step.key] = entry["id"]
        if step.pinned:
            await self._change("pin", self._entry_path(step.key), {})

    async def _send(self, picture: ScriptedPicture) -> str:
        """Send a picture; its id."""
        file = (picture.file, picture.content())
        media = await self._ask("POST", "/v1/media", files={"file": file}, data=picture.words())
        return str(media["id"])

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
