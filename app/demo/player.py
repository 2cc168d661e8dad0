"""Plays a script on a server, over the HTTP API that newsroom tools use.

Every action takes place at its own time by the replay's clock, so that the journal has the times of
the original events. Long pauses are cut short.
"""

import asyncio
import logging
from typing import Any

import httpx

from app.demo.clock import ReplayClock
from app.demo.script import (
    Closing,
    Json,
    Opening,
    Script,
    ScriptedChange,
    ScriptedEntry,
    Step,
)

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
        self._entries: dict[str, Json] = {}  # as they were published, by their key in the script

    async def open(self) -> None:
        """Play at once what precedes the script's beginning.

        Raises:
            StepRefused: the server refused a step.
        """
        for step in self._script.steps:
            if step.at < self._script.begins:
                self._clock.advance(step.at)
                await self._play_step(step)
        self._clock.advance(self._script.begins)

    async def play(self) -> None:
        """Play the remaining steps in time.

        Steps that the server refuses are skipped: a spectator may have a key, and may have
        retracted an entry that the script would correct.
        """
        for step in self._script.steps:
            if step.at >= self._script.begins:
                self._clock.release(step.at)
                pause = self._clock.seconds_until(step.at)
                await asyncio.sleep(min(pause, self._longest_pause))
                self._clock.advance(step.at)
                try:
                    await self._play_step(step)
                except StepRefused as refusal:
                    _log.warning("the replay skips a step: %s", refusal)
        self._clock.release_fully()

    async def _play_step(self, step: Step) -> None:
        match step:
            case Opening():
                payload = step.coverage.payload(str(self._api.base_url).rstrip("/"))
                await self._ask("POST", "/v1/coverages", json=payload)
            case Closing():
                path = f"/v1/coverages/{step.coverage.slug}"
                await self._ask("PATCH", path, json={"status": "closed"})
            case ScriptedEntry():
                await self._publish(step)
            case ScriptedChange():
                await self._change(step.action, step.entry, step.payload(), step.claim)

    async def _publish(self, entry: ScriptedEntry) -> None:
        payload = entry.payload()
        for picture in entry.media:
            file = (picture.file, picture.content())
            fields = picture.words()
            media = await self._ask("POST", "/v1/media", files={"file": file}, data=fields)
            payload.setdefault("media", []).append(str(media["id"]))
        if entry.translation_of is not None:
            original = self._published(entry.translation_of)
            payload["translation_of"] = {
                "coverage": original["coverage"],
                "entry_id": original["id"],
            }
        path = f"/v1/coverages/{self._script.slug_of(entry)}/entries"
        self._entries[entry.key] = await self._ask("POST", path, json=payload)
        if entry.pinned:
            await self._change("pin", entry.key, {})

    async def _change(self, action: str, key: str, payload: Json, claim: int | None = None) -> None:
        entry = self._published(key)
        path = _path(entry["coverage"], entry["id"])
        match action:
            case "amend":
                await self._ask("PATCH", path, json=payload, headers={"If-Match": "*"})
            case "correct":
                await self._ask("POST", f"{path}/correction", json=payload)
            case "retract":
                await self._ask("POST", f"{path}/retraction", json=payload)
            case "assess":
                if claim is not None:
                    payload["claim"] = entry["claims"][claim]["id"]
                await self._ask("POST", f"{path}/assessment", json=payload)
            case "check":
                source = entry["translation_of"]
                original = await self._ask("GET", _path(source["coverage"], source["entry_id"]))
                revision = {"revision": original["revision"]}
                await self._ask("PUT", f"{path}/translation", json=revision)
            case "pin":
                await self._ask("PUT", f"{path}/pin")
            case _:
                await self._ask("DELETE", f"{path}/pin")

    def _published(self, key: str) -> Json:
        """Return an entry as it was published.

        Raises:
            StepRefused: it was not published.
        """
        if key not in self._entries:
            raise StepRefused(f"the entry {key} was not published")
        return self._entries[key]

    async def _ask(self, method: str, path: str, **request: Any) -> Any:
        answer = await self._api.request(method, path, **request)
        if not answer.is_success:
            raise StepRefused(f"{method} {path}: {answer.text}")
        return answer.json()


def _path(coverage: str, entry_id: str) -> str:
    return f"/v1/coverages/{coverage}/entries/{entry_id}"
