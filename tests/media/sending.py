"""Sending files, and looking at what became of them."""

import os
import sqlite3
from pathlib import Path
from typing import Any

import httpx

from tests.dateline import DatelineServer

Json = dict[str, Any]


def send(client: httpx.Client, content: bytes, name: str = "a.jpg", **words: str) -> httpx.Response:
    """The answer to a file."""
    files = {"file": (name, content, "image/jpeg")}
    return client.post("/v1/media", files=files, data=words, timeout=60)


def sent(client: httpx.Client, content: bytes, **words: str) -> Json:
    """The picture that a file became."""
    answer = send(client, content, **words)
    assert answer.status_code == 201, answer.text
    media: Json = answer.json()
    return media


def addresses(media: Json) -> list[str]:
    """Every address that a picture has."""
    return list(dict.fromkeys([media["url"], *(r["url"] for r in media["renditions"])]))


def kept_in(folder: Path) -> set[str]:
    """The ids of what is kept in a library's folder, public or withdrawn."""
    return {path.name for path in folder.glob("*/*") if path.parent.name != "incoming"}


def rows(server: DatelineServer) -> int:
    """How many media the record knows."""
    with sqlite3.connect(server.folder / "dateline.db") as record:
        count: int = record.execute("SELECT count(*) FROM media").fetchone()[0]
        return count


def peak(pid: int) -> int:
    """The most memory that a process has held at a time, in bytes."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    line = next(line for line in lines if line.startswith("VmHWM"))
    return int(line.split()[1]) * 1024


def workers(server: DatelineServer) -> list[int]:
    """The processes that the server has started."""
    return [int(pid) for pid in os.popen(f"ps -o pid= --ppid {server.pid}").read().split()]
