"""Item 1: waits inside a transaction, and blocking of the event loop."""

import json
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import httpx

from bench.dateline import ENTRIES, SLUG
from bench.holes.flood import Flood, head
from bench.holes.hole import Hole
from bench.holes.newsroom import Newsroom, meanwhile, newsroom, seconds, sign_in, token, told

_FOR = 20  # seconds for which a body is sent slowly
_BODY = 200 * 1024 * 1024
_NAME = {"Idempotency-Key": "a-body-without-a-form"}
_LINKS = "http://a" * 8000
_TABLE = "a|" * 100 + "\n" + "-|" * 100 + "\n" + "|\n" * 20_000


def _bodies(room: Newsroom, size: int) -> bytes:
    headers = {"Authorization": f"Bearer {room.key('contributor')}", **_NAME}
    return head("DELETE", f"/v1/coverages/{SLUG}/drafts/nope", headers, size)


def _during_slow_body(program: Path, act: Callable[[Newsroom], object]) -> str:
    with newsroom(program) as room, Flood(room) as flood:
        room.join("editor", role="editor")
        flood.open(1, _bodies(room, _FOR // 2))
        with meanwhile(lambda: flood.trickle(b"x" * (_FOR // 2), 2)):
            return told(seconds(lambda: act(room)))


def _write(program: Path) -> str:
    return _during_slow_body(program, lambda room: room.chief.post(ENTRIES, json={"body": "News"}))


def _sign_in(program: Path) -> str:
    return _during_slow_body(program, lambda room: sign_in(room.client("127.0.0.1"), "editor"))


def _memory(program: Path) -> str:
    with newsroom(program) as room, Flood(room) as flood:
        flood.open(1, _bodies(room, _BODY))
        (line,) = flood.lines
        before = _peak(room.pid)
        line.settimeout(20)
        with suppress(OSError):
            for _ in range(_BODY // 65_536):
                line.sendall(b"x" * 65_536)
        time.sleep(1)
        return f"+{_peak(room.pid) - before:.0f} MiB"


def _peak(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def _desk_form(program: Path) -> str:
    with newsroom(program) as room:
        room.join("editor", role="editor")
        with room.signed_in("editor") as browser:
            fields = {"token": token(browser), "name": "Edith"}
            answer = browser.post("/desk/account/name", data=fields, headers=_NAME)
            return str(answer.status_code)


def _wrong_sign_ins(program: Path) -> str:
    with newsroom(program) as room:
        tries = [lambda n=n: _wrong(room, n) for n in range(18)]
        with meanwhile(*tries):
            return told(_longest(lambda n: room.chief.get(f"{ENTRIES}?limit={n % 100 + 1}"), 5))


def _wrong(room: Newsroom, number: int) -> None:
    with room.client(f"127.0.1.{number + 1}") as client:
        sign_in(client, f"stranger{number}", "a wrong long password")


def _preview(program: Path) -> str:
    with newsroom(program) as room, room.with_key("contributor") as client:
        body = {"body": _LINKS}
        with meanwhile(lambda: client.post(f"/v1/coverages/{SLUG}/preview", json=body)):
            return told(_longest(lambda _: room.chief.get("/healthz"), 8))


def _longest(ask: Callable[[int], object], during: float) -> float:
    until, longest, number = time.monotonic() + during, 0.0, 0
    while time.monotonic() < until:
        number += 1
        longest = max(longest, seconds(lambda n=number: ask(n)))  # type: ignore[misc]
        time.sleep(0.02)
    return longest


def _expansion(program: Path) -> str:
    with newsroom(program) as room, room.with_key("contributor") as client:
        sent = json.dumps({"body": _TABLE})
        headers = {"Content-Type": "application/json"}
        answer = client.post(f"/v1/coverages/{SLUG}/preview", content=sent, headers=headers)
        return _size(answer, len(_TABLE))


def _size(answer: httpx.Response, sent: int) -> str:
    if answer.is_error:
        return f"refused with {answer.status_code}"
    return f"{sent // 1024} KB become {len(answer.json()['html']) // 1024} KB"


HOLES = (
    Hole(1, f"a body sent slowly for {_FOR} s: time of another client's entry", _write),
    Hole(1, f"a body sent slowly for {_FOR} s: time of a sign-in", _sign_in),
    Hole(1, "a body of 200 MiB to a request without a form: memory", _memory),
    Hole(1, "a form of the desk with an Idempotency-Key", _desk_form),
    Hole(1, "18 wrong passwords at once: time of a page of entries", _wrong_sign_ins),
    Hole(1, "a preview of 60 KB of Markdown: time of /healthz", _preview),
    Hole(1, "a table of 40 KB as HTML", _expansion),
)
