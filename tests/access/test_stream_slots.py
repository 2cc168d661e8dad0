"""Tests of all routes: a response that stays open takes a stream slot, all others end.

A new route that waits for an event, or whose response has no end, fails here until it takes a slot
(`app/web/rate_limits/stream_slot.py`). Security: resource exhaustion.
"""

import socket
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import h11
import httpx
import pytest

from tests.access.matrix import Matrix, open_matrix
from tests.access.rules import LIVE, PLAN, ROUTE_CASES
from tests.callers import ApiCaller
from tests.open_responses import KINDS, TIMEOUT, OpenResponses
from tests.routes import all_routes

_STREAM = {"Accept": "text/event-stream"}
_CONDITION = {"If-None-Match": '"x"'}
_POLL_INTERVAL = 0.05  # seconds between two looks at the slots


@pytest.fixture(scope="module")
def matrix(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Matrix]:
    """A separate server, where no other test takes a slot."""
    with open_matrix(tmp_path_factory.mktemp("places")) as opened:
        yield opened


@pytest.fixture(scope="module")
def key(matrix: Matrix) -> str:
    """An editor's key."""
    return matrix.server.key("editor")


@pytest.fixture
def responses(matrix: Matrix, key: str) -> OpenResponses:
    """The server's slots and the journal's current cursor, since other tests write into it."""
    cursor = matrix.chief.get(f"/v1/coverages/{LIVE}").json()["cursor"]
    return OpenResponses(matrix.server, LIVE, PLAN, key, cursor)


@pytest.fixture(scope="module")
def document(matrix: Matrix) -> dict[str, Any]:
    """The paths of the OpenAPI document, with each route's parameters."""
    paths: dict[str, Any] = matrix.chief.get("/openapi.json").json()["paths"]
    return paths


def outcome_of(
    connection: socket.socket, slots: Callable[[], Mapping[str, int]], timeout: float
) -> str:
    """Return `answered`, `placed` (took a slot), or `open` after `timeout` seconds of neither."""
    parser = h11.Connection(h11.CLIENT)
    parser.send(h11.Request(method="GET", target="/", headers=[("host", "a")]))
    parser.send(h11.EndOfMessage())
    deadline = time.monotonic() + timeout
    connection.settimeout(_POLL_INTERVAL)
    is_switched = False  # to another protocol, which has no end of its own
    while time.monotonic() < deadline:
        try:
            piece = connection.recv(65536)
        except TimeoutError:
            if slots():
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


def maximum_query(operation: dict[str, Any]) -> dict[str, str]:
    """Return a route's numeric query parameters at their maximum, so that it waits longest."""
    return {
        parameter["name"]: str(parameter["schema"]["maximum"])
        for parameter in operation.get("parameters", ())
        if parameter["in"] == "query" and "maximum" in parameter["schema"]
    }


def encode_request(
    matrix: Matrix, route: str, caller: ApiCaller, query: dict[str, str], **headers: str
) -> bytes:
    """Return a request as the bytes that are sent."""
    case = ROUTE_CASES[route]
    members = {n: v.replace("SLUG", LIVE).replace("URL", matrix.server.url)
               for n, v in {**case.query, **query}.items()}  # fmt: skip
    request = httpx.Request(
        route.partition(" ")[0].replace("MOUNT", "GET"),
        matrix.server.url + matrix.address(route, LIVE, matrix.entry_id, visit="tab"),
        params=members,
        json=case.json,
        data=case.data and {n: v.replace("TOKEN", caller.token) for n, v in case.data.items()},
        headers={**caller.headers, **case.headers, "Origin": matrix.server.url, **headers},
    )
    target = request.url.raw_path.decode()
    head = [f"{request.method} {target} HTTP/1.1"]
    head += [f"{name}: {value}" for name, value in request.headers.items()]
    return "\r\n".join([*head, "", ""]).encode() + request.read()


@pytest.mark.parametrize("route", [r for r in all_routes() if not r.startswith("SOCKET")])
def test_what_stays_open_holds_a_place(
    matrix: Matrix, responses: OpenResponses, document: dict[str, Any], route: str, is_full: bool
):
    """Each route is requested plainly, as a stream, conditionally and as a long-poll."""
    method, _, path = route.partition(" ")
    longest = maximum_query(document.get(path, {}).get(method.lower(), {}))
    waiting = {**longest, **({"after": responses.cursor} if "wait" in longest else {})}
    usual = "session" if path.startswith("/desk") else "key"
    for credential in ("key", "session") if is_full else (usual,):
        caller = next(
            a for a in matrix.callers if (a.door, a.role, a.coverage) == (credential, "chief", None)
        )
        requests = [(longest, {}), (longest, _STREAM), (waiting, {}), (waiting, _CONDITION)]
        for query, headers in requests if method == "GET" else requests[:1]:
            responses.until(lambda slots: not slots)
            with responses.send("", "127.0.0.1", {}) as connection:
                connection.sendall(encode_request(matrix, route, caller, query, **headers))
                assert outcome_of(connection, responses.slots, TIMEOUT) in {"answered", "placed"}


@pytest.mark.parametrize("name", KINDS)
def test_each_kind_of_waiting_is_seen_here(responses: OpenResponses, name: str):
    """Each kind of open response takes one slot; so the test above would notice one without."""
    responses.until(lambda slots: not slots)
    with responses.open(KINDS[name]) as connection:
        assert outcome_of(connection, responses.slots, TIMEOUT) == "placed"
        assert responses.slots() == {KINDS[name].transport: 1}


def test_what_waits_without_a_place_is_found():
    """A server that neither responds nor counts a slot is reported as `open`."""
    with (
        socket.create_server(("127.0.0.1", 0)) as silent,
        socket.create_connection(silent.getsockname()) as connection,
    ):
        assert outcome_of(connection, dict, 0.3) == "open"
