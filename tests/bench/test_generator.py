"""The load generator counts deliveries, and detects lost, duplicate and reordered messages."""

import asyncio
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from bench.programs import build
from bench.server import running
from tests.bench.hostile import hostile_server
from tests.ports import free_port
from tests.servers import require

pytestmark = pytest.mark.full("it builds a program in C and serves it thousands of readers")

READERS, MESSAGES = 20, 40
# What is lost is waited for so long; else a pause of a busy machine would count as a loss.
SOON = ("--stall", "2")


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the built programs."""
    require("gcc", shutil.which("gcc"))
    require("zlib's header", Path("/usr/include/zlib.h").exists())
    folder = tmp_path_factory.mktemp("programs")
    for name in ("fanload", "readload", "floor"):
        build(name, folder)
    return folder


def check_complete(deliveries: dict[str, int]) -> None:
    """Check that no message was lost, repeated, out of order, or not of the server."""
    faults = {
        name: deliveries[name] for name in ("missing", "duplicate", "out_of_order", "foreign")
    }
    assert faults == dict.fromkeys(faults, 0)


async def load(programs: Path, port: int, *options: str) -> dict[str, Any]:
    """Run the generator; return its figures, with its exit status as `status`."""
    process = await asyncio.create_subprocess_exec(
        *(str(programs / "fanload"), "--port", str(port), "--settle", "100", "--stall", "20"),
        *("--max-time", "60", *options),
        stdout=asyncio.subprocess.PIPE,
    )
    out, _ = await process.communicate()
    return json.loads(out) | {"status": process.returncode}


async def load_hostile_server(programs: Path, behaviour: str, *options: str) -> dict[str, Any]:
    """Run the generator against a server that fails in that way."""
    mode = "ws" if behaviour.startswith("ws") else "sse"
    phase = f"200:{MESSAGES}"
    async with hostile_server() as server:
        plan = (
            "--mode",
            mode,
            "--path",
            f"/{behaviour}",
            "--conns",
            str(READERS),
            "--phase",
            phase,
        )
        return await load(programs, server.port, *plan, *options)


async def test_fifty_readers_of_the_floor_get_everything_once(
    programs: Path, tmp_path: Path
) -> None:
    """Every message of the reference server is counted once, in order."""
    port = free_port()
    with running([str(programs / "floor"), str(port), "epoll"], port, tmp_path) as floor:
        plan = ("--conns", "50", "--pid", str(floor.pid), "--phase", "0:100:4", "--phase", "50:10")
        figures = await load(programs, port, "--path", "/sse", "--publish-path", "/pub", *plan)
    assert figures["status"] == 0
    assert [phase["unique"] for phase in figures["phases"]] == [5000, 500]
    check_complete(figures["deliveries"])


@pytest.mark.parametrize("behaviour", ["bytes", "chunks", "gzip", "ws-frames", "ws-deflate"])
async def test_a_delivery_counts_wherever_its_bytes_are_split(
    programs: Path, behaviour: str
) -> None:
    """Reads, chunks, frames, fragments and compressed blocks may be split anywhere."""
    figures = await load_hostile_server(programs, behaviour, "--compressed")
    assert figures["status"] == 0
    assert figures["phases"][0]["unique"] == READERS * MESSAGES
    check_complete(figures["deliveries"])


@pytest.mark.parametrize(
    ("behaviour", "kind", "number"),
    [
        ("doubles", "duplicate", READERS * MESSAGES),
        ("drops", "missing", READERS * MESSAGES // 10),
        ("reorders", "out_of_order", READERS * MESSAGES // 2),
        ("strange", "foreign", READERS * MESSAGES),
        ("hangs-up", "missing_on_dropped", READERS // 2 * (MESSAGES - 5)),
    ],
)
async def test_what_a_server_does_wrong_is_counted(
    programs: Path, behaviour: str, kind: str, number: int
) -> None:
    """Duplicate, lost, reordered and foreign messages are counted, each by its kind."""
    figures = await load_hostile_server(programs, behaviour, *SOON)
    deliveries = figures["deliveries"]
    counts = {
        name: deliveries[name]
        for name in ("missing", "missing_on_dropped", "duplicate", "out_of_order", "foreign")
    }
    assert counts == dict.fromkeys(counts, 0) | {kind: number}
    assert figures["status"] == (kind.startswith("missing"))


async def test_readers_who_are_hung_up_on_come_back_with_their_cursors(programs: Path) -> None:
    """A truncated event does not count; it is requested again, and none is lost or doubled."""
    figures = await load_hostile_server(programs, "hangs-up", "--resume")
    deliveries = figures["deliveries"]
    assert figures["connect"]["resumed"] == READERS // 2
    assert figures["status"] == deliveries["missing"] == deliveries["duplicate"] == 0


async def test_a_refused_reader_is_no_reader(programs: Path) -> None:
    """If the server refuses every reader, the run fails with the number and the status."""
    figures = await load_hostile_server(programs, "refuses", *SOON)
    assert figures["status"] == 1
    assert figures["connect"]["failed"] == READERS
    assert figures["connect"]["last_status"] == 503


@pytest.mark.parametrize("address", ["10.0.0.1", "0.0.0.0", "localhost"])
async def test_no_load_leaves_the_machine(programs: Path, address: str) -> None:
    """Every address but loopback is refused before a connection is made."""
    process = await asyncio.create_subprocess_exec(
        *(str(programs / "fanload"), "--host", address, "--port", "80"),
        stderr=asyncio.subprocess.DEVNULL,
    )
    assert await process.wait() == 2
