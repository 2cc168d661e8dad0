"""The systems of the first table: how each is started, and its release."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench import installation
from bench.dateline import EVENTS, SOCKET, dateline
from bench.generators import temporary_folder
from bench.installation import PEERS, Absent, find, node_modules, node_release
from bench.programs import build, has_uring
from bench.server import Target, free_port, running

Start = Callable[[str], AbstractContextManager[Target]]


@dataclass(frozen=True)
class System:
    """One row of the table.

    Attributes:
        transport: sse, ws or poll.
        start: runs the system; its argument is the event that it will publish.
        release: returns the version that is measured; raises Absent if it is not available.
        compressed: whether readers offer compression.
        slow: whether it gets fewer messages, because it is slower than the others.
        most: the largest number of readers; None for no limit.
    """

    name: str
    transport: str
    start: Start
    release: Callable[[], str]
    compressed: bool = False
    slow: bool = False
    most: int | None = None


def _peer(command: Callable[[int, Path], list[str]], path: str) -> Start:
    """Return the starter of a system that publishes the body of a POST to /pub."""

    @contextmanager
    def start(event: str) -> Iterator[Target]:
        port = free_port()
        with temporary_folder() as folder:
            # nginx's workers run as another user, and nginx creates folders for them.
            Path(folder).chmod(0o755)
            with running(command(port, Path(folder)), port, Path(folder)) as process:
                yield Target(process, port, path, "/pub", event)

    return start


def _dateline(path: str) -> Start:
    @contextmanager
    def start(_event: str) -> Iterator[Target]:
        with dateline() as server:
            yield server.target(path)

    return start


def _dateline_release() -> str:
    return "this revision"


def _floor(way: str) -> System:
    def release() -> str:
        if way == "uring" and not has_uring():
            raise Absent("liburing is not installed (Debian: liburing-dev)")
        return "bench/load/floor.c"

    def command(port: int, _folder: Path) -> list[str]:
        return [str(build("floor")), str(port), way]

    return System(f"C floor, {way}", "sse", _peer(command, "/sse"), release)


def _nchan(workers: int, transport: str) -> System:
    def command(port: int, folder: Path) -> list[str]:
        text = (PEERS / "nchan.conf").read_text()
        for name, value in (("WORKERS", workers), ("PORT", port), ("FOLDER", folder)):
            text = text.replace(name, str(value))
        (folder / "nginx.conf").write_text(text)
        return [find("nginx", "nginx-light"), "-c", f"{folder}/nginx.conf", "-p", str(folder)]

    name = f"Nchan, {'SSE' if transport == 'sse' else 'WebSocket'}, {workers} worker"
    start = _peer(command, f"/{transport}")
    return System(name + "s" * (workers > 1), transport, start, installation.nchan_release)


def _asgi(name: str, module: str, package: str) -> System:
    def command(port: int, _folder: Path) -> list[str]:
        place = ["--app-dir", str(PEERS), "--host", "127.0.0.1", "--port", str(port)]
        quiet = ["--no-access-log", "--log-level", "warning", "--backlog", "2048"]
        return [installation.python(), "-m", "uvicorn", f"{module}:app", *place, *quiet]

    def release() -> str:
        return f"{package} {installation.python_release(package)}"

    return System(name, "sse", _peer(command, "/sse"), release, slow=True, most=1000)


def _socketify() -> System:
    def command(port: int, _folder: Path) -> list[str]:
        return [installation.python(), str(PEERS / "sockets.py"), str(port)]

    def release() -> str:
        return f"socketify {installation.python_release('socketify')}"

    return System("socketify, WebSocket", "ws", _peer(command, "/ws"), release)


def _node() -> System:
    def command(port: int, folder: Path) -> list[str]:
        # Node resolves packages from the folder of the program.
        shutil.copy(PEERS / "node" / "broadcaster.js", folder)
        (folder / "node_modules").symlink_to(node_modules())
        return [find("node", "nodejs"), str(folder / "broadcaster.js"), str(port)]

    def release() -> str:
        return f"ws {node_release('ws')}"

    return System("Node ws, one frame, WebSocket", "ws", _peer(command, "/ws"), release)


SYSTEMS = [
    _floor("epoll"),
    _floor("uring"),
    System("Dateline, SSE", "sse", _dateline(EVENTS), _dateline_release),
    System("Dateline, SSE, gzip", "sse", _dateline(EVENTS), _dateline_release, compressed=True),
    System("Dateline, WebSocket", "ws", _dateline(SOCKET), _dateline_release),
    System("Dateline, WebSocket, deflate", "ws", _dateline(SOCKET), _dateline_release, True),
    *(_nchan(workers, transport) for transport in ("sse", "ws") for workers in (1, 2)),
    _socketify(),
    _node(),
    _asgi("sse-starlette, SSE", "queues", "sse-starlette"),
    _asgi("FastAPI's own SSE", "native", "fastapi"),
]
FLOOR = SYSTEMS[0].name
# With a single reader, nearly all of the cost is the POST: subtract it from Dateline's figures to
# get the cost of pushing alone.
POST_ALONE = System("Dateline, the POST itself", "sse", _dateline(EVENTS), _dateline_release)
