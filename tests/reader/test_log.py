"""The public log of a coverage: what a verifier that knows only the specifications finds there."""

import base64
import json
import re
from hashlib import sha256
from typing import Any

import httpx
import pymerkle
import pytest
import rfc8785

from app.formats.log.checkpoint import Checkpoint, open_checkpoint
from app.formats.log.merkle import leaf_hash
from tests.conftest import Newsroom
from tests.formats.log.test_merkle import defined_root, is_consistent

LONG = "max-age=31536000"


def write(newsroom: Newsroom, method: str, slug: str, path: str, **payload: object) -> Any:
    """Send a write request of the chief; returns the answer's JSON."""
    address = f"/v1/coverages/{slug}{path}"
    answer = newsroom.chief.request(
        method, address, json=payload or None, headers={"If-Match": "*"}
    )
    return answer.raise_for_status().json()


def publish(newsroom: Newsroom, slug: str, number: int) -> list[str]:
    """Publish entries; returns their ids."""
    return [
        write(newsroom, "POST", slug, "/entries", headline=f"Number {n}")["id"]
        for n in range(number)
    ]


def read(newsroom: Newsroom, slug: str, name: str, **query: object) -> httpx.Response:
    """Read a part of the log, without a key."""
    answer = newsroom.reader.get(f"/coverages/{slug}/log/{name}", params=query)
    return answer.raise_for_status()


def key_of(newsroom: Newsroom) -> bytes:
    """Return the public key of the log."""
    key = newsroom.reader.get("/v1/log/key").raise_for_status().json()
    assert key["algorithm"] == "Ed25519"
    return base64.b64decode(key["public_key"])


def checkpoint_of(newsroom: Newsroom, slug: str) -> Checkpoint:
    """Return the checkpoint, verified with the public key."""
    answer = read(newsroom, slug, "checkpoint")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    return open_checkpoint(answer.text, key_of(newsroom))


def leaves_of(newsroom: Newsroom, slug: str) -> list[bytes]:
    """Return the leaves, as they are hashed."""
    return read(newsroom, slug, "leaves").content.splitlines()


def test_the_leaves_have_the_root_of_the_checkpoint(newsroom: Newsroom, slug: str) -> None:
    """The lines of the leaves hash to the signed root, and each record and salt opens its leaf."""
    ids = publish(newsroom, slug, 5)
    write(newsroom, "PATCH", slug, "", standfirst="More")
    write(newsroom, "POST", slug, f"/entries/{ids[1]}/correction", note="No.", headline="Other")
    write(newsroom, "POST", slug, f"/entries/{ids[2]}/retraction", note="Not so.")
    checkpoint, leaves = checkpoint_of(newsroom, slug), leaves_of(newsroom, slug)
    epoch = newsroom.reader.get(f"/v1/coverages/{slug}").json()["cursor"].partition("-")[0]
    host = newsroom.server.url.partition("://")[2]
    assert checkpoint.origin == f"{host}/coverages/{slug}/{epoch}"
    assert checkpoint.size == len(leaves) == 9
    assert checkpoint.root == defined_root(leaves)
    records = [json.loads(line) for line in read(newsroom, slug, "records").text.splitlines()]
    for leaf, record in zip(map(json.loads, leaves), records, strict=True):
        assert (record["seq"], leaf["entry"]) == (leaf["seq"], record["record"].get("id"))
        if leaf["seq"] == 4:
            assert (record["salt"], record["record"]["status"]) == (None, "retracted")
            continue
        derived = {"updated_at", "entry_count", "pinned", "key_events"}
        left_out = set() if leaf["entry"] else derived
        committed = {n: v for n, v in record["record"].items() if n not in left_out}
        salted = bytes.fromhex(record["salt"]) + rfc8785.dumps(committed)
        assert sha256(salted).hexdigest() == leaf["commitment"]


def test_an_entry_is_proved_to_be_in_the_log(newsroom: Newsroom, slug: str) -> None:
    """The proof of each event of an entry is accepted by pymerkle, and shows its words."""
    ids = publish(newsroom, slug, 6)
    write(newsroom, "PATCH", slug, f"/entries/{ids[3]}", headline="Amended")
    tree = pymerkle.InmemoryTree(algorithm="sha256")
    for leaf in leaves_of(newsroom, slug):
        tree.append_entry(leaf)
    address = f"/v1/coverages/{slug}/entries/{ids[3]}/proof"
    for query, seq, headline in (("", 8, "Amended"), ("?seq=5", 5, "Number 3")):
        proof = newsroom.reader.get(address + query).raise_for_status().json()
        assert proof["record"]["headline"] == headline
        checkpoint = open_checkpoint(proof["checkpoint"], key_of(newsroom))
        leaf = leaf_hash(rfc8785.dumps(proof["leaf"]))
        foreign = tree.prove_inclusion(seq)
        foreign.path = [leaf, *map(bytes.fromhex, proof["path"])]
        pymerkle.verify_inclusion(leaf, checkpoint.root, foreign, index=seq, size=checkpoint.size)
    unknown = newsroom.reader.get(f"{address}?seq=6")
    assert unknown.status_code == 404
    assert unknown.json()["type"] == "/problems/unknown-entry"


def test_a_kept_checkpoint_stays_provable(newsroom: Newsroom, slug: str) -> None:
    """Whatever happens later, a kept checkpoint is consistent with the log."""
    kept = [checkpoint_of(newsroom, slug)]
    ids = publish(newsroom, slug, 4)
    kept.append(checkpoint_of(newsroom, slug))
    write(newsroom, "PUT", slug, f"/entries/{ids[0]}/pin")
    write(newsroom, "POST", slug, f"/entries/{ids[0]}/retraction", note="Not so.")
    kept.append(checkpoint_of(newsroom, slug))
    publish(newsroom, slug, 3)
    now = checkpoint_of(newsroom, slug)
    for before in (*kept, now):
        proof = read(newsroom, slug, "consistency", **{"from": before.size}).json()
        assert (proof["from"], proof["to"]) == (before.size, now.size)
        path = [bytes.fromhex(part) for part in proof["path"]]
        assert is_consistent(before.size, now.size, before.root, now.root, path)
    proof = read(newsroom, slug, "consistency", **{"from": 2, "to": 5}).json()
    assert is_consistent(
        2,
        5,
        defined_root(leaves_of(newsroom, slug)[:2]),
        kept[1].root,
        [bytes.fromhex(part) for part in proof["path"]],
    )


def test_leaves_are_cached_for_good_once_they_are_there(newsroom: Newsroom, slug: str) -> None:
    """A full range of leaves never changes, not even by a retraction; a part of one may grow."""
    (entry, *_) = publish(newsroom, slug, 3)
    full = read(newsroom, slug, "leaves", **{"from": 2, "to": 4})
    assert LONG in full.headers["cache-control"]
    assert "immutable" in full.headers["cache-control"]
    for query in ({}, {"from": 4, "to": 5}, {"from": 5}):
        part = read(newsroom, slug, "leaves", **query)
        assert LONG not in part.headers["cache-control"]
    assert read(newsroom, slug, "leaves", **{"from": 5}).content == b""
    write(newsroom, "POST", slug, f"/entries/{entry}/retraction", note="Not so.")
    assert read(newsroom, slug, "leaves", **{"from": 2, "to": 4}).content == full.content
    assert (
        LONG not in read(newsroom, slug, "records", **{"from": 2, "to": 4}).headers["cache-control"]
    )


def test_a_checkpoint_is_unchanged_until_the_journal_grows(newsroom: Newsroom, slug: str) -> None:
    """The checkpoint is the same bytes for the same log, with an ETag."""
    first = read(newsroom, slug, "checkpoint")
    address = f"/coverages/{slug}/log/checkpoint"
    headers = {"If-None-Match": first.headers["etag"]}
    assert newsroom.reader.get(address, headers=headers).status_code == 304
    publish(newsroom, slug, 1)
    assert newsroom.reader.get(address, headers=headers).status_code == 200


def test_no_salt_of_a_retracted_entry_is_answered(newsroom: Newsroom, slug: str) -> None:
    """After a retraction neither salt nor words of its events are in any answer of the log."""
    (entry,) = publish(newsroom, slug, 1)
    write(newsroom, "PATCH", slug, f"/entries/{entry}", headline="Number one")
    proofs = f"/v1/coverages/{slug}/entries/{entry}/proof"
    salts = [newsroom.reader.get(f"{proofs}?seq={seq}").json()["salt"] for seq in (2, 3)]
    assert all(salt in read(newsroom, slug, "records").text for salt in salts)
    write(newsroom, "POST", slug, f"/entries/{entry}/retraction", note="Not so.")
    answers = [read(newsroom, slug, name).text for name in ("records", "leaves", "checkpoint")]
    answers += [newsroom.reader.get(f"{proofs}?seq={seq}").text for seq in (2, 3, 4)]
    for answer in answers:
        assert not any(salt in answer for salt in salts)
        assert "Number" not in answer
    closed = newsroom.reader.get(f"{proofs}?seq=3").json()
    assert (closed["salt"], closed["record"]) == (None, None)


@pytest.mark.parametrize(
    ("name", "query"),
    [
        ("leaves", {"from": 0}),
        ("leaves", {"from": 3, "to": 2}),
        ("leaves", {"from": 1, "to": 1001}),
        ("leaves", {"from": "x"}),
        ("records", {"from": 1, "to": 101}),
        ("records", {"to": 10**30}),
        ("consistency", {}),
        ("consistency", {"from": 2}),
        ("consistency", {"from": 1, "to": 2}),
    ],
)
def test_a_range_that_cannot_be_is_refused(
    newsroom: Newsroom, slug: str, name: str, query: dict[str, object]
) -> None:
    """A range that is empty, too long or beyond the log is a 422 that names the parameter."""
    answer = newsroom.reader.get(
        f"/coverages/{slug}/log/{name}", params=query, headers={"Accept": "application/json"}
    )
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] in {"/from", "/to"}


def test_a_plan_has_no_log(newsroom: Newsroom, slug: str) -> None:
    """A planned coverage's log is unknown to readers; once it is open, it has one event."""
    plan = f"{slug}-plan"
    form = {"slug": plan, "title": "Later", "status": "planned"}
    newsroom.chief.post("/v1/coverages", json=form).raise_for_status()
    for name in ("checkpoint", "leaves", "records", "consistency?from=1"):
        assert newsroom.reader.get(f"/coverages/{plan}/log/{name}").status_code == 404
    write(newsroom, "PATCH", plan, "", status="live")
    assert checkpoint_of(newsroom, plan).size == 1


def test_a_pages_foot_names_the_checkpoint(newsroom: Newsroom, slug: str) -> None:
    """Page, entry and text-only page name the log's size and the beginning of its root."""
    (entry, *_) = publish(newsroom, slug, 4)
    root = base64.b64encode(checkpoint_of(newsroom, slug).root).decode()[:8]
    path = f"/coverages/{slug}"
    for address in (path, f"{path}/entries/{entry}", f"{path}?lite=true"):
        page = newsroom.reader.get(address).text
        (link,) = re.findall(rf'<a href="{path}/log/checkpoint">(.*?)</a>', page)
        assert re.sub(r"<[^>]+>", "", link).replace("&#43;", "+") == f"Log: 5 events · {root}"
    past = newsroom.reader.get(path, params={"at": "2999-01-01T00:00:00Z"}).text
    assert "log/checkpoint" not in past
