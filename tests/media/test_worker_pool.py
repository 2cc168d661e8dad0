"""The process that opens files from strangers: bounded, replaced, and never more than its line."""

import asyncio
import os
import signal
from pathlib import Path
from typing import Any

import pytest

from app.media.errors import BrokenFile, MediaError, TooSlow, WorkersBusy
from app.media.worker_pool import WorkerConfig, WorkerPool
from tests.media.hostile import png
from tests.media.pictures import encoded, noisy, picture


def job(folder: Path, content: bytes, kind: str = "JPEG", **bounds: int) -> dict[str, Any]:
    """Make sizes of that."""
    place = folder / f"job-{len(list(folder.iterdir()))}"
    place.mkdir()
    (place / "upload").write_bytes(content)
    return {
        "do": "sizes",
        "source": str(place / "upload"),
        "folder": str(place),
        "kind": kind,
        "pixels": 100_000_000,
        "frames": 500,
        **bounds,
    }


async def test_one_process_does_one_job_after_another(tmp_path: Path):
    """It is started once, stands back behind others, and ends with the darkroom."""
    darkroom = WorkerPool(WorkerConfig(niceness=7))
    assert darkroom.pid is None
    done = await asyncio.gather(
        *(darkroom.do(job(tmp_path, encoded(picture())), "a") for _ in range(3))
    )
    assert all(answer["made"] for answer in done)
    pid = darkroom.pid
    assert pid is not None
    assert os.getpriority(os.PRIO_PROCESS, pid) == min(os.getpriority(os.PRIO_PROCESS, 0) + 7, 19)
    await darkroom.do(job(tmp_path, encoded(picture())), "a")
    assert darkroom.pid == pid
    await darkroom.close()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


async def test_the_process_knows_no_secret_of_the_operator(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """Nothing of the environment goes with it."""
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "a secret of the operator")
    darkroom = WorkerPool(WorkerConfig())
    await darkroom.do({"do": "nothing"}, "a")
    environment = await asyncio.to_thread(Path(f"/proc/{darkroom.pid}/environ").read_bytes)
    await darkroom.close()
    assert b"secret" not in environment


async def test_a_job_that_hangs_is_ended_and_the_next_is_done(tmp_path: Path):
    """By a new process."""
    darkroom = WorkerPool(WorkerConfig())
    await darkroom.do({"do": "nothing"}, "a")
    first = darkroom.pid
    assert first is not None
    os.kill(first, signal.SIGSTOP)
    with pytest.raises(TooSlow, match="within"):
        await darkroom.do(job(tmp_path, encoded(picture())), "a", time_limit=0.5)
    assert darkroom.pid is None
    assert (await darkroom.do(job(tmp_path, encoded(picture(64, 48))), "a"))["made"]
    assert darkroom.pid != first
    await darkroom.close()


async def test_a_process_that_dies_over_a_file_is_replaced(tmp_path: Path):
    """The file is refused, and the next one is not."""
    darkroom = WorkerPool(WorkerConfig())
    await darkroom.do({"do": "nothing"}, "a")
    first = darkroom.pid
    assert first is not None
    os.kill(first, signal.SIGSTOP)
    doing = asyncio.create_task(darkroom.do(job(tmp_path, encoded(picture())), "a"))
    await asyncio.sleep(0)
    os.kill(first, signal.SIGKILL)
    with pytest.raises(BrokenFile):
        await doing
    assert (await darkroom.do(job(tmp_path, encoded(picture())), "a"))["made"]
    await darkroom.close()


async def test_a_job_that_nobody_waits_for_is_given_up(tmp_path: Path):
    """Its answer is not taken for that of the next."""
    darkroom = WorkerPool(WorkerConfig())
    await darkroom.do({"do": "nothing"}, "a")
    doing = asyncio.create_task(darkroom.do(job(tmp_path, noisy(3000, 2000)), "a"))
    await asyncio.sleep(0.05)  # the job is told; whether it has begun does not matter
    doing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await doing
    done = await darkroom.do(job(tmp_path, encoded(picture(64, 48))), "a")
    assert [made["width"] for made in done["made"]] == [64, 64]
    await darkroom.close()


async def test_a_callers_queue_has_an_end(tmp_path: Path):
    """One more is told to come again, at once; another caller is not."""
    darkroom = WorkerPool(WorkerConfig(queue=1))
    doing = [
        asyncio.create_task(darkroom.do(job(tmp_path, encoded(picture())), "a")) for _ in range(2)
    ]
    await asyncio.sleep(0)
    with pytest.raises(WorkersBusy):
        await darkroom.do(job(tmp_path, encoded(picture())), "a")
    assert (await darkroom.do(job(tmp_path, encoded(picture())), "b"))["made"]
    assert len(await asyncio.gather(*doing)) == 2
    assert (await darkroom.do(job(tmp_path, encoded(picture())), "a"))["made"]
    await darkroom.close()


async def test_callers_take_turns(tmp_path: Path):
    """Kind: a queue that one fills. One picture waits for one of those of who sends many."""
    darkroom, done = WorkerPool(WorkerConfig()), list[str]()

    async def send(caller: str) -> None:
        await darkroom.do(job(tmp_path, encoded(picture(64, 48))), caller)
        done.append(caller)

    many = [asyncio.create_task(send("many")) for _ in range(8)]
    await asyncio.sleep(0)
    await asyncio.gather(*many, send("one"), send("other"))
    assert {done.index("one"), done.index("other")} <= {1, 2, 3}
    await darkroom.close()


async def test_a_picture_that_needs_more_memory_is_refused(tmp_path: Path):
    """With a sentence; and the process, which may have little left, is replaced."""
    darkroom = WorkerPool(WorkerConfig(memory=256 * 1024 * 1024))
    white = png(8_300, 8_300, b"\x00" * 24_901 * 8_300, colour=2)
    with pytest.raises(MediaError):
        await darkroom.do(job(tmp_path, white, "PNG"), "a")
    assert (await darkroom.do(job(tmp_path, encoded(picture())), "a"))["made"]
    await darkroom.close()
