"""The fifth table: the time until a picture can be shown, and the effect of uploads on reads.

The picture is generated: 12 megapixels with grain, as from a camera in the dark, which is harder to
compress than most photographs. History is read at a steady rate, first alone and then while ten
people upload such a picture at once.
"""

import io
import statistics
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import httpx
from PIL import Image

from bench.dateline import ENTRIES, Dateline, dateline
from bench.generators import Figures, start_readload
from bench.table import format_table

Say = Callable[[str], None]
HEADS = ("what", "ms", "goal ms", "of goal")
SENDERS, RATE, ASKERS = 10, 100, 4
FIRST_GOAL, HISTORY_GOAL = 1500.0, 100.0  # milliseconds


@dataclass
class Upload:
    """Milliseconds from the first byte sent to the response, and to the smallest rendition."""

    answered: float
    usable: float


def make_picture(width: int = 4000, height: int = 3000) -> bytes:
    """Return a JPEG with grain."""
    grain = Image.effect_noise((width, height), 50).convert("RGB")
    light = Image.linear_gradient("L").resize((width, height)).convert("RGB")
    place = io.BytesIO()
    Image.blend(grain, light, 0.5).save(place, "JPEG", quality=90)
    return place.getvalue()


def send_picture(client: httpx.Client, content: bytes) -> Upload:
    """Upload a picture and fetch its smallest rendition."""
    began = time.perf_counter()
    files = {"file": ("picture.jpg", content, "image/jpeg")}
    answer = client.post("/v1/media", files=files, data={"alt": "Grain"}).raise_for_status()
    answered = time.perf_counter() - began
    smallest = min(answer.json()["renditions"], key=lambda r: r["width"])
    client.get(smallest["url"]).raise_for_status()
    return Upload(answered * 1000, (time.perf_counter() - began) * 1000)


def measure_media(runs: int, seconds: float, say: Say) -> tuple[list[Upload], Figures, Figures]:
    """Measure uploads, and reads of history.

    Args:
        runs: uploads in sequence.
        seconds: of reads of history alone; during uploads, they last as long as those.
        say: called with progress messages.

    Returns:
        The uploads; the reads of history alone, and during ten uploads at once.
    """
    content = make_picture()
    say(f"a picture of 12 megapixels, {len(content) / 1e6:.1f} MB")
    with dateline() as server, server.client() as client:
        for number in range(100):
            entry = {"headline": f"Report {number}", "body": "Two engines are on their way."}
            client.post(ENTRIES, json=entry).raise_for_status()
        uploads = [send_picture(client, content) for _ in range(runs)]
        say("history alone")
        alone = _read_history(server, seconds)
        say(f"history while {SENDERS} clients upload a picture")
        during = _read_while_sending(server, content)
    return uploads, alone, during


def _read_history(server: Dateline, seconds: float) -> Figures:
    path = f"{ENTRIES}?limit=20&order=oldest"
    return start_readload(server.target(), path, ASKERS, seconds, RATE).figures()


def _read_while_sending(server: Dateline, content: bytes) -> Figures:
    with ThreadPoolExecutor(SENDERS + 1) as threads, server.client() as client:
        # One worker needs about ten seconds for ten pictures; AVIF continues in the background.
        reading = threads.submit(_read_history, server, 12)
        sending = [threads.submit(send_picture, client, content) for _ in range(SENDERS)]
        for done in sending:
            done.result()
        return reading.result()


def tabulate_media(uploads: list[Upload], alone: Figures, during: Figures) -> str:
    """Return the table."""
    first = statistics.median(upload.usable for upload in uploads)
    rows: list[list[float | str | None]] = [
        ["the first upload, with the worker's start", uploads[0].usable, FIRST_GOAL],
        ["first rendition of 12 megapixels, median", first, FIRST_GOAL],
        ["history p99, alone", alone["latency_us"]["p99"] / 1000, HISTORY_GOAL],
        [
            f"history p99, during {SENDERS} uploads",
            during["latency_us"]["p99"] / 1000,
            HISTORY_GOAL,
        ],
    ]
    for row in rows:
        row.append(float(row[1] or 0) / float(row[2] or 1))
    return format_table(HEADS, rows)
