"""Hostile openings: every connection ends, and other clients are served meanwhile."""

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
    OBSERVABLE,
    OPENINGS,
    SIGN_IN,
    SOCKETS,
    UPGRADES,
    Client,
    Opening,
)
from tests.web.raw_client import HOST, TIMEOUT, RawClient, RawResponse

PING = b"GET /readyz HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n"
SHORT_TIMEOUTS = {"head_patience": "1", "body_patience": "2", "trusted_proxies": "127.9.9.9"}
FLOOD = 150  # connections: more than the server has descriptors


@dataclass
class Run:
    """The result of all openings at once: ended connections, received bytes, other statuses."""

    ended: set[str] = field(default_factory=set)
    received: dict[str, bytes] = field(default_factory=dict)
    statuses: list[int] = field(default_factory=list)
    slow_clients: tuple[int, bytes, int] = (0, b"", 0)
    still_open: set[str] = field(default_factory=set)


def connected_addresses(server: DatelineServer) -> list[str]:
    """The client addresses of the connections that the server's process has open."""
    links = [_target(link) for link in Path(f"/proc/{server.pid}/fd").iterdir()]
    inodes = {link[8:-1] for link in links if link.startswith("socket:[")}
    lines = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    remote = [fields[2] for fields in lines if fields[9] in inodes]
    return [".".join(str(byte) for byte in bytes.fromhex(address[:8])[::-1]) for address in remote]


def _target(link: Path) -> str:
    try:
        return str(link.readlink())
    except OSError:  # it was closed meanwhile
        return ""


def request_status(server: DatelineServer, address: str) -> int:
    """The response status that a new client of an address gets."""
    connection = RawClient(server, address)
    try:
        connection.send(PING)
        return connection.response().status
    finally:
        connection.close()


def send_slowly(server: DatelineServer, secret: str) -> RawResponse:
    """The response to a body sent at 64 kbit/s, for longer than the longest permitted pause."""
    body = b'{"slug": "by-phone", "title": "By phone"}'.ljust(32 * 1024)
    fields = f"Authorization: Bearer {secret}\r\nContent-Length: {len(body)}\r\n".encode()
    kind = b"Content-Type: application/json\r\nConnection: close\r\n\r\n"
    connection = RawClient(server, "127.0.2.2")
    try:
        connection.send(b"POST /v1/coverages HTTP/1.1\r\n" + HOST + fields + kind)
        for start in range(0, len(body), 4096):
            connection.send(body[start : start + 4096])
            time.sleep(0.5)
        return connection.response()
    finally:
        connection.close()


def read_slowly(server: DatelineServer) -> tuple[bytes, int]:
    """The status line of large responses that are read slowly, and how many arrived whole."""
    data = LARGE + LARGE[:-2] + b"Connection: close\r\n\r\n"
    opening = Opening(data, read_size=16 * 1024, interval=0.05)
    client = Client(server, opening, "127.0.2.3", "", receive_buffer=8192)
    try:
        client.begin()
        client.run()
        lengths = [int(n) for n in re.findall(rb"\r\ncontent-length: (\d+)", client.received)]
        heads = client.received.count(b"HTTP/1.1 200 ")
        bodies = len(client.received) - sum(lengths)
        return client.received[:12], heads if 0 < bodies < heads * 1000 else 0
    finally:
        client.close()


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    """Run every opening at the same time, each from its own address, and keep the clients open."""
    run = Run()
    with running_server(
        tmp_path_factory.mktemp("openings"), log_level="info", **SHORT_TIMEOUTS
    ) as server:
        secret = server.key("chief")
        assert request_status(server, "127.0.2.1") == 200
        clients = {
            name: Client(server, opening, f"127.0.1.{number}", secret)
            for number, (name, opening) in enumerate(OPENINGS.items(), 1)
        }
        for client in clients.values():
            client.begin()
        with ThreadPoolExecutor(len(clients) + 2) as pool:
            sending, reading = (
                pool.submit(send_slowly, server, secret),
                pool.submit(read_slowly, server),
            )
            ending = {name: pool.submit(client.run) for name, client in clients.items()}
            while not all(task.done() for task in ending.values()):
                run.statuses.append(request_status(server, "127.0.2.1"))
                time.sleep(0.5)
        run.slow_clients = sending.result().status, *reading.result()
        run.ended = {name for name, task in ending.items() if task.result()}
        run.received = {name: client.received for name, client in clients.items()}
        addresses = {f"127.0.1.{number}": name for number, name in enumerate(OPENINGS, 1)}
        deadline = time.monotonic() + 4 * TIMEOUT
        while still_open := addresses.keys() & connected_addresses(server):
            if time.monotonic() > deadline:
                break
            time.sleep(0.2)
        run.still_open = {addresses[address] for address in still_open}
        for client in clients.values():
            client.close()
        assert "Traceback" not in server.log()
        yield run


@pytest.mark.parametrize("name", OBSERVABLE)
def test_every_connection_is_ended(run: Run, name: str) -> None:
    """The server ends the connection, however it began."""
    assert name in run.ended


def test_no_descriptor_is_kept_of_those_who_hold_on(run: Run) -> None:
    """The server closes its descriptor of an ended connection, although the client has not."""
    assert not run.still_open


def test_everybody_else_is_served_meanwhile(run: Run) -> None:
    """Other clients are served while all openings run."""
    assert set(run.statuses) == {200}


@pytest.mark.parametrize("name", UPGRADES)
def test_every_upgrade_that_fails_is_answered_in_http(run: Run, name: str) -> None:
    """Every failed upgrade gets an HTTP response, even if the WebSocket library cannot parse it."""
    assert run.received[name].startswith(b"HTTP/1.1 ")
    assert not run.received[name].startswith(b"HTTP/1.1 101 ")


SLOW = ["a letter", "a head in drips", "a body in drips", "no body", "a file in drips"]


@pytest.mark.parametrize("name", SLOW)
def test_what_is_too_slow_is_told_so(run: Run, name: str) -> None:
    """A head or body that is too slow gets a 408 if no response has been sent yet."""
    assert run.received[name].startswith(b"HTTP/1.1 408 ")


def test_slow_clients_that_go_on_are_served_to_the_end(run: Run) -> None:
    """A client that sends 32 KiB at 64 kbit/s and one that reads slowly are served completely."""
    assert run.slow_clients == (201, b"HTTP/1.1 200", 2)


@pytest.fixture(scope="module")
def limited_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DatelineServer]:
    """A server with 128 descriptors and the default time-outs, which do not expire meanwhile."""
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
    "answers that are not read": Opening(LARGE * 20, read_size=0),
}


@pytest.mark.full("each flood lasts", but=["half heads"])
@pytest.mark.parametrize("kind", FLOODS)
def test_no_flood_of_one_address_shuts_another_out(
    limited_server: DatelineServer, kind: str
) -> None:
    """While an address opens more connections than there are descriptors, others are served."""
    clients = []
    try:
        for number in range(FLOOD):
            clients.append(Client(limited_server, FLOODS[kind], "127.0.3.1", ""))
            clients[-1].begin()
            if number % 50 == 49:
                assert request_status(limited_server, "127.0.4.1") == 200
    finally:
        for client in clients:
            client.close()


@pytest.mark.full("a flood lasts")
def test_no_flood_of_many_addresses_takes_the_descriptors(limited_server: DatelineServer) -> None:
    """With 150 addresses of two connections each, the longest idle one makes room for a new one."""
    clients = []
    try:
        for number in range(2 * FLOOD):
            address = f"127.0.5.{number % FLOOD + 1}"
            clients.append(Client(limited_server, HEADS["half a field"], address, ""))
            clients[-1].begin()
            if number % 50 == 49:
                assert request_status(limited_server, "127.0.4.1") == 200
    finally:
        for client in clients:
            client.close()


def test_a_trusted_proxy_is_not_limited_by_address(limited_server: DatelineServer) -> None:
    """A trusted proxy may have more connections than the ten of another address."""
    clients = [Client(limited_server, HEADS["silence"], "127.9.9.9", "") for _ in range(15)]
    try:
        assert request_status(limited_server, "127.9.9.9") == 200
        assert connected_addresses(limited_server).count("127.9.9.9") >= 15
    finally:
        for client in clients:
            client.close()


def test_the_log_says_what_the_descriptors_are_for(limited_server: DatelineServer) -> None:
    """The start logs the number of descriptors, and that the stream capacity needs more."""
    assert "128 file descriptors" in limited_server.log()
    assert "DATELINE_STREAM_CAPACITY" in limited_server.log()
