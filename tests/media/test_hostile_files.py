"""Files that somebody sends to do harm: each is refused with a sentence, or made harmless."""

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
from tests.media.sending import addresses, kept_in, peak, rows, send, sent, workers

_LONG = ("PNG of one colour, nearly as large as may be", "PNG with texts that burst")
SERVER_GROWS = 96 * 1024 * 1024  # bytes
WORKER_HOLDS = 1024 * 1024 * 1024


@pytest.mark.parametrize("name", hostile.REFUSED)
def test_a_hostile_file_is_refused_with_a_sentence(studio: Newsroom, name: str):
    """A 4xx that says what is wrong; nothing of it is left, in the folder or in the record."""
    before = kept_in(studio.server.folder / "media"), rows(studio.server)
    answer = send(studio.contributor, hostile.REFUSED[name]())
    assert answer.status_code in {413, 415, 422}, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["detail"].endswith(".")
    assert (kept_in(studio.server.folder / "media"), rows(studio.server)) == before


@pytest.mark.full("it is decoded for a while", but=[n for n in hostile.HARMLESS if n not in _LONG])
@pytest.mark.parametrize("name", hostile.HARMLESS)
def test_what_hides_in_a_picture_does_not_come_out_of_it(studio: Newsroom, name: str):
    """A 4xx, or new files that are what they say and hold nothing of what came along."""
    answer = send(studio.contributor, hostile.HARMLESS[name]())
    if answer.status_code != 201:
        assert answer.status_code in {413, 415, 422}, answer.text
        return
    for rendition in answer.json()["renditions"]:
        if rendition["type"] == "image/avif":
            continue
        served = studio.reader.get(rendition["url"])
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
def test_the_name_of_a_file_means_nothing(studio: Newsroom, name: str):
    """Whatever it is, the file lands under a name of ours and nowhere else."""
    before = {p for p in studio.server.folder.rglob("*") if "media" not in p.parts}
    head = f'Content-Disposition: form-data; name="file"; filename="{name}"'.encode()
    body = b"--b\r\n" + head + b"\r\n\r\n" + encoded(picture()) + b"\r\n--b--\r\n"
    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    answer = studio.contributor.post("/v1/media", content=body, headers=headers)
    assert answer.status_code in {201, 400}, answer.text
    if answer.status_code == 201:
        assert all(a.startswith(f"/media/{answer.json()['id']}/") for a in addresses(answer.json()))
    after = {p for p in studio.server.folder.rglob("*") if "media" not in p.parts}
    assert {p.name for p in after - before} <= {"dateline.db-wal", "dateline.db-shm"}


def part(head: str, content: bytes = b"") -> bytes:
    """A part of a form."""
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
def test_a_hostile_form_is_refused_with_a_sentence(studio: Newsroom, name: str):
    """A 4xx that says what is wrong, and nothing is left."""
    before = kept_in(studio.server.folder / "media"), rows(studio.server)
    body, status = FORMS[name]

    def pieces():
        for start in range(0, len(body), 65_536):
            yield body[start : start + 65_536]

    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    answer = studio.contributor.post("/v1/media", content=pieces(), headers=headers)
    assert answer.status_code == status, answer.text
    assert answer.json()["detail"]
    assert (kept_in(studio.server.folder / "media"), rows(studio.server)) == before


@pytest.mark.parametrize("kind", ["text/plain", "image/jpeg", "multipart/mixed; boundary=b"])
def test_a_body_of_another_type_is_refused(studio: Newsroom, kind: str):
    """Files come in forms, and what is no file as JSON."""
    answer = studio.contributor.post("/v1/media", content=_WHOLE, headers={"Content-Type": kind})
    assert (answer.status_code, answer.json()["type"]) == (415, "/problems/wrong-media-type")


def test_a_file_that_is_sent_as_json_is_refused(studio: Newsroom):
    """What calls itself JSON names a video of another site, and has to be JSON."""
    before = kept_in(studio.server.folder / "media"), rows(studio.server)
    headers = {"Content-Type": "application/json"}
    answer = studio.contributor.post("/v1/media", content=_WHOLE, headers=headers)
    assert (answer.status_code, answer.json()["type"]) == (400, "/problems/not-json")
    assert (kept_in(studio.server.folder / "media"), rows(studio.server)) == before


def test_a_client_that_goes_away_leaves_nothing(studio: Newsroom):
    """Half a file on the way is gone with the connection."""
    before = rows(studio.server)

    def half():
        yield _WHOLE[:500]
        raise ConnectionAbortedError

    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    with pytest.raises((ConnectionAbortedError, httpx.TransportError)):
        studio.contributor.post("/v1/media", content=half(), headers=headers)
    sent(studio.contributor, encoded(picture()))
    assert rows(studio.server) == before + 1
    assert not list((studio.server.folder / "media" / "incoming").glob("*/upload"))


@pytest.mark.full("every file once more")
def test_memory_stays_bounded_whatever_comes(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    """The server holds no file whole, and its worker not more than it may, through all of these."""
    most = 0
    with running_newsroom(tmp_path) as newsroom:
        sent(newsroom.contributor, encoded(picture()))
        before = peak(newsroom.server.pid)
        made = (*hostile.REFUSED.values(), *hostile.HARMLESS.values(), lambda: noisy(4000, 3000))
        for make in made:
            send(newsroom.contributor, make())
            most = max([most, *(peak(pid) for pid in workers(newsroom.server))])
        grown = peak(newsroom.server.pid) - before
        assert newsroom.reader.get("/readyz").status_code == 200
    with capsys.disabled():
        sys.stdout.write(
            f"\n{len(hostile.REFUSED) + len(hostile.HARMLESS)} hostile files: the server's peak "
            f"grew by {grown / 2**20:.0f} MB, the worker held {most / 2**20:.0f} MB at most\n"
        )
    assert grown < SERVER_GROWS
    assert 0 < most < WORKER_HOLDS
