"""Item 5: private media that outlive a retraction, and use of another person's media."""

import io
from pathlib import Path
from typing import Any

import httpx
from PIL import Image

from bench.dateline import ENTRIES
from bench.holes.hole import Hole
from bench.holes.newsroom import Newsroom, newsroom, path_of, yes

_OTHER = "another"


def _picture(client: httpx.Client, colour: str = "red") -> dict[str, Any]:
    place = io.BytesIO()
    Image.new("RGB", (64, 48), colour).save(place, "PNG")
    files = {"file": ("picture.png", place.getvalue(), "image/png")}
    made = client.post("/v1/media", files=files, data={"alt": "A square"}).raise_for_status()
    return dict(made.json())


def _is_public(room: Newsroom, picture: dict[str, Any]) -> bool:
    with room.client() as reader:
        return reader.get(path_of(picture["url"])).is_success


def _outlives(room: Newsroom, keeper: httpx.Client, path: str) -> str:
    """Tell whether a retracted picture stays public because an earlier draft names it."""
    picture = _picture(room.chief)
    entry = {"headline": "A picture", "media": [picture["id"]]}
    made = room.chief.post(ENTRIES, json=entry).raise_for_status().json()
    draft = {"headline": "Mine", "media": [picture["id"]], "draft": True}
    kept = keeper.post(path, json=draft)
    note = {"note": "It was not ours."}
    room.chief.post(f"{ENTRIES}/{made['id']}/retraction", json=note).raise_for_status()
    how = "" if kept.is_success else f" (the draft is a {kept.status_code})"
    return yes(_is_public(room, picture)) + how


def _draft(program: Path) -> str:
    with newsroom(program) as room:
        return _outlives(room, room.chief, ENTRIES)


def _foreign_draft(program: Path) -> str:
    with newsroom(program) as room:
        other = {"slug": _OTHER, "title": "Another page"}
        room.chief.post("/v1/coverages", json=other).raise_for_status()
        with room.with_key("contributor", _OTHER) as client:
            return _outlives(room, client, f"/v1/coverages/{_OTHER}/entries")


def _words(program: Path) -> str:
    with newsroom(program) as room, room.with_key("contributor") as client:
        picture = _picture(room.chief)
        changed = client.patch(f"/v1/media/{picture['id']}", json={"alt": "Not so"})
        return yes(changed.is_success)


def _use(program: Path) -> str:
    with newsroom(program) as room, room.with_key("contributor") as client:
        draft = {"headline": "Mine", "media": [_picture(room.chief)["id"]], "draft": True}
        return yes(client.post(ENTRIES, json=draft).is_success)


HOLES = (
    Hole(5, "a retracted picture stays public if a draft names it", _draft),
    Hole(5, "the same with a contributor's draft in another coverage", _foreign_draft),
    Hole(5, "a contributor changes the texts of another person's picture", _words),
    Hole(5, "a contributor uses a picture without access to it", _use),
)
