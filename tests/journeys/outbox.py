"""A newsroom's tool: delivers each thing until it is acknowledged, however often that takes.

Each thing has an `Idempotency-Key` of its own, so that a repetition is safe. Refuses to give up for
a cut line or a 503; any other refusal ends it.
"""

import asyncio
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import httpx

Json = dict[str, Any]

_PAUSE = 0.05  # seconds before a repetition


class Outbox:
    """What is to be posted to one coverage, and what has been acknowledged.

    Args:
        base_urls: of the servers, which the tool's clients take in turn.
        slug: where to post.
        key: an editor's.
        session: the headers of an editor's browser, who then posts instead of the key.
    """

    def __init__(
        self,
        base_urls: Sequence[str],
        slug: str,
        key: str,
        session: Mapping[str, str] | None = None,
    ) -> None:
        self.acknowledged: dict[str, Json] = {}
        self.answers: Counter[int] = Counter()
        self.problems: list[httpx.Response] = []
        self.lost = 0
        self._addresses = [f"{url}/v1/coverages/{slug}/entries" for url in base_urls]
        self._headers = session or {"Authorization": f"Bearer {key}"}
        self._stirred = asyncio.Event()

    async def deliver(self, things: Mapping[str, Json], clients: int) -> None:
        """Post everything, as fast as it goes.

        Args:
            things: payloads by their idempotency key, in order.
            clients: how many post at a time.
        """
        waiting = iter(things.items())
        async with asyncio.TaskGroup() as tasks:
            for number in range(clients):
                address = self._addresses[number % len(self._addresses)]
                tasks.create_task(self._work(address, waiting))

    async def count(self, number: int) -> None:
        """Wait until so many are acknowledged."""
        while len(self.acknowledged) < number:
            self._stirred.clear()
            await self._stirred.wait()

    async def _work(self, address: str, waiting: Iterator[tuple[str, Json]]) -> None:
        async with httpx.AsyncClient(
            headers=self._headers, timeout=120, verify=False, trust_env=False
        ) as client:
            for key, payload in waiting:
                self.acknowledged[key] = await self._insist(client, address, key, payload)
                self._stirred.set()

    async def _insist(
        self, client: httpx.AsyncClient, address: str, key: str, payload: Json
    ) -> Json:
        while True:
            entry = await self._post(client, address, key, payload)
            if entry is not None:
                return entry
            await asyncio.sleep(_PAUSE)

    async def _post(
        self, client: httpx.AsyncClient, address: str, key: str, payload: Json
    ) -> Json | None:
        try:
            answer = await client.post(address, json=payload, headers={"Idempotency-Key": key})
        except httpx.TransportError:
            self.lost += 1
            return None
        self.answers[answer.status_code] += 1
        if answer.status_code == httpx.codes.CREATED:
            entry: Json = answer.json()
            return entry
        self.problems.append(answer)
        again = answer.status_code == httpx.codes.SERVICE_UNAVAILABLE
        if not again and not answer.json()["type"].endswith("/request-in-progress"):
            raise AssertionError(f"{answer.status_code}: {answer.text}")
        return None
