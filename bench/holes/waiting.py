"""Item 2: waiting requests that bypass the stream limiter, or keep a slot after their end."""

import time
from collections.abc import Callable, Mapping
from pathlib import Path

import httpx

from bench.dateline import ENTRIES, EVENTS, SLUG, SOCKET
from bench.holes.flood import Flood, head
from bench.holes.hole import Hole
from bench.holes.newsroom import ANOTHER, FORM, Newsroom, newsroom

_ADDRESS, _ALL = 100, 300  # stream slots of an address, and of the process
_LIMITS = {
    "STREAM_CAPACITY": str(_ALL),
    "STREAMS_PER_ADDRESS": str(_ADDRESS),
    "CONNECTS_PER_SECOND": "10000",
}
_DESCRIPTORS = 512
_LONGEST = 25  # seconds to wait for a free slot
_WEBSOCKET = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
}


def _poll(room: Newsroom, method: str = "GET", headers: Mapping[str, str] | None = None) -> bytes:
    path = f"{EVENTS}?after={room.server.cursor()}&wait=60"
    return head(method, path, {"Accept": "application/json", **(headers or {})})


def _stream(room: Newsroom, address: str = ANOTHER) -> str:
    """Return the status that another client's stream gets."""
    try:
        with (
            room.client(address, timeout=5) as client,
            client.stream("GET", EVENTS, headers={"Accept": "text/event-stream"}) as answer,
        ):
            return str(answer.status_code)
    except httpx.HTTPError as error:
        return type(error).__name__


def _polls(program: Path) -> str:
    with newsroom(program, _LIMITS) as room, Flood(room) as flood:
        flood.open(_ALL + _ADDRESS, _poll(room))
        return _stream(room)


def _left_polls(program: Path) -> str:
    with newsroom(program, _LIMITS | {"STREAMS_PER_ADDRESS": str(_ALL)}) as room:
        with Flood(room) as flood:
            flood.open(_ALL, _poll(room))
        begun = time.monotonic()
        while (waited := time.monotonic() - begun) < _LONGEST:
            if _stream(room) == "200":
                return f"{waited:.0f} s"
            time.sleep(0.5)
        return f"more than {_LONGEST} s"


def _uncounted(program: Path, method: str, headers: Mapping[str, str]) -> str:
    with newsroom(program, _LIMITS) as room, Flood(room) as flood:
        flood.open(_ALL, _poll(room, method, headers))
        time.sleep(2)
        answers = flood.answers()
        taken = sum(b" 200 " in answer[:20] for answer in answers)
        return f"{answers.count(b'')} wait, {taken} are answered 200"


def _head_polls(program: Path) -> str:
    return _uncounted(program, "HEAD", {})


def _conditional_polls(program: Path) -> str:
    return _uncounted(program, "GET", {"If-None-Match": '"x"'})


def _log_of_a_poll(program: Path) -> str:
    with newsroom(program) as room, Flood(room) as flood:
        tag = room.chief.get(f"{EVENTS}?after={room.server.cursor()}").headers["ETag"]
        path = f"{EVENTS}?after={room.server.cursor()}&wait=10"
        before = len(room.log)
        flood.open(1, head("GET", path, {"If-None-Match": tag}))
        room.chief.post(ENTRIES, json={"body": "News"}).raise_for_status()
        time.sleep(3)
        return f"{(len(room.log) - before) / 1024:.0f} KB"


def _desk_streams(program: Path) -> str:
    with newsroom(program, _LIMITS) as room, Flood(room) as flood:
        bearer = {"Authorization": f"Bearer {room.key('contributor')}"}
        (path,) = (
            path.replace("{slug}", SLUG)
            for path in room.chief.get("/openapi.json").json()["paths"]
            if path.endswith("/desk")  # older checkouts have one path per coverage
        )
        flood.open(_ALL + _ADDRESS, head("GET", f"{path}?coverage={SLUG}", bearer))
        time.sleep(10)
        return str(sum(b" 200 " in answer[:20] for answer in flood.answers()))


def _shut_out(program: Path, data: Callable[[Newsroom], bytes], wait: float) -> str:
    """Tell whether another client gets a response while one address holds the descriptors."""
    with newsroom(program, descriptors=_DESCRIPTORS) as room, Flood(room) as flood:
        flood.open(_DESCRIPTORS, data(room))
        time.sleep(wait)
        try:
            with room.client(ANOTHER, timeout=5) as client:
                client.get(ENTRIES).raise_for_status()
        except httpx.HTTPError:
            return "shut out"
        return "is answered"


def _upgrade_with_body(_: Newsroom) -> bytes:
    return head("GET", SOCKET, _WEBSOCKET, 1)


def _upgrade_with_long_field(_: Newsroom) -> bytes:
    return head("GET", SOCKET, _WEBSOCKET | {"X-Long": "x" * 20_000})


def _upgrade_with_long_path(_: Newsroom) -> bytes:
    return head("GET", f"{SOCKET}?after={'x' * 20_000}", _WEBSOCKET)


def _silent(_: Newsroom) -> bytes:
    return b""


def _at_rest(_: Newsroom) -> bytes:
    return head("GET", "/healthz")


def _slow_body(program: Path) -> str:
    with newsroom(program, {"BODY_PATIENCE": "3"}) as room, Flood(room) as flood:
        headers = {"Content-Type": FORM, "Origin": room.url}
        flood.open(20, head("POST", "/desk/sign-in", headers, 4000))
        flood.trickle(b"x" * 40, 1)
        return f"{len(flood.lines) - flood.answered()} of 20"


def _many_slow_bodies(room: Newsroom) -> bytes:
    return head("POST", "/desk/sign-in", {"Content-Type": FORM, "Origin": room.url}, 4000)


_UPGRADES = {
    "a body": _upgrade_with_body,
    "a field of 20 KB": _upgrade_with_long_field,
    "a path of 20 KB": _upgrade_with_long_path,
}
_CONNECTIONS = {
    "connections that say nothing": _silent,
    "connections at rest": _at_rest,
    "bodies that do not come, at sign-in": _many_slow_bodies,
}


def _shutting(name: str, data: Callable[[Newsroom], bytes], wait: float) -> Hole:
    what = f"{_DESCRIPTORS} {name} with {_DESCRIPTORS} descriptors: another, {wait:.0f} s later"
    return Hole(2, what, lambda program: _shut_out(program, data, wait))


HOLES = (
    Hole(2, f"{_ALL + _ADDRESS} polls of an address ({_ALL} slots): another's stream", _polls),
    Hole(2, "polls of disconnected clients keep their slots for", _left_polls),
    Hole(2, f"{_ALL} HEAD polls of an address that has {_ADDRESS} slots", _head_polls),
    Hole(2, f"{_ALL} polls with a condition, the same", _conditional_polls),
    Hole(2, "one poll with a condition writes to the log", _log_of_a_poll),
    Hole(2, f"desk streams of an address that has {_ADDRESS} slots", _desk_streams),
    *(_shutting(f"upgrades with {name}", data, 25) for name, data in _UPGRADES.items()),
    *(_shutting(name, data, 1) for name, data in _CONNECTIONS.items()),
    Hole(2, "sign-ins at a byte a second that are open after 40 s", _slow_body),
)
