"""Tests of transactions: nothing but the database is waited for in one, and no table is scanned."""

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
from tests import query_plans, transactions
from tests.access.matrix import Matrix, open_matrix
from tests.access.newsroom import open_coverage
from tests.access.rules import LIVE
from tests.callers import ApiCaller
from tests.routes import all_routes
from tests.signed_in import PASSWORD, sign_in, take_in, try_sign_in

LONG = "| a | b |\n|---|---|\n" + "| *one* | two |\n" * 400
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.fixture(scope="module")
def watched_matrix(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Matrix]:
    """A separate server, whose log names every wait in a transaction and every scan of a table."""
    with open_matrix(tmp_path_factory.mktemp("watched"), is_watched=True) as opened:
        yield opened


_read: dict[str, int] = {}  # characters of each server's log that have been read


def faults(watched_matrix: Matrix) -> list[str]:
    """Return the log's new lines about waits in a transaction, and about scans of tables."""
    log = watched_matrix.server.log()
    begin, _read[watched_matrix.server.url] = _read.get(watched_matrix.server.url, 0), len(log)
    marks = (transactions.MARK, query_plans.MARK)
    return [line for line in log[begin:].splitlines() if any(mark in line for mark in marks)]


def chief_of(watched_matrix: Matrix, credential: str) -> ApiCaller:
    """Return a chief of the whole newsroom, with a key or a session."""
    return next(
        a
        for a in watched_matrix.callers
        if (a.door, a.role, a.coverage) == (credential, "chief", None)
    )


@pytest.mark.parametrize("route", [r for r in all_routes() if not r.startswith("SOCKET")])
def test_no_route_waits_in_a_transaction(watched_matrix: Matrix, route: str, is_full: bool):
    """No route waits in a transaction or scans a table, for a valid and for an unexpected body."""
    idempotency = {"Idempotency-Key": uuid.uuid4().hex}
    usual = "session" if " /desk" in route else "key"
    for credential in ("key", "session") if is_full else (usual,):
        chief = chief_of(watched_matrix, credential)
        assert watched_matrix.ask(route, chief, LIVE).status_code < 500
        if not route.startswith(("GET", "MOUNT")):
            assert watched_matrix.ask(route, chief, LIVE, **idempotency).status_code < 500
            address = watched_matrix.address(route, LIVE, watched_matrix.entry_id, visit="tab")
            for headers in idempotency, idempotency | FORM:
                answer = watched_matrix.client(chief).request(
                    route.partition(" ")[0], address, content=b"token=x", headers=headers
                )
                assert answer.status_code < 500, answer.text
    assert not faults(watched_matrix)


def write(watched_matrix: Matrix, method: str, below: str, **payload: object) -> httpx.Response:
    """Send a write to the live coverage twice under one idempotency key; both must succeed."""
    named = {"Idempotency-Key": uuid.uuid4().hex, "If-Match": "*"}
    path = f"/v1/coverages/{LIVE}{below}"
    answers = [
        watched_matrix.chief.request(method, path, json=payload or None, headers=named)
        for _ in range(2)
    ]
    assert [a.status_code // 100 for a in answers] == [2, 2], answers[0].text
    assert answers[0].content == answers[1].content
    return answers[0]


def test_no_way_of_an_entry_waits_in_a_transaction(watched_matrix: Matrix):
    """No write of an entry waits in a transaction, from a long draft to its restoration."""
    draft = write(watched_matrix, "POST", "/entries", body=LONG, draft=True).json()["id"]
    write(watched_matrix, "PATCH", f"/entries/{draft}", body={"html": "<p>x</p>" * 900})
    write(watched_matrix, "PUT", f"/drafts/{draft}/submission")
    write(watched_matrix, "POST", f"/drafts/{draft}/return", note="Shorter.")
    write(watched_matrix, "POST", f"/entries/{draft}/publication")
    write(watched_matrix, "POST", f"/entries/{draft}/correction", note="Two.", body=LONG + LONG)
    write(watched_matrix, "PUT", f"/entries/{draft}/pin")
    write(watched_matrix, "POST", f"/entries/{draft}/retraction", note="Not so.")
    restored = write(watched_matrix, "POST", f"/entries/{draft}/restoration").json()["id"]
    write(watched_matrix, "DELETE", f"/drafts/{restored}")
    preview = watched_matrix.chief.post(f"/v1/coverages/{LIVE}/preview", json={"body": LONG})
    assert "<table>" in preview.json()["html"]
    assert not faults(watched_matrix)


def test_no_read_waits_in_a_transaction(watched_matrix: Matrix):
    """No read waits in a transaction: pages, past states, HTML events, long-polls and replays."""
    base = f"/v1/coverages/{LIVE}"
    for path in (
        f"{base}/entries?at=2100-01-01T00:00:00Z",
        f"/coverages/{LIVE}?at=2100-01-01T00:00:00Z",
        f"/coverages/{LIVE}?lite=true",
        f"{base}/events?format=html",
        f"{base}/events?after={watched_matrix.chief.get(base).json()['cursor']}&wait=0.2",
    ):
        httpx.get(watched_matrix.server.url + path).raise_for_status()
    with httpx.stream("GET", f"{watched_matrix.server.url}{base}/events?after=0&format=html",
                      headers={"Accept": "text/event-stream"}) as stream:  # fmt: skip
        assert any("entry.published" in line for line in stream.iter_lines())
    assert not faults(watched_matrix)


def test_no_password_is_hashed_in_a_transaction(watched_matrix: Matrix):
    """No sign-in, accepted invitation or password change hashes in a transaction."""
    server = watched_matrix.server
    take_in(server, "ada@example.org", "Ada", "editor")
    assert try_sign_in(server, "ada@example.org", "wrong").status_code == 401
    assert try_sign_in(server, "nobody@example.org", "wrong").status_code == 401
    with sign_in(server, "ada@example.org") as ada:
        page = ada.get("/desk/account").text
        token = page.partition('name="token" value="')[2].partition('"')[0]
        fields = {"token": token, "old": PASSWORD, "password": "seven boats left harbour"}
        headers = {"Idempotency-Key": uuid.uuid4().hex}
        for _ in range(2):
            answer = ada.post("/desk/account/password", data=fields, headers=headers)
            assert answer.status_code in {303, 403}  # the new session has another token
    link = watched_matrix.chief.post("/v1/invitations", json={"role": "editor"}).json()["link"]
    form = {"name": "Eve", "email": "eve@example.org", "password": PASSWORD}
    accepted = httpx.post(link, data=form, headers={"Origin": server.url}, timeout=120)
    assert accepted.status_code == 303
    assert not faults(watched_matrix)


def test_who_sends_a_body_slowly_holds_up_nobody(watched_matrix: Matrix):
    """A slow request body does not block other writers."""
    began, path = time.monotonic(), f"/v1/coverages/{LIVE}/drafts/nope"

    def send_slowly() -> Iterator[bytes]:
        yield b"x"
        for number in range(3):
            write(watched_matrix, "POST", "/entries", headline=f"Meanwhile {number}")
            yield b"x"

    headers = {"Idempotency-Key": uuid.uuid4().hex}
    answer = watched_matrix.chief.request(
        "DELETE", path, content=send_slowly(), headers=headers, timeout=60
    )
    assert answer.status_code == 404
    assert time.monotonic() - began < 60  # no speed is asserted: it would never have come


def test_the_request_limit_holds_without_a_form(watched_matrix: Matrix):
    """The size limit holds for a body that is read for its digest only."""
    headers = {"Idempotency-Key": uuid.uuid4().hex}
    path = f"/v1/coverages/{LIVE}/drafts/nope"
    answer = watched_matrix.chief.request("DELETE", path, content=b"x" * 1_100_000, headers=headers)
    assert (answer.status_code, answer.json()["type"]) == (413, "/problems/payload-too-large")


@asynccontextmanager
async def watched_store(folder: Path) -> AsyncIterator[tuple[Store, list[str]]]:
    """Watch a store's transactions; yields the store and the list of reports."""
    reports: list[str] = []
    with pytest.MonkeyPatch.context() as monkeypatch:
        for owner, names in transactions.WATCHED:
            for name in names:
                monkeypatch.setattr(owner, name, getattr(owner, name))  # restored at the end
        transactions.install(reports.append)
        store = Store(f"sqlite:///{folder}/dateline.db")
        try:
            await store.migrate()
            yield store, reports
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


@pytest.mark.parametrize("wait", WAYS)
async def test_the_instrument_finds_each_kind_of_waiting(tmp_path: Path, wait: str):
    """Each kind of wait in a transaction is reported; reading and writing rows is not."""

    async def act(store: Store) -> None:
        async with store.reading() as session:
            assert await find_coverage(session, "fire")
            await WAYS[wait](store)

    async with watched_store(tmp_path) as (store, reports):
        await asyncio.create_task(open_coverage(store))
        assert reports == []
        await asyncio.create_task(act(store))
        assert reports
