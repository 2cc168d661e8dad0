"""Two editors change one entry at the same time: no accepted text is lost or overwritten."""

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
    """One entry: the texts accepted by revision, the conflicts and the refusals."""

    address: str
    texts: dict[int, str]
    conflicts: int = 0
    retracted: bool = False
    refused: list[str] = field(default_factory=list)


class Editor:
    """An editor who sends `If-Match`, and reads the current text after a conflict."""

    def __init__(self, name: str, client: httpx.AsyncClient, rng: random.Random) -> None:
        self._name = name
        self._client = client
        self._rng = rng

    async def work(self, round_: Round) -> None:
        """Make a few changes, one after another, until the entry is retracted."""
        revision = 1
        for step in range(_STEPS):
            await asyncio.sleep(self._rng.choice((0, 0, 0.002, 0.01)))
            text = f"{self._name} {step}"
            answer = await self._change(round_.address, text, revision)
            if answer.status_code == httpx.codes.CONFLICT:
                round_.refused.append(answer.json()["type"])
                return
            if answer.status_code == httpx.codes.PRECONDITION_FAILED:
                revision = _both_texts(round_, answer.json(), revision)
                continue
            entry = answer.raise_for_status().json()
            if entry["status"] == "retracted":
                round_.retracted = True
                return
            revision = entry["revision"]
            assert revision not in round_.texts, "two texts were accepted as one revision"
            round_.texts[revision] = text

    async def _change(self, address: str, text: str, revision: int) -> httpx.Response:
        headers = {"If-Match": f'"{revision}"'}
        action = self._rng.choices(("amend", "correct", "retract"), (6, 6, 1))[0]
        if action == "amend":
            return await self._client.patch(address, json={"body": text}, headers=headers)
        payload = {"note": "A note."} | ({"body": text} if action == "correct" else {})
        path = f"{address}/{action}ion" if action == "correct" else f"{address}/retraction"
        return await self._client.post(path, json=payload, headers=headers)


def _both_texts(round_: Round, problem: Json, revision: int) -> int:
    """Check that a conflict's problem holds the current entry; returns its revision."""
    assert problem["type"] == "/problems/stale-revision"
    current = problem["current"]
    assert current["revision"] > revision
    assert current["body"]["markdown"]
    round_.conflicts += 1
    return int(current["revision"])


async def test_two_editors_lose_no_text_to_each_other(
    site: Site, figures: Callable[[str], None]
) -> None:
    """Each accepted text is one revision, in order; each 412 holds the other editor's text."""
    server = site.start()
    rng = random.Random(20)
    names = ["Ada", "Ben"]
    clients = [await asyncio.to_thread(_client, server, name) for name in names]
    editors = [
        Editor(name, client, random.Random(rng.random()))
        for name, client in zip(names, clients, strict=True)
    ]
    totals: Counter[str] = Counter()
    for number in range(_ROUNDS):
        first = {"body": f"Round {number}"}
        entry = (await clients[0].post(_ENTRIES, json=first)).raise_for_status().json()
        round_ = Round(f"{_ENTRIES}/{entry['id']}", {1: first["body"]})
        await asyncio.gather(*(editor.work(round_) for editor in editors))
        await _check(clients[1], round_)
        totals["texts"] += len(round_.texts)
        totals["conflicts"] += round_.conflicts
        totals["retracted"] += round_.retracted
    for client in clients:
        await client.aclose()
    assert totals["conflicts"] > _ROUNDS / 4, "they hardly met"
    figures(
        f"two editors, {_ROUNDS} rounds: {totals['texts']} texts accepted and found in order,"
        f" {totals['conflicts']} conflicts shown, {totals['retracted']} entries retracted"
    )


async def _check(client: httpx.AsyncClient, round_: Round) -> None:
    """Compare the stored revisions with the answers that the editors got."""
    entry = (await client.get(round_.address)).json()
    assert set(round_.refused) <= ({"/problems/entry-retracted"} if round_.retracted else set())
    assert (entry["status"] == "retracted") is round_.retracted
    assert entry["revision"] == len(round_.texts) == max(round_.texts)
    revisions = (await client.get(f"{round_.address}/revisions")).json()["revisions"]
    expected = [] if round_.retracted else [round_.texts[n + 1] for n in range(len(round_.texts))]
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
