"""Uploads, and what the server stores of them."""

import os
import sqlite3
from pathlib import Path
from typing import Any

import httpx

from tests.dateline import DatelineServer

Json = dict[str, Any]


def send(client: httpx.Client, content: bytes, name: str = "a.jpg", **words: str) -> httpx.Response:
    """Upload a file and return the response."""
    files = {"file": (name, content, "image/jpeg")}
    return client.post("/v1/media", files=files, data=words, timeout=60)


def sent(client: httpx.Client, content: bytes, **words: str) -> Json:
    """Upload a file, which must be accepted, and return the media it becomes."""
    answer = send(client, content, **words)
    assert answer.status_code == 201, answer.text
    media: Json = answer.json()
    return media


def addresses(media: Json) -> list[str]:
    """Return every address of a picture, each once."""
    return list(dict.fromkeys([media["url"], *(r["url"] for r in media["renditions"])]))


def stored_ids(folder: Path) -> set[str]:
    """Return the ids of the media in a storage folder, public or withdrawn."""
    return {path.name for path in folder.glob("*/*") if path.parent.name != "incoming"}


def media_count(server: DatelineServer) -> int:
    """Return the number of media in the database."""
    with sqlite3.connect(server.folder / "dateline.db") as database:
        count: int = database.execute("SELECT count(*) FROM media").fetchone()[0]
        return count


def peak_memory(pid: int) -> int:
    """Return the peak resident memory of a process in bytes."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    line = next(line for line in lines if line.startswith("VmHWM"))
    return int(line.split()[1]) * 1024


def workers(server: DatelineServer) -> list[int]:
    """Return the ids of the server's child processes."""
    return [int(pid) for pid in os.popen(f"ps -o pid= --ppid {server.pid}").read().split()]
