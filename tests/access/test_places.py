"""Promises of all routes: whatever stays open holds a place, and whatever holds none is answered.

Security, resource exhaustion. A new route that waits for an event, or whose answer has no end,
fails here until it takes a place (`app/web/rate_limits/stream_slot.py`).
"""

import socket
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import h11
import httpx
import pytest

from tests.access.matrix import Matrix, open_matrix
from tests.access.rules import DOORS, LIVE, PLAN
from tests.callers import Asker
from tests.open_answers import KINDS, PATIENCE, Asking
from tests.routes import all_routes

_STREAM = {"Accept": "text/event-stream"}
_CONDITION = {"If-None-Match": '"x"'}
_LOOK = 0.05  # seconds


@pytest.fixture(scope="module")
def matrix(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Matrix]:
    """A newsroom of its own, where nobody else takes a place."""
    with open_matrix(tmp_path_factory.mktemp("places")) as opened:
        yield opened


@pytest.fixture(scope="module")
def key(matrix: Matrix) -> str:
    """An editor's key."""
    return matrix.server.key("editor")


@pytest.fixture
def asking(matrix: Matrix, key: str) -> Asking:
    """Its places, and where the journal ends now: other tests write into it."""
    cursor = matrix.chief.get(f"/v1/coverages/{LIVE}").json()["cursor"]
    return Asking(matrix.server, LIVE, PLAN, key, cursor)


@pytest.fixture(scope="module")
def document(matrix: Matrix) -> dict[str, Any]:
    """The OpenAPI document, which has what each route takes."""
    paths: dict[str, Any] = matrix.chief.get("/openapi.json").json()["paths"]
    return paths


def judge(line: socket.socket, places: Callable[[], Mapping[str, int]], patience: float) -> str:
    """How a request goes on: `answered`, `placed`, or `open` if it is neither after so long."""
    parser = h11.Connection(h11.CLIENT)
    parser.send(h11.Request(method="GET", target="/", headers=[("host", "a")]))
    parser.send(h11.EndOfMessage())
    until = time.monotonic() + patience
    line.settimeout(_LOOK)
    is_switched = False  # to another protocol, which has no end of its own
    while time.monotonic() < until:
        try:
            piece = line.recv(65536)
        except TimeoutError:
            if places():
                return "placed"
            continue
        is_switched = is_switched or piece.startswith(b"HTTP/1.1 101 ")
        if is_switched:
            continue
        parser.receive_data(piece)
        while (event := parser.next_event()) not in (h11.NEED_DATA, h11.PAUSED):
            if isinstance(event, h11.EndOfMessage | h11.ConnectionClosed):
                return "answered"
    return "open"


def largest(operation: dict[str, Any]) -> dict[str, str]:
    """Each number that a route takes in its query, as large as it may be: a wait the longest."""
    return {
        parameter["name"]: str(parameter["schema"]["maximum"])
        for parameter in operation.get("parameters", ())
        if parameter["in"] == "query" and "maximum" in parameter["schema"]
    }


def written(
    matrix: Matrix, route: str, asker: Asker, query: dict[str, str], **headers: str
) -> bytes:
    """A request as it is sent."""
    door = DOORS[route]
    members = {n: v.replace("SLUG", LIVE).replace("URL", matrix.server.url)
               for n, v in {**door.query, **query}.items()}  # fmt: skip
    request = httpx.Request(
        route.partition(" ")[0].replace("MOUNT", "GET"),
        matrix.server.url + matrix.address(route, LIVE, matrix.entry_id, visit="tab"),
        params=members,
        json=door.json,
        data=door.data and {n: v.replace("TOKEN", asker.token) for n, v in door.data.items()},
        headers={**asker.headers, **door.headers, "Origin": matrix.server.url, **headers},
    )
    target = request.url.raw_path.decode()
    lines = [f"{request.method} {target} HTTP/1.1"]
    lines += [f"{name}: {value}" for name, value in request.headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + request.read()


@pytest.mark.parametrize("route", [r for r in all_routes() if not r.startswith("SOCKET")])
def test_what_stays_open_holds_a_place(
    matrix: Matrix, asking: Asking, document: dict[str, Any], route: str, is_full: bool
):
    """Asked as it is meant to be, for its stream, on a condition, and to wait for long."""
    method, _, path = route.partition(" ")
    most = largest(document.get(path, {}).get(method.lower(), {}))
    waiting = {**most, **({"after": asking.cursor} if "wait" in most else {})}
    usual = "session" if path.startswith("/desk") else "key"
    for door in ("key", "session") if is_full else (usual,):
        asker = next(
            a for a in matrix.askers if (a.door, a.role, a.coverage) == (door, "chief", None)
        )
        ways = [(most, {}), (most, _STREAM), (waiting, {}), (waiting, _CONDITION)]
        for query, headers in ways if method == "GET" else ways[:1]:
            asking.until(lambda places: not places)
            with asking.send("", "127.0.0.1", {}) as line:
                line.sendall(written(matrix, route, asker, query, **headers))
                assert judge(line, asking.places, PATIENCE) in {"answered", "placed"}


@pytest.mark.parametrize("name", KINDS)
def test_each_kind_of_waiting_is_seen_here(asking: Asking, name: str):
    """As a stream, poll or socket with a place: so the test above would find one without."""
    asking.until(lambda places: not places)
    with asking.open(KINDS[name]) as line:
        assert judge(line, asking.places, PATIENCE) == "placed"
        assert asking.places() == {KINDS[name].transport: 1}


def test_what_waits_without_a_place_is_found():
    """A server that neither answers nor counts."""
    with (
        socket.create_server(("127.0.0.1", 0)) as silent,
        socket.create_connection(silent.getsockname()) as line,
    ):
        assert judge(line, dict, 0.3) == "open"
