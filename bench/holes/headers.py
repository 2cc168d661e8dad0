"""Item 9: request and response heads."""

from pathlib import Path

from bench.dateline import SLUG
from bench.holes.flood import Flood
from bench.holes.hole import Hole
from bench.holes.newsroom import newsroom, yes

_HTTPS = {"PUBLIC_URL": "https://live.example.org"}


def _redirect(program: Path) -> str:
    with newsroom(program) as room, room.client(headers={"Host": "elsewhere.example"}) as client:
        answer = client.get("/v1/coverages/")
        return f"{answer.status_code} to {answer.headers.get('location', 'nowhere')}"


def _embed(program: Path) -> str:
    with newsroom(program) as room, room.client() as client:
        return yes("content-security-policy" in client.get(f"/coverages/{SLUG}/embed").headers)


def _transport_security(program: Path) -> str:
    with newsroom(program, _HTTPS) as room, room.client() as client:
        return yes("strict-transport-security" in client.get("/").headers)


def _hosts(program: Path) -> str:
    with newsroom(program) as room, Flood(room) as flood:
        for hosts in ("", "Host: a.example\r\nHost: b.example\r\n"):
            flood.open(1, f"GET /healthz HTTP/1.1\r\n{hosts}\r\n".encode())
        statuses = [answer[9:12].decode() or "nothing" for answer in flood.answers()]
        return " and ".join(statuses)


HOLES = (
    Hole(9, "a superfluous slash is redirected", _redirect),
    Hole(9, "the embed has a Content-Security-Policy", _embed),
    Hole(9, "Strict-Transport-Security with a public URL of https", _transport_security),
    Hole(9, "requests without a Host field, and with two, are answered", _hosts),
)
