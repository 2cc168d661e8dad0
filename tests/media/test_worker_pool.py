"""The worker process for uploaded files: limited, replaced after failures, with a bounded queue."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from dataclasses import astuple
from pathlib import Path
from typing import Any

import pytest

from app.desk.render_worker import BodyLimits
from app.media.errors import BrokenFile, MediaError, TooSlow, WorkersBusy
from app.media.worker_pool import WorkerConfig, WorkerPool
from tests.media.hostile import png
from tests.media.pictures import encoded, noisy, picture


def job(folder: Path, content: bytes, kind: str = "JPEG", **bounds: int) -> dict[str, Any]:
    """Return a job that creates renditions of a picture."""
    folder_of_job = folder / f"job-{len(list(folder.iterdir()))}"
    folder_of_job.mkdir()
    (folder_of_job / "upload").write_bytes(content)
    return {
        "do": "sizes",
        "source": str(folder_of_job / "upload"),
        "folder": str(folder_of_job),
        "kind": kind,
        "pixels": 100_000_000,
        "frames": 500,
        **bounds,
    }


async def test_one_process_does_one_job_after_another(tmp_path: Path):
    """One process runs all jobs at a lower priority, and ends with the pool."""
    worker_pool = WorkerPool(WorkerConfig(niceness=7))
    assert worker_pool.pid is None
    results = await asyncio.gather(
        *(worker_pool.do(job(tmp_path, encoded(picture())), "a") for _ in range(3))
    )
    assert all(answer["made"] for answer in results)
    pid = worker_pool.pid
    assert pid is not None
    assert os.getpriority(os.PRIO_PROCESS, pid) == min(os.getpriority(os.PRIO_PROCESS, 0) + 7, 19)
    await worker_pool.do(job(tmp_path, encoded(picture())), "a")
    assert worker_pool.pid == pid
    await worker_pool.close()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


async def test_the_process_knows_no_secret_of_the_operator(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """The worker process does not inherit the environment."""
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "a secret of the operator")
    worker_pool = WorkerPool(WorkerConfig())
    await worker_pool.do({"do": "nothing"}, "a")
    environment = await asyncio.to_thread(Path(f"/proc/{worker_pool.pid}/environ").read_bytes)
    await worker_pool.close()
    assert b"secret" not in environment


async def test_a_job_that_hangs_is_ended_and_the_next_is_done(tmp_path: Path):
    """A job over its time limit is killed, and the next one runs in a new process."""
    worker_pool = WorkerPool(WorkerConfig())
    await worker_pool.do({"do": "nothing"}, "a")
    first = worker_pool.pid
    assert first is not None
    os.kill(first, signal.SIGSTOP)
    with pytest.raises(TooSlow, match="within"):
        await worker_pool.do(job(tmp_path, encoded(picture())), "a", time_limit=0.5)
    assert worker_pool.pid is None
    assert (await worker_pool.do(job(tmp_path, encoded(picture(64, 48))), "a"))["made"]
    assert worker_pool.pid != first
    await worker_pool.close()


async def test_a_process_that_dies_over_a_file_is_replaced(tmp_path: Path):
    """If the process dies, its job fails, and the next one runs."""
    worker_pool = WorkerPool(WorkerConfig())
    await worker_pool.do({"do": "nothing"}, "a")
    first = worker_pool.pid
    assert first is not None
    os.kill(first, signal.SIGSTOP)
    running = asyncio.create_task(worker_pool.do(job(tmp_path, encoded(picture())), "a"))
    await asyncio.sleep(0)
    os.kill(first, signal.SIGKILL)
    with pytest.raises(BrokenFile):
        await running
    assert (await worker_pool.do(job(tmp_path, encoded(picture())), "a"))["made"]
    await worker_pool.close()


async def test_a_job_that_nobody_waits_for_is_given_up(tmp_path: Path):
    """The result of a cancelled job is not returned for the next one."""
    worker_pool = WorkerPool(WorkerConfig())
    await worker_pool.do({"do": "nothing"}, "a")
    running = asyncio.create_task(worker_pool.do(job(tmp_path, noisy(3000, 2000)), "a"))
    await asyncio.sleep(0.05)  # the job has been sent; whether it has begun does not matter
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    result = await worker_pool.do(job(tmp_path, encoded(picture(64, 48))), "a")
    assert [made["width"] for made in result["made"]] == [64, 64]
    await worker_pool.close()


async def test_a_callers_queue_has_an_end(tmp_path: Path):
    """A job over a caller's queue limit is refused at once; other callers are not affected."""
    worker_pool = WorkerPool(WorkerConfig(queue=1))
    running = [
        asyncio.create_task(worker_pool.do(job(tmp_path, encoded(picture())), "a"))
        for _ in range(2)
    ]
    await asyncio.sleep(0)
    with pytest.raises(WorkersBusy):
        await worker_pool.do(job(tmp_path, encoded(picture())), "a")
    assert (await worker_pool.do(job(tmp_path, encoded(picture())), "b"))["made"]
    assert len(await asyncio.gather(*running)) == 2
    assert (await worker_pool.do(job(tmp_path, encoded(picture())), "a"))["made"]
    await worker_pool.close()


async def test_callers_take_turns(tmp_path: Path):
    """Callers alternate: one job does not wait for all jobs of another caller.

    Kind: resource exhaustion.
    """
    worker_pool, completed = WorkerPool(WorkerConfig()), list[str]()

    async def send(caller: str) -> None:
        await worker_pool.do(job(tmp_path, encoded(picture(64, 48))), caller)
        completed.append(caller)

    many = [asyncio.create_task(send("many")) for _ in range(8)]
    await asyncio.sleep(0)
    await asyncio.gather(*many, send("one"), send("other"))
    assert {completed.index("one"), completed.index("other")} <= {1, 2, 3}
    await worker_pool.close()


async def test_a_picture_that_needs_more_memory_is_refused(tmp_path: Path):
    """A job that exceeds the memory limit is refused, and the next one runs."""
    worker_pool = WorkerPool(WorkerConfig(memory=256 * 1024 * 1024))
    white = png(8_300, 8_300, b"\x00" * 24_901 * 8_300, colour=2)
    with pytest.raises(MediaError):
        await worker_pool.do(job(tmp_path, white, "PNG"), "a")
    assert (await worker_pool.do(job(tmp_path, encoded(picture())), "a"))["made"]
    await worker_pool.close()


@pytest.mark.parametrize("module", ["app.media.worker", "app.desk.render_worker"])
def test_a_worker_whose_server_is_gone_ends_quietly(module: str):
    """If nobody reads the answer, since the server was killed, the worker ends without an error."""
    limits = (str(WorkerConfig().memory), "0", *map(str, astuple(BodyLimits())))
    command = [sys.executable, "-m", module, *limits]
    job = {"do": "nothing", "form": "markdown", "source": "A *word*."}
    reading, writing = os.pipe()
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=writing, stderr=subprocess.PIPE, text=True
    ) as worker:
        os.close(writing)
        os.close(reading)
        _, errors = worker.communicate(json.dumps(job) + "\n", timeout=60)
    assert (worker.returncode, errors) == (0, "")
