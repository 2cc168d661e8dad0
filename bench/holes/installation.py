"""Item 9: file permissions, fair shares of one caller, and the contents of an installation."""

import io
import re
import threading
from pathlib import Path

from PIL import Image

from bench.dateline import SLUG
from bench.holes.hole import Hole
from bench.holes.newsroom import Newsroom, meanwhile, newsroom, seconds, told, yes
from bench.media import make_picture

_VISITS = 200
_PICTURES = 8
_HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}")


def _small() -> bytes:
    place = io.BytesIO()
    Image.new("RGB", (64, 48), "red").save(place, "PNG")
    return place.getvalue()


def _modes(program: Path) -> str:
    with newsroom(program) as room:
        files = {"file": ("a.png", _small(), "image/png")}
        room.chief.post("/v1/media", files=files).raise_for_status()
        folder = room.server.folder
        paths = [folder / "dateline.db", folder / "dateline.db-wal", folder / "media"]
        paths += [next(path for path in (folder / "media").rglob("*") if path.is_file())]
        return ", ".join(f"{path.stat().st_mode & 0o777:o}" for path in paths)


def _pictures(program: Path) -> str:
    large = make_picture(3000, 2000)
    with newsroom(program) as room, room.with_key("contributor") as client:
        alone = seconds(lambda: _send(room, _small()))
        begun = threading.Event()

        def send() -> None:
            begun.set()
            client.post("/v1/media", files={"file": ("a.jpg", large, "image/jpeg")})

        with meanwhile(*[send] * _PICTURES):
            begun.wait()
            threading.Event().wait(1)  # until all of them have arrived
            return f"{told(seconds(lambda: _send(room, _small())))} (alone {told(alone)})"


def _send(room: Newsroom, picture: bytes) -> None:
    files = {"file": ("a.png", picture, "image/png")}
    room.chief.post("/v1/media", files=files).raise_for_status()


def _visits(program: Path) -> str:
    with newsroom(program) as room, room.with_key("contributor") as client:
        path = f"/v1/coverages/{SLUG}/visits"
        for number in range(_VISITS):
            client.put(f"{path}/{number:016x}", json={})
        return str(len(room.chief.get(path).raise_for_status().json()["visits"]))


def _locked(program: Path) -> str:
    files = [*program.glob("*.txt"), *program.glob("*.lock"), *program.glob("requirements/*")]
    return yes(any(_HASH.search(file.read_text()) for file in files))


def _bill_of_materials(program: Path) -> str:
    folders = (".", "docs", ".ci", ".github", "tools", "release")
    files = [file for folder in folders for file in (program / folder).glob("*")]
    files = [file for file in files if file.is_file() and file.suffix not in {".png", ".jpg"}]
    words = [file.name + file.read_text(errors="replace") for file in files]
    return yes(any(re.search("cyclonedx|spdx|sbom", each, re.IGNORECASE) for each in words))


HOLES = (
    Hole(9, "modes of database, WAL, media folder and file", _modes),
    Hole(9, f"{_PICTURES} large pictures of one caller: time of another's small one", _pictures),
    Hole(9, f"desk visits that one key can register, of {_VISITS}", _visits),
    Hole(9, "the image is built from a lock file with hashes", _locked),
    Hole(9, "the image has a software bill of materials", _bill_of_materials),
)
