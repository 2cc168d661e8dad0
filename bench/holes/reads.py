"""Item 3: reads that block the event loop.

Run like `python -m bench attack`, with one kind of attacker at a time: entries are published in
another coverage, at rest and while a coverage of 3,000 entries is read.
"""

from pathlib import Path

from bench.attack import measure_attack
from bench.attackers import (
    look_back,
    open_sockets,
    read_document,
    read_html,
    read_languages,
    read_long_queries,
    read_unknown_parameters,
    replay,
    replay_several,
)
from bench.holes.hole import Hole
from bench.holes.newsroom import told

_FOR = 5.0  # seconds of each phase
_READS = {
    "4 connections that read entries as of another moment each time": look_back,
    "4 connections that read events as HTML": read_html,
    "4 connections that replay the stream from the beginning": replay,
    "4 connections that read a page with varying unknown parameters": read_unknown_parameters,
    "4 connections that read a page with 30 KB of Accept-Language": read_languages,
    "4 connections that read /openapi.json": read_document,
    "4 connections that read a page with 30 KB of unknown parameters": read_long_queries,
    "4 connections that replay the stream of several from the beginning": replay_several,
    "40 connections with WebSockets of unknown coverages": open_sockets,
}


def _deliveries(program: Path, attacker: str) -> str:
    rest, attacked = measure_attack(_FOR, [attacker], lambda _: None, program)
    p99 = told(attacked.delivery_p99 / 1000)
    return f"{p99} ({told(rest.delivery_p99 / 1000)} at rest)"


def _hole(what: str, attacker: str) -> Hole:
    name = f"{what}: another coverage's deliveries, p99"
    return Hole(3, name, lambda program: _deliveries(program, attacker))


HOLES = tuple(_hole(what, attacker.__name__) for what, attacker in _READS.items())
