"""Promises of transactions: nothing is waited for in one but the database."""

import asyncio
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from app.intake.body import body_from_markdown
from app.store.coverages import find_coverage
from app.store.engine import Store
from tests import transactions
from tests.access.matrix import Matrix, open_matrix
from tests.access.newsroom import open_coverage
from tests.access.rules import LIVE
from tests.callers import Asker
from tests.routes import all_routes
from tests.signed_in import PASSWORD, sign_in, take_in, try_sign_in

LONG = "| a | b |\n|---|---|\n" + "| *one* | two |\n" * 400
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Matrix]:
    """A newsroom of its own, whose log names every fault."""
    with open_matrix(tmp_path_factory.mktemp("watched"), is_watched=True) as opened:
        yield opened


_read: dict[str, int] = {}  # characters of a server's log that were looked at


def faults(watched: Matrix) -> list[str]:
    """What its server has waited for in a transaction since somebody last asked."""
    log = watched.server.log()
    begin, _read[watched.server.url] = _read.get(watched.server.url, 0), len(log)
    return [line for line in log[begin:].splitlines() if transactions.MARK in line]


def chief_of(watched: Matrix, door: str) -> Asker:
    """A chief of the whole newsroom, with a key or a session."""
    return next(a for a in watched.askers if (a.door, a.role, a.coverage) == (door, "chief", None))


@pytest.mark.parametrize("route", [r for r in all_routes() if not r.startswith("SOCKET")])
def test_no_route_waits_in_a_transaction(watched: Matrix, route: str, is_full: bool):
    """Neither as it is meant to be asked nor with a body, a name and a type that nobody expects."""
    named = {"Idempotency-Key": uuid.uuid4().hex}
    usual = "session" if " /desk" in route else "key"
    for door in ("key", "session") if is_full else (usual,):
        chief = chief_of(watched, door)
        assert watched.ask(route, chief, LIVE).status_code < 500
        if not route.startswith(("GET", "MOUNT")):
            assert watched.ask(route, chief, LIVE, **named).status_code < 500
            address = watched.address(route, LIVE, watched.entry_id, visit="tab")
            for headers in named, named | FORM:
                answer = watched.client(chief).request(
                    route.partition(" ")[0], address, content=b"token=x", headers=headers
                )
                assert answer.status_code < 500, answer.text
    assert not faults(watched)


def write(watched: Matrix, method: str, below: str, **sent: object) -> httpx.Response:
    """What the chief is answered below the live coverage; it must have been granted."""
    named = {"Idempotency-Key": uuid.uuid4().hex, "If-Match": "*"}
    path = f"/v1/coverages/{LIVE}{below}"
    answers = [
        watched.chief.request(method, path, json=sent or None, headers=named) for _ in range(2)
    ]
    assert [a.status_code // 100 for a in answers] == [2, 2], answers[0].text
    assert answers[0].content == answers[1].content
    return answers[0]


def test_no_way_of_an_entry_waits_in_a_transaction(watched: Matrix):
    """From a long draft to its restoration, each step twice under one name."""
    draft = write(watched, "POST", "/entries", body=LONG, draft=True).json()["id"]
    write(watched, "PATCH", f"/entries/{draft}", body={"html": "<p>x</p>" * 900})
    write(watched, "PUT", f"/drafts/{draft}/submission")
    write(watched, "POST", f"/drafts/{draft}/return", note="Shorter.")
    write(watched, "POST", f"/entries/{draft}/publication")
    write(watched, "POST", f"/entries/{draft}/correction", note="Two.", body=LONG + LONG)
    write(watched, "PUT", f"/entries/{draft}/pin")
    write(watched, "POST", f"/entries/{draft}/retraction", note="Not so.")
    again = write(watched, "POST", f"/entries/{draft}/restoration").json()["id"]
    write(watched, "DELETE", f"/drafts/{again}")
    preview = watched.chief.post(f"/v1/coverages/{LIVE}/preview", json={"body": LONG})
    assert "<table>" in preview.json()["html"]
    assert not faults(watched)


def test_no_read_waits_in_a_transaction(watched: Matrix):
    """Pages, moments of the past, HTML events, long-polls and replays."""
    base = f"/v1/coverages/{LIVE}"
    for path in (
        f"{base}/entries?at=2100-01-01T00:00:00Z",
        f"/coverages/{LIVE}?at=2100-01-01T00:00:00Z",
        f"/coverages/{LIVE}?lite=true",
        f"{base}/events?format=html",
        f"{base}/events?after={watched.chief.get(base).json()['cursor']}&wait=0.2",
    ):
        httpx.get(watched.server.url + path).raise_for_status()
    with httpx.stream("GET", f"{watched.server.url}{base}/events?after=0&format=html",
                      headers={"Accept": "text/event-stream"}) as stream:  # fmt: skip
        assert any("entry.published" in line for line in stream.iter_lines())
    assert not faults(watched)


def test_no_password_is_hashed_in_a_transaction(watched: Matrix):
    """Right and wrong sign-ins, an invitation taken, a password changed."""
    server = watched.server
    take_in(server, "ada@example.org", "Ada", "editor")
    assert try_sign_in(server, "ada@example.org", "wrong").status_code == 401
    assert try_sign_in(server, "nobody@example.org", "wrong").status_code == 401
    with sign_in(server, "ada@example.org") as ada:
        page = ada.get("/desk/account").text
        token = page.partition('name="token" value="')[2].partition('"')[0]
        fields = {"token": token, "old": PASSWORD, "password": "seven boats left harbour"}
        headers = {"Idempotency-Key": uuid.uuid4().hex}
        for _ in range(2):
            sent = ada.post("/desk/account/password", data=fields, headers=headers)
            assert sent.status_code in {303, 403}  # the new session has another token
    link = watched.chief.post("/v1/invitations", json={"role": "editor"}).json()["link"]
    typed = {"name": "Eve", "email": "eve@example.org", "password": PASSWORD}
    taken = httpx.post(link, data=typed, headers={"Origin": server.url}, timeout=120)
    assert taken.status_code == 303
    assert not faults(watched)


def test_who_sends_a_body_slowly_holds_up_nobody(watched: Matrix):
    """A request without a form, with a name: others write while its body is on its way."""
    begun, path = time.monotonic(), f"/v1/coverages/{LIVE}/drafts/nope"

    def slowly() -> Iterator[bytes]:
        yield b"x"
        for number in range(3):
            write(watched, "POST", "/entries", headline=f"Meanwhile {number}")
            yield b"x"

    named = {"Idempotency-Key": uuid.uuid4().hex}
    answer = watched.chief.request("DELETE", path, content=slowly(), headers=named, timeout=60)
    assert answer.status_code == 404
    assert time.monotonic() - begun < 60  # which is no speed: it would never have come


def test_the_request_limit_holds_without_a_form(watched: Matrix):
    """A named request's body is read for its digest, and no further than any other's."""
    named = {"Idempotency-Key": uuid.uuid4().hex}
    path = f"/v1/coverages/{LIVE}/drafts/nope"
    answer = watched.chief.request("DELETE", path, content=b"x" * 1_100_000, headers=named)
    assert (answer.status_code, answer.json()["type"]) == (413, "/problems/payload-too-large")


@asynccontextmanager
async def watching(folder: Path) -> AsyncIterator[tuple[Store, list[str]]]:
    """A store under the instrument, and what that finds."""
    found: list[str] = []
    with pytest.MonkeyPatch.context() as kept:
        for owner, names in transactions.WATCHED:
            for name in names:
                kept.setattr(owner, name, getattr(owner, name))  # to be put back
        transactions.install(found.append)
        store = Store(f"sqlite:///{folder}/dateline.db")
        try:
            await store.migrate()
            yield store, found
        finally:
            await store.close()
            asyncio.get_running_loop().set_task_factory(None)


async def _connect(_store: Store) -> None:
    async with await asyncio.start_server(lambda _r, _w: None, "127.0.0.1", 0) as server:
        _, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        writer.close()


async def _run(_store: Store) -> None:
    await (await asyncio.create_subprocess_exec("true")).wait()


async def _queue(_store: Store) -> None:
    lock = asyncio.Lock()
    await lock.acquire()
    asyncio.get_running_loop().call_soon(lock.release)
    await lock.acquire()


async def _open_another(store: Store) -> None:
    async with store.reading():
        pass


async def _render(_store: Store) -> None:
    body_from_markdown("Words.")


WAYS: dict[str, Callable[[Store], Awaitable[object]]] = {
    "pause": lambda _: asyncio.sleep(0),
    "thread": lambda _: asyncio.to_thread(int),
    "process": _run,
    "client": _connect,
    "lock": _queue,
    "store": _open_another,
    "renderer": _render,
}


@pytest.mark.parametrize("way", WAYS)
async def test_the_instrument_finds_each_kind_of_waiting(tmp_path: Path, way: str):
    """Each of them alone is a fault, and reading and writing rows is none."""

    async def act(store: Store) -> None:
        async with store.reading() as session:
            assert await find_coverage(session, "fire")
            await WAYS[way](store)

    async with watching(tmp_path) as (store, found):
        await asyncio.create_task(open_coverage(store))
        assert found == []
        await asyncio.create_task(act(store))
        assert found
