"""Videos that somebody sends to do harm: each is refused with a sentence, or made harmless."""

import re
import sys
import time
from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.conftest import Newsroom
from tests.contract.newsrooms import running_newsroom
from tests.media.hostile_videos import HARMLESS, REFUSED
from tests.media.sending import kept_in, peak, rows, send, workers
from tests.media.videos import made, streams

# Further damage of the same kinds, and what takes long to make or to look at.
_FURTHER = re.compile("index first|fragment|garbled|no length in|ends after (50|60) %")
_LONG = [
    "a thousand tracks in a WebM",
    "an index that says it has two gigabytes",
    "an infinite duration",
    "pictures of a byte, three hundred thousand in a second",
    "ten thousand edits",
    "twelve thousand pictures in a second",
]
_SERVER_GROWS = 96 * 1024 * 1024  # bytes
_WORKER_HOLDS = 1024 * 1024 * 1024
_HEAVIEST = [
    *("two thousand tracks", "JPEGs of 65,500 by 65,500", "VP8 of 16,383 by 16,383"),
    "pictures of a byte, three hundred thousand in a second",
    *("an index that says it has two gigabytes", "ten thousand edits", "sizes of 2 GB"),
]


def _quick(videos: Iterable[str]) -> list[str]:
    return [name for name in videos if name not in _LONG and not _FURTHER.search(name)]


def _left(newsroom: Newsroom) -> tuple[set[str], int]:
    """What is kept, in the folder and in the record, once nothing is under way any more.

    A picture of another test may still be converted; what a refusal leaves stays for ever.
    """
    folder = newsroom.server.folder / "media"
    while [path for path in (folder / "incoming").rglob("*") if path.is_file()]:
        time.sleep(0.05)
    return kept_in(folder), rows(newsroom.server)


@pytest.mark.full("further damage", but=_quick(REFUSED))
@pytest.mark.parametrize("name", REFUSED)
def test_a_hostile_video_is_refused_with_a_sentence(studio: Newsroom, name: str):
    """A 4xx that says what is wrong; nothing of it is left, in the folders or in the record."""
    before = _left(studio)
    answer = send(studio.contributor, REFUSED[name]())
    assert answer.status_code in {413, 415, 422}, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["detail"].endswith(".")
    assert len(answer.json()["detail"].split()) > 3
    assert _left(studio) == before


@pytest.mark.full(
    "further damage", but=[*_quick(HARMLESS), "an index garbled 1", "WebM, garbled 1"]
)
@pytest.mark.parametrize("name", HARMLESS)
def test_what_hides_in_a_video_does_not_come_out_of_it(studio: Newsroom, name: str):
    """A 4xx, or a new video that plays and holds nothing of what came along."""
    answer = send(studio.contributor, HARMLESS[name]())
    if answer.status_code != 201:
        assert answer.status_code in {413, 415, 422}, answer.text
        return
    served = studio.reader.get(answer.json()["url"])
    assert not any(word in served.content for word in (b"script", b"PK\x03\x04", b"passwd"))
    if answer.json()["kind"] == "video":
        assert streams(served.content)[3]


@pytest.mark.full("the heaviest once more")
def test_memory_stays_bounded_whatever_video_comes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    """The server holds no video whole, and its worker not more than it may."""
    most = 0
    with running_newsroom(tmp_path) as newsroom:
        assert send(newsroom.contributor, made("MP4")).status_code == 201
        before = peak(newsroom.server.pid)
        for make in [*(REFUSED[name] for name in _HEAVIEST), lambda: made("4K")]:
            send(newsroom.contributor, make())
            most = max([most, *(peak(pid) for pid in workers(newsroom.server))])
        grown = peak(newsroom.server.pid) - before
        assert newsroom.reader.get("/readyz").status_code == 200
    with capsys.disabled():
        sys.stdout.write(
            f"\n{len(REFUSED) + len(HARMLESS)} hostile videos, of which the {len(_HEAVIEST)}"
            f" heaviest: the server's peak grew by {grown / 2**20:.0f} MB, a worker held"
            f" {most / 2**20:.0f} MB at most\n"
        )
    assert grown < _SERVER_GROWS
    assert 0 < most < _WORKER_HOLDS
