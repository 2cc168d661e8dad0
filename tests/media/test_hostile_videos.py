"""Malicious videos are refused with an explanation, or sanitised."""

import re
import sys
import time
from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.conftest import Newsroom
from tests.contract.newsrooms import running_newsroom
from tests.media.hostile_videos import HARMLESS, REFUSED
from tests.media.sending import media_count, peak_memory, send, stored_ids, workers
from tests.media.videos import made, streams

# More damage of the same kinds, and cases that take long to create or to check.
_FURTHER = re.compile("index first|fragment|garbled|no length in|ends after (50|60) %")
_LONG = [
    "a thousand tracks in a WebM",
    "an index that says it has two gigabytes",
    "an infinite duration",
    "pictures of a byte, three hundred thousand in a second",
    "ten thousand edits",
    "twelve thousand pictures in a second",
]
_SERVER_GROWTH_LIMIT = 96 * 1024 * 1024  # bytes
_WORKER_LIMIT = 1024 * 1024 * 1024
_HEAVIEST = [
    *("two thousand tracks", "JPEGs of 65,500 by 65,500", "VP8 of 16,383 by 16,383"),
    "pictures of a byte, three hundred thousand in a second",
    *("an index that says it has two gigabytes", "ten thousand edits", "sizes of 2 GB"),
]


def _quick(videos: Iterable[str]) -> list[str]:
    return [name for name in videos if name not in _LONG and not _FURTHER.search(name)]


def _stored(newsroom: Newsroom) -> tuple[set[str], int]:
    """Return the stored media ids and the number in the database, once no upload is in progress.

    A picture of another test may still be in conversion; what a refusal leaves stays.
    """
    folder = newsroom.server.folder / "media"
    while [path for path in (folder / "incoming").rglob("*") if path.is_file()]:
        time.sleep(0.05)
    return stored_ids(folder), media_count(newsroom.server)


@pytest.mark.full("further damage", but=_quick(REFUSED))
@pytest.mark.parametrize("name", REFUSED)
def test_a_hostile_video_is_refused_with_a_sentence(media_newsroom: Newsroom, name: str):
    """A refusal is a 4xx with an explanation, and leaves nothing in the folders or the database."""
    before = _stored(media_newsroom)
    answer = send(media_newsroom.contributor, REFUSED[name]())
    assert answer.status_code in {413, 415, 422}, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["detail"].endswith(".")
    assert len(answer.json()["detail"].split()) > 3
    assert _stored(media_newsroom) == before


@pytest.mark.full(
    "further damage", but=[*_quick(HARMLESS), "an index garbled 1", "WebM, garbled 1"]
)
@pytest.mark.parametrize("name", HARMLESS)
def test_what_hides_in_a_video_does_not_come_out_of_it(media_newsroom: Newsroom, name: str):
    """The upload is refused, or served as a playable video without the hidden content."""
    answer = send(media_newsroom.contributor, HARMLESS[name]())
    if answer.status_code != 201:
        assert answer.status_code in {413, 415, 422}, answer.text
        return
    served = media_newsroom.reader.get(answer.json()["url"])
    assert not any(word in served.content for word in (b"script", b"PK\x03\x04", b"passwd"))
    if answer.json()["kind"] == "video":
        assert streams(served.content)[3]


@pytest.mark.full("the heaviest once more")
def test_memory_stays_bounded_whatever_video_comes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    """The memory of the server and of its worker stays bounded."""
    worker_peak = 0
    with running_newsroom(tmp_path) as newsroom:
        assert send(newsroom.contributor, made("MP4")).status_code == 201
        before = peak_memory(newsroom.server.pid)
        for make in [*(REFUSED[name] for name in _HEAVIEST), lambda: made("4K")]:
            send(newsroom.contributor, make())
            worker_peak = max(
                [worker_peak, *(peak_memory(pid) for pid in workers(newsroom.server))]
            )
        growth = peak_memory(newsroom.server.pid) - before
        assert newsroom.reader.get("/readyz").status_code == 200
    with capsys.disabled():
        sys.stdout.write(
            f"\n{len(REFUSED) + len(HARMLESS)} hostile videos, of which the {len(_HEAVIEST)}"
            f" heaviest: the server's peak grew by {growth / 2**20:.0f} MB, a worker held"
            f" {worker_peak / 2**20:.0f} MB at most\n"
        )
    assert growth < _SERVER_GROWTH_LIMIT
    assert 0 < worker_peak < _WORKER_LIMIT
