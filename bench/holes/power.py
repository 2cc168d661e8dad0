"""Item 6: permissions that outlive the key or person that granted them."""

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from bench.dateline import ENTRIES
from bench.holes.hole import Hole
from bench.holes.newsroom import Newsroom, newsroom, path_of, yes

_NEW = "another walk to the lighthouse"


def _stolen(room: Newsroom) -> tuple[httpx.Client, str]:
    """Create a chief's key that stands for a stolen one; return a client with it, and its id."""
    asked = {"name": "stolen", "role": "chief"}
    made = room.chief.post("/v1/keys", json=asked).raise_for_status().json()
    return room.client(headers={"Authorization": f"Bearer {made['key']}"}), made["id"]


def _link(client: httpx.Client, **invitation: Any) -> str:
    return path_of(
        client.post("/v1/invitations", json=invitation).raise_for_status().json()["link"]
    )


def _invitation_of_a_key(program: Path) -> str:
    with newsroom(program) as room:
        thief, key_id = _stolen(room)
        with thief:
            link = _link(thief, role="chief")
        room.chief.delete(f"/v1/keys/{key_id}").raise_for_status()
        return yes(room.take(link, "thief").is_redirect)


def _personal_link_of_a_key(program: Path) -> str:
    with newsroom(program) as room:
        person = room.join("chief", role="chief")
        thief, key_id = _stolen(room)
        with thief:
            link = _link(thief, person=person)
        room.chief.delete(f"/v1/keys/{key_id}").raise_for_status()
        return yes(room.take(link, "chief", _NEW).is_redirect)


def _link_of_a_demoted_chief(program: Path) -> str:
    with newsroom(program) as room:
        room.join("other", role="chief")  # the last one cannot be demoted
        person = room.join("chief", role="chief")
        with room.signed_in("chief") as browser:
            link = _link(browser, role="chief")
        demoted = {"role": "contributor"}
        room.chief.patch(f"/v1/people/{person}", json=demoted).raise_for_status()
        return yes(room.take(link, "friend").is_redirect)


def _older_link(program: Path) -> str:
    with newsroom(program) as room:
        person = room.join("editor", role="editor")
        older, newer = room.link(person=person), room.link(person=person)
        assert room.take(newer, "editor", _NEW).is_redirect
        return yes(room.take(older, "editor", "a third walk to the pier").is_redirect)


def _makers(program: Path) -> str:
    with newsroom(program) as room:
        room.key("editor")
        keys = room.chief.get("/v1/keys").raise_for_status().json()["keys"]
        return yes(all("made_by" in key for key in keys))


def _session(program: Path) -> str:
    with newsroom(program) as room:
        person = room.join("editor", role="editor")
        with room.signed_in("editor") as browser:
            assert room.take(room.link(person=person), "editor", _NEW).is_redirect
            return yes(browser.get("/desk").is_success)


def _planted(program: Path) -> str:
    with newsroom(program) as room:
        thief, key_id = _stolen(room)
        lifts = datetime.now(UTC) + timedelta(seconds=5)
        with thief:
            planted = {"headline": "Planted", "embargo_until": lifts.isoformat()}
            made = thief.post(ENTRIES, json=planted).raise_for_status().json()["id"]
        room.chief.delete(f"/v1/keys/{key_id}?made=true").raise_for_status()
        time.sleep(8)
        with room.client() as reader:
            return yes(reader.get(f"{ENTRIES}/{made}").is_success)


HOLES = (
    Hole(6, "the invitation of a revoked key creates a chief", _invitation_of_a_key),
    Hole(6, "the personal link of a revoked key signs in as its person", _personal_link_of_a_key),
    Hole(6, "the open link of a demoted chief creates a chief", _link_of_a_demoted_chief),
    Hole(6, "an older personal link works after a new password", _older_link),
    Hole(6, "a session from before a new password stays valid", _session),
    Hole(6, "an entry that a key scheduled is published after all it made was revoked", _planted),
    Hole(6, "keys show who made them", _makers),
)
