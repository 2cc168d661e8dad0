"""A newsroom's client: repeats each request until the server acknowledges it.

Each payload has an `Idempotency-Key` of its own, so that a repetition is safe. A cut connection
and a 503 are retried; any other refusal is an error.
"""

import asyncio
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import httpx

Json = dict[str, Any]

_PAUSE = 0.05  # seconds before a repetition


class Outbox:
    """The payloads for one coverage, and the entries that have been acknowledged.

    Args:
        base_urls: URLs of the servers, used in turn by the clients.
        slug: The coverage to post to.
        key: An editor's API key.
        session: Headers of an editor's browser session, sent instead of the key; None: the key.
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
        self._changed = asyncio.Event()

    async def deliver(self, payloads: Mapping[str, Json], clients: int) -> None:
        """Post everything, without pauses.

        Args:
            payloads: Payloads by their idempotency key, in order.
            clients: How many clients post at the same time.
        """
        queue = iter(payloads.items())
        async with asyncio.TaskGroup() as tasks:
            for number in range(clients):
                address = self._addresses[number % len(self._addresses)]
                tasks.create_task(self._work(address, queue))

    async def count(self, number: int) -> None:
        """Wait until that many payloads are acknowledged."""
        while len(self.acknowledged) < number:
            self._changed.clear()
            await self._changed.wait()

    async def _work(self, address: str, queue: Iterator[tuple[str, Json]]) -> None:
        async with httpx.AsyncClient(
            headers=self._headers, timeout=120, verify=False, trust_env=False
        ) as client:
            for key, payload in queue:
                self.acknowledged[key] = await self._post_until_acknowledged(
                    client, address, key, payload
                )
                self._changed.set()

    async def _post_until_acknowledged(
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
            response = await client.post(address, json=payload, headers={"Idempotency-Key": key})
        except httpx.TransportError:
            self.lost += 1
            return None
        self.answers[response.status_code] += 1
        if response.status_code == httpx.codes.CREATED:
            entry: Json = response.json()
            return entry
        self.problems.append(response)
        retryable = response.status_code == httpx.codes.SERVICE_UNAVAILABLE
        if not retryable and not response.json()["type"].endswith("/request-in-progress"):
            raise AssertionError(f"{response.status_code}: {response.text}")
        return None
