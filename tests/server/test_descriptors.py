"""The programs that the server starts do not inherit its connections."""

import os
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from tests.dateline import DatelineServer, running_server
from tests.media.pictures import encoded, picture
from tests.servers import PostgresServer
from tests.web.raw_client import TIMEOUT


def descendants(pid: int) -> Iterator[int]:
    """All direct and indirect child processes of a process."""
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = entry.read_text().rpartition(") ")[2].split()
        except OSError:  # it has ended
            continue
        if int(fields[1]) == pid:
            child = int(entry.parent.name)
            yield child
            yield from descendants(child)


def command_line(pid: int) -> bytes:
    """The command line of a process."""
    return Path(f"/proc/{pid}/cmdline").read_bytes()


def is_free(port: int) -> bool:
    """Whether a server could listen on a port."""
    with socket.socket() as listener, suppress(OSError):
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        listener.listen()
        return True
    return False


@pytest.fixture(params=["1", "2"])
def server(
    tmp_path: Path, postgres: PostgresServer, request: pytest.FixtureRequest
) -> Iterator[DatelineServer]:
    """A server of one process, and one of several."""
    url = postgres.fresh_database()
    workers = {"workers": request.param, "broker_url": url}
    with running_server(tmp_path, database_url=url, **workers) as server:
        yield server


def test_a_killed_servers_port_is_free_while_its_worker_still_works(server: DatelineServer) -> None:
    """A media worker has no TCP socket, so that a killed server's port is free while it runs."""
    bearer = {"Authorization": f"Bearer {server.key('chief')}"}
    with httpx.Client(base_url=server.url, headers=bearer) as chief:
        file = {"file": ("a.jpg", encoded(picture()))}
        chief.post("/v1/media", files=file, data={"alt": "A"}).raise_for_status()
        processes = set(descendants(server.pid))
        workers = {pid for pid in processes if b"app.media.worker" in command_line(pid)}
        assert workers
        for worker in workers:
            os.kill(worker, signal.SIGSTOP)
        try:
            # The tenth field of a row is the TCP socket's inode.
            rows = Path("/proc/net/tcp").read_text().splitlines()[1:]
            connections = {f"socket:[{row.split()[9]}]" for row in rows}
            for worker in workers:
                files = Path(f"/proc/{worker}/fd").iterdir()
                assert not connections & {str(file.readlink()) for file in files}
            server.kill()  # first, because it would restart the others
            for process in processes - workers:
                os.kill(process, signal.SIGKILL)
            deadline = time.monotonic() + TIMEOUT  # a killed process's threads end one by one
            while not is_free(server.port):
                assert time.monotonic() < deadline
                time.sleep(0.02)
        finally:
            for worker in workers:
                os.kill(worker, signal.SIGKILL)
