"""Promises of connections: each ends, however its client begins, and nobody else waits for it."""

import re
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.dateline import DatelineServer, running_server
from tests.web.openings import (
    HEADS,
    LARGE,
    OPENINGS,
    SEEN,
    SIGN_IN,
    SOCKETS,
    UPGRADES,
    Client,
    Opening,
)
from tests.web.street import HOST, PATIENCE, Answer, Street

PING = b"GET /readyz HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n"
QUICK = {"head_patience": "1", "body_patience": "2", "trusted_proxies": "127.9.9.9"}
FLOOD = 150  # connections, more than the server has descriptors


@dataclass
class Run:
    """All openings at once: which were ended, what was heard, and whether others were served."""

    ended: set[str] = field(default_factory=set)
    heard: dict[str, bytes] = field(default_factory=dict)
    served: list[int] = field(default_factory=list)
    phone: tuple[int, bytes, int] = (0, b"", 0)
    left: set[str] = field(default_factory=set)


def clients_of(server: DatelineServer) -> list[str]:
    """The addresses of the clients to whom the server's process has a connection open."""
    links = [_target(link) for link in Path(f"/proc/{server.pid}/fd").iterdir()]
    inodes = {link[8:-1] for link in links if link.startswith("socket:[")}
    lines = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    remote = [fields[2] for fields in lines if fields[9] in inodes]
    return [".".join(str(byte) for byte in bytes.fromhex(each[:8])[::-1]) for each in remote]


def _target(link: Path) -> str:
    try:
        return str(link.readlink())
    except OSError:  # it was closed meanwhile
        return ""


def served(server: DatelineServer, address: str) -> int:
    """The status that a new client of an address gets."""
    connection = Street(server, address)
    try:
        connection.say(PING)
        return connection.answer().status
    finally:
        connection.close()


def send(server: DatelineServer, secret: str) -> Answer:
    """The answer to a body that comes at 64 kbit/s, for longer than any pause may be."""
    body = b'{"slug": "by-phone", "title": "By phone"}'.ljust(32 * 1024)
    fields = f"Authorization: Bearer {secret}\r\nContent-Length: {len(body)}\r\n".encode()
    kind = b"Content-Type: application/json\r\nConnection: close\r\n\r\n"
    connection = Street(server, "127.0.2.2")
    try:
        connection.say(b"POST /v1/coverages HTTP/1.1\r\n" + HOST + fields + kind)
        for start in range(0, len(body), 4096):
            connection.say(body[start : start + 4096])
            time.sleep(0.5)
        return connection.answer()
    finally:
        connection.close()


def read(server: DatelineServer) -> tuple[bytes, int]:
    """The status line of large answers that are read slowly, and how many came whole."""
    said = LARGE + LARGE[:-2] + b"Connection: close\r\n\r\n"
    opening = Opening(said, reads=16 * 1024, every=0.05)
    client = Client(server, opening, "127.0.2.3", "", buffer=8192)
    try:
        client.begin()
        client.go_on()
        lengths = [int(n) for n in re.findall(rb"\r\ncontent-length: (\d+)", client.heard)]
        heads = client.heard.count(b"HTTP/1.1 200 ")
        bodies = len(client.heard) - sum(lengths)
        return client.heard[:12], heads if 0 < bodies < heads * 1000 else 0
    finally:
        client.close()


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    """Every opening from an address of its own, all at once; the clients hold on to the end."""
    found = Run()
    with running_server(tmp_path_factory.mktemp("openings"), log_level="info", **QUICK) as server:
        secret = server.key("chief")
        assert served(server, "127.0.2.1") == 200
        clients = {
            name: Client(server, opening, f"127.0.1.{number}", secret)
            for number, (name, opening) in enumerate(OPENINGS.items(), 1)
        }
        for client in clients.values():
            client.begin()
        with ThreadPoolExecutor(len(clients) + 2) as pool:
            sending, reading = pool.submit(send, server, secret), pool.submit(read, server)
            ending = {name: pool.submit(client.go_on) for name, client in clients.items()}
            while not all(task.done() for task in ending.values()):
                found.served.append(served(server, "127.0.2.1"))
                time.sleep(0.5)
        found.phone = sending.result().status, *reading.result()
        found.ended = {name for name, task in ending.items() if task.result()}
        found.heard = {name: client.heard for name, client in clients.items()}
        addresses = {f"127.0.1.{number}": name for number, name in enumerate(OPENINGS, 1)}
        deadline = time.monotonic() + 4 * PATIENCE
        while left := addresses.keys() & clients_of(server):
            if time.monotonic() > deadline:
                break
            time.sleep(0.2)
        found.left = {addresses[address] for address in left}
        for client in clients.values():
            client.close()
        assert "Traceback" not in server.log()
        yield found


@pytest.mark.parametrize("name", SEEN)
def test_every_connection_is_ended(run: Run, name: str) -> None:
    """Of whatever kind its beginning is: the server ends what its client does not."""
    assert name in run.ended


def test_no_descriptor_is_kept_of_those_who_hold_on(run: Run) -> None:
    """A connection that has ended is closed here too, while its client still has it open."""
    assert not run.left


def test_everybody_else_is_served_meanwhile(run: Run) -> None:
    """A new client is answered as long as all of that goes on."""
    assert set(run.served) == {200}


@pytest.mark.parametrize("name", UPGRADES)
def test_every_upgrade_that_fails_is_answered_in_http(run: Run, name: str) -> None:
    """Also those that the WebSocket library cannot read."""
    assert run.heard[name].startswith(b"HTTP/1.1 ")
    assert not run.heard[name].startswith(b"HTTP/1.1 101 ")


SLOW = ["a letter", "a head in drips", "a body in drips", "no body", "a file in drips"]


@pytest.mark.parametrize("name", SLOW)
def test_what_is_too_slow_is_told_so(run: Run, name: str) -> None:
    """With 408, where no answer is out yet: a head by its time, a body by its speed."""
    assert run.heard[name].startswith(b"HTTP/1.1 408 ")


def test_slow_clients_that_go_on_are_served_to_the_end(run: Run) -> None:
    """A phone that sends 32 KiB at 64 kbit/s, and one that reads two large answers slowly."""
    assert run.phone == (201, b"HTTP/1.1 200", 2)


@pytest.fixture(scope="module")
def narrow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DatelineServer]:
    """A server with 128 descriptors and the usual patience: nothing ends by itself meanwhile."""
    folder = tmp_path_factory.mktemp("narrow")
    trusted = {"trusted_proxies": "127.9.9.9", "log_level": "info"}
    with running_server(folder, descriptors=128, **trusted) as server:
        yield server
        assert "Too many open files" not in server.log()
        assert "Traceback" not in server.log()


FLOODS: dict[str, Opening] = {
    "silent connections": HEADS["silence"],
    "half heads": HEADS["half a field"],
    "requests without their bodies": Opening(SIGN_IN + b"Content-Length: 50\r\n\r\n"),
    "upgrades that cannot be read": UPGRADES["an upgrade with a long field"],
    "upgrades with a body": UPGRADES["an upgrade with a body"],
    "sockets that do not answer a close frame": SOCKETS["a close frame that is not answered"],
    "answers that are not read": Opening(LARGE * 20, reads=0),
}


@pytest.mark.full("each flood lasts", but=["half heads"])
@pytest.mark.parametrize("kind", FLOODS)
def test_no_flood_of_one_address_shuts_another_out(narrow: DatelineServer, kind: str) -> None:
    """More connections of a kind than the server has descriptors: others are served meanwhile."""
    clients = []
    try:
        for number in range(FLOOD):
            clients.append(Client(narrow, FLOODS[kind], "127.0.3.1", ""))
            clients[-1].begin()
            if number % 50 == 49:
                assert served(narrow, "127.0.4.1") == 200
    finally:
        for client in clients:
            client.close()


@pytest.mark.full("a flood lasts")
def test_no_flood_of_many_addresses_takes_the_descriptors(narrow: DatelineServer) -> None:
    """From 150 addresses with two connections each: who waits longest makes room for a new one."""
    clients = []
    try:
        for number in range(2 * FLOOD):
            address = f"127.0.5.{number % FLOOD + 1}"
            clients.append(Client(narrow, HEADS["half a field"], address, ""))
            clients[-1].begin()
            if number % 50 == 49:
                assert served(narrow, "127.0.4.1") == 200
    finally:
        for client in clients:
            client.close()


def test_a_trusted_proxy_is_not_limited_by_address(narrow: DatelineServer) -> None:
    """Its connections are those of all its clients: here more than the ten of another."""
    clients = [Client(narrow, HEADS["silence"], "127.9.9.9", "") for _ in range(15)]
    try:
        assert served(narrow, "127.9.9.9") == 200
        assert clients_of(narrow).count("127.9.9.9") >= 15
    finally:
        for client in clients:
            client.close()


def test_the_log_says_what_the_descriptors_are_for(narrow: DatelineServer) -> None:
    """At the start, and that they are too few for the streams that the settings allow."""
    assert "128 file descriptors" in narrow.log()
    assert "DATELINE_STREAM_CAPACITY" in narrow.log()
