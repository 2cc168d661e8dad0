"""Two editors on one entry at the same time: nothing that was accepted is lost or overwritten."""

import asyncio
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

import httpx
import pytest

from tests.dateline import DatelineServer
from tests.journeys.outbox import Json
from tests.journeys.site import SLUG, Site
from tests.signed_in import sign_in, take_in

pytestmark = pytest.mark.full("hundreds of changes")

_ROUNDS = 200
_STEPS = 3  # of each editor in a round
_ENTRIES = f"/v1/coverages/{SLUG}/entries"


@dataclass
class Round:
    """One entry, what was written into it, and how often somebody was told of the other."""

    address: str
    texts: dict[int, str]
    conflicts: int = 0
    retracted: bool = False
    refused: list[str] = field(default_factory=list)


class Editor:
    """Somebody at a desk: writes on what they have seen, and looks at the other's text if told."""

    def __init__(self, name: str, client: httpx.AsyncClient, chance: random.Random) -> None:
        self._name = name
        self._client = client
        self._chance = chance

    async def work(self, on: Round) -> None:
        """A few changes, one after another, for as long as the entry stands."""
        seen = 1
        for step in range(_STEPS):
            await asyncio.sleep(self._chance.choice((0, 0, 0.002, 0.01)))
            text = f"{self._name} {step}"
            answer = await self._change(on.address, text, seen)
            if answer.status_code == httpx.codes.CONFLICT:
                on.refused.append(answer.json()["type"])
                return
            if answer.status_code == httpx.codes.PRECONDITION_FAILED:
                seen = _both_texts(on, answer.json(), seen)
                continue
            entry = answer.raise_for_status().json()
            if entry["status"] == "retracted":
                on.retracted = True
                return
            seen = entry["revision"]
            assert seen not in on.texts, "two texts were accepted as one revision"
            on.texts[seen] = text

    async def _change(self, address: str, text: str, seen: int) -> httpx.Response:
        headers = {"If-Match": f'"{seen}"'}
        deed = self._chance.choices(("amend", "correct", "retract"), (6, 6, 1))[0]
        if deed == "amend":
            return await self._client.patch(address, json={"body": text}, headers=headers)
        payload = {"note": "A note."} | ({"body": text} if deed == "correct" else {})
        path = f"{address}/{deed}ion" if deed == "correct" else f"{address}/retraction"
        return await self._client.post(path, json=payload, headers=headers)


def _both_texts(on: Round, problem: Json, seen: int) -> int:
    """What a desk shows beside one's own text: the entry as it is; gives its revision."""
    assert problem["type"] == "/problems/stale-revision"
    current = problem["current"]
    assert current["revision"] > seen
    assert current["body"]["markdown"]
    on.conflicts += 1
    return int(current["revision"])


async def test_two_editors_lose_no_text_to_each_other(
    site: Site, figures: Callable[[str], None]
) -> None:
    """Each accepted text is a revision, in order; each conflict shows the other's text."""
    server = site.start()
    chance = random.Random(20)
    names = ["Ada", "Ben"]
    clients = [await asyncio.to_thread(_client, server, name) for name in names]
    editors = [
        Editor(name, client, random.Random(chance.random()))
        for name, client in zip(names, clients, strict=True)
    ]
    told: Counter[str] = Counter()
    for number in range(_ROUNDS):
        first = {"body": f"Round {number}"}
        entry = (await clients[0].post(_ENTRIES, json=first)).raise_for_status().json()
        on = Round(f"{_ENTRIES}/{entry['id']}", {1: first["body"]})
        await asyncio.gather(*(editor.work(on) for editor in editors))
        await _check(clients[1], on)
        told["texts"] += len(on.texts)
        told["conflicts"] += on.conflicts
        told["retracted"] += on.retracted
    for client in clients:
        await client.aclose()
    assert told["conflicts"] > _ROUNDS / 4, "they hardly met"
    figures(
        f"two editors, {_ROUNDS} rounds: {told['texts']} texts accepted and found in order,"
        f" {told['conflicts']} conflicts shown, {told['retracted']} entries retracted"
    )


async def _check(client: httpx.AsyncClient, on: Round) -> None:
    """Hold the record against what the editors were answered."""
    entry = (await client.get(on.address)).json()
    assert set(on.refused) <= ({"/problems/entry-retracted"} if on.retracted else set())
    assert (entry["status"] == "retracted") is on.retracted
    assert entry["revision"] == len(on.texts) == max(on.texts)
    revisions = (await client.get(f"{on.address}/revisions")).json()["revisions"]
    expected = [] if on.retracted else [on.texts[n + 1] for n in range(len(on.texts))]
    assert [revision["body"]["markdown"] for revision in revisions] == expected


def _client(server: DatelineServer, name: str) -> httpx.AsyncClient:
    email = f"{name.lower()}@example.org"
    take_in(server, email, name, "editor")
    with sign_in(server, email) as signed_in:
        return httpx.AsyncClient(
            base_url=server.url,
            cookies=signed_in.cookies,
            headers={"Origin": server.url},
            timeout=120,
            trust_env=False,
        )
