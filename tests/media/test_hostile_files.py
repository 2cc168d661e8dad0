"""Malicious pictures, names and forms are refused with an explanation, or sanitised."""

import io
import sys
from pathlib import Path

import httpx
import pytest
from PIL import Image

from tests.conftest import Newsroom
from tests.contract.newsrooms import running_newsroom
from tests.media import hostile
from tests.media.pictures import encoded, noisy, picture
from tests.media.sending import addresses, media_count, peak_memory, send, sent, stored_ids, workers
from tests.media.waiting import wait_for_avif

_LONG = ("PNG of one colour, nearly as large as may be", "PNG with texts that burst")
SERVER_GROWTH_LIMIT = 96 * 1024 * 1024  # bytes
WORKER_LIMIT = 1024 * 1024 * 1024


@pytest.mark.parametrize("name", hostile.REFUSED)
def test_a_hostile_file_is_refused_with_a_sentence(media_newsroom: Newsroom, name: str):
    """A refusal is a 4xx with an explanation, and leaves nothing in the folder or the database."""
    before = stored_ids(media_newsroom.server.folder / "media"), media_count(media_newsroom.server)
    answer = send(media_newsroom.contributor, hostile.REFUSED[name]())
    assert answer.status_code in {413, 415, 422}, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["detail"].endswith(".")
    assert (
        stored_ids(media_newsroom.server.folder / "media"),
        media_count(media_newsroom.server),
    ) == before


@pytest.mark.full("it is decoded for a while", but=[n for n in hostile.HARMLESS if n not in _LONG])
@pytest.mark.parametrize("name", hostile.HARMLESS)
def test_what_hides_in_a_picture_does_not_come_out_of_it(media_newsroom: Newsroom, name: str):
    """The upload is refused, or served as new pictures without the hidden content."""
    answer = send(media_newsroom.contributor, hostile.HARMLESS[name]())
    if answer.status_code != 201:
        assert answer.status_code in {413, 415, 422}, answer.text
        return
    wait_for_avif(media_newsroom.reader, answer.json())
    for rendition in answer.json()["renditions"]:
        served = media_newsroom.reader.get(rendition["url"])
        with Image.open(io.BytesIO(served.content)) as image:
            assert Image.MIME[image.format or ""] == rendition["type"]
            assert image.size == (rendition["width"], rendition["height"])
        assert not any(word in served.content for word in (b"script", b"<?php", b"PK\x03\x04"))


HOSTILE_NAMES = [
    "../../../etc/passwd",
    "..\\..\\evil.jpg",
    "/etc/cron.d/evil",
    "a\x00.jpg",
    "a.jpg/../../b.jpg",
    "x" * 3000,
    "picture.svg",
    "picture.html",
    "CON",
    "\u202egpj.exe",
    "",
]


@pytest.mark.parametrize("name", HOSTILE_NAMES)
def test_the_name_of_a_file_means_nothing(media_newsroom: Newsroom, name: str):
    """A file's name has no effect on where the file is stored."""
    before = {p for p in media_newsroom.server.folder.rglob("*") if "media" not in p.parts}
    head = f'Content-Disposition: form-data; name="file"; filename="{name}"'.encode()
    body = b"--b\r\n" + head + b"\r\n\r\n" + encoded(picture()) + b"\r\n--b--\r\n"
    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    answer = media_newsroom.contributor.post("/v1/media", content=body, headers=headers)
    assert answer.status_code in {201, 400}, answer.text
    if answer.status_code == 201:
        assert all(a.startswith(f"/media/{answer.json()['id']}/") for a in addresses(answer.json()))
    after = {p for p in media_newsroom.server.folder.rglob("*") if "media" not in p.parts}
    assert {p.name for p in after - before} <= {"dateline.db-wal", "dateline.db-shm"}


def part(head: str, content: bytes = b"") -> bytes:
    """Return a part of a multipart form."""
    return b"--b\r\n" + head.encode() + b"\r\n\r\n" + content + b"\r\n"


_FILE = 'Content-Disposition: form-data; name="file"; filename="a.jpg"'
_ALT = 'Content-Disposition: form-data; name="alt"'
_WHOLE = part(_FILE, encoded(picture()))
FORMS = {
    "nothing": (b"", 400),
    "no boundary in it": (b"hello", 400),
    "without an end": (_WHOLE, 400),
    "that ends within the file": (_WHOLE[:900], 400),
    "without a file": (part(_ALT, b"words") + b"--b--\r\n", 422),
    "with two files": (_WHOLE * 2 + b"--b--\r\n", 422),
    "with two alternative texts": (part(_ALT) * 2 + _WHOLE + b"--b--\r\n", 422),
    "with a word that is unknown": (
        _WHOLE + part('Content-Disposition: form-data; name="url"', b"x") + b"--b--\r\n",
        422,
    ),
    "with a word that is too long": (_WHOLE + part(_ALT, b"a" * 5000) + b"--b--\r\n", 422),
    "with a giant word": (_WHOLE + part(_ALT, b"a" * 900_000) + b"--b--\r\n", 413),
    "with words that are no text": (_WHOLE + part(_ALT, b"\xff\xfe") + b"--b--\r\n", 422),
    "with a control character": (_WHOLE + part(_ALT, b"a\x00b") + b"--b--\r\n", 422),
    "with a part without a name": (part("Content-Type: text/plain", b"x") + b"--b--\r\n", 422),
    "with a giant head": (part("X: " + "a" * 100_000) + b"--b--\r\n", 400),
    "with a thousand heads": (part("\r\n".join(f"X{n}: a" for n in range(1000))), 400),
    "with a giant file": (part(_FILE, b"\xff\xd8\xff" * 9_000_000) + b"--b--\r\n", 413),
}


@pytest.mark.parametrize("name", FORMS)
def test_a_hostile_form_is_refused_with_a_sentence(media_newsroom: Newsroom, name: str):
    """A refusal is a 4xx with an explanation, and leaves nothing in the folder or the database."""
    before = stored_ids(media_newsroom.server.folder / "media"), media_count(media_newsroom.server)
    body, status = FORMS[name]

    def pieces():
        for start in range(0, len(body), 65_536):
            yield body[start : start + 65_536]

    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    answer = media_newsroom.contributor.post("/v1/media", content=pieces(), headers=headers)
    assert answer.status_code == status, answer.text
    assert answer.json()["detail"]
    assert (
        stored_ids(media_newsroom.server.folder / "media"),
        media_count(media_newsroom.server),
    ) == before


@pytest.mark.parametrize("kind", ["text/plain", "image/jpeg", "multipart/mixed; boundary=b"])
def test_a_body_of_another_type_is_refused(media_newsroom: Newsroom, kind: str):
    """A body that is neither a multipart form nor JSON gets a 415."""
    answer = media_newsroom.contributor.post(
        "/v1/media", content=_WHOLE, headers={"Content-Type": kind}
    )
    assert (answer.status_code, answer.json()["type"]) == (415, "/problems/wrong-media-type")


def test_a_file_that_is_sent_as_json_is_refused(media_newsroom: Newsroom):
    """A body declared as JSON must be JSON."""
    before = stored_ids(media_newsroom.server.folder / "media"), media_count(media_newsroom.server)
    headers = {"Content-Type": "application/json"}
    answer = media_newsroom.contributor.post("/v1/media", content=_WHOLE, headers=headers)
    assert (answer.status_code, answer.json()["type"]) == (400, "/problems/not-json")
    assert (
        stored_ids(media_newsroom.server.folder / "media"),
        media_count(media_newsroom.server),
    ) == before


def test_a_client_that_goes_away_leaves_nothing(media_newsroom: Newsroom):
    """An upload whose connection breaks leaves no file and no row."""
    before = media_count(media_newsroom.server)

    def half():
        yield _WHOLE[:500]
        raise ConnectionAbortedError

    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    with pytest.raises((ConnectionAbortedError, httpx.TransportError)):
        media_newsroom.contributor.post("/v1/media", content=half(), headers=headers)
    sent(media_newsroom.contributor, encoded(picture()))
    assert media_count(media_newsroom.server) == before + 1
    assert not list((media_newsroom.server.folder / "media" / "incoming").glob("*/upload"))


@pytest.mark.full("every file once more")
def test_memory_stays_bounded_whatever_comes(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    """The memory of the server and of its worker stays bounded through all of these files."""
    worker_peak = 0
    with running_newsroom(tmp_path) as newsroom:
        sent(newsroom.contributor, encoded(picture()))
        before = peak_memory(newsroom.server.pid)
        makers = (*hostile.REFUSED.values(), *hostile.HARMLESS.values(), lambda: noisy(4000, 3000))
        for make in makers:
            send(newsroom.contributor, make())
            worker_peak = max(
                [worker_peak, *(peak_memory(pid) for pid in workers(newsroom.server))]
            )
        growth = peak_memory(newsroom.server.pid) - before
        assert newsroom.reader.get("/readyz").status_code == 200
    with capsys.disabled():
        sys.stdout.write(
            f"\n{len(hostile.REFUSED) + len(hostile.HARMLESS)} hostile files: the server's peak "
            f"grew by {growth / 2**20:.0f} MB, "
            f"the worker held {worker_peak / 2**20:.0f} MB at most\n"
        )
    assert growth < SERVER_GROWTH_LIMIT
    assert 0 < worker_peak < WORKER_LIMIT
