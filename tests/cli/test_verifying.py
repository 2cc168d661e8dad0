"""`dateline export --signed` and `dateline verify`: each kind of tampering is found and named."""

import asyncio
import json
import secrets
from collections.abc import AsyncIterator, Callable
from hashlib import sha256
from pathlib import Path

import pytest
import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from app.cli import signed_journal
from app.formats.log.checkpoint import sign_checkpoint
from app.formats.log.leaf import DERIVED
from app.formats.log.merkle import Frontier, leaf_hash
from app.formats.log.signed_note import NoteSigner, VerifierKey
from tests.cli.conftest import Remote
from tests.cli.test_exporting import make_every_change
from tests.cli.tool import Tool

Json = dict[str, object]
Lines = list[Json]
FAULTY = 3


def sign(tool: Tool, remote: Remote) -> Path:
    """Export a coverage signed; returns the file."""
    file = tool.folder / "signed.jsonl"
    assert tool("export", remote.slug, "--signed", "-o", file, *remote.access).code == 0
    return file


def keep(tool: Tool, remote: Remote, name: str = "kept.txt") -> Path:
    """Save the present checkpoint, as a reader does; returns the file."""
    file = tool.folder / name
    address = f"/coverages/{remote.slug}/log/checkpoint"
    file.write_bytes(remote.newsroom.reader.get(address).raise_for_status().content)
    return file


def lines_of(file: Path) -> Lines:
    """Return the file's lines."""
    return [json.loads(line) for line in file.read_bytes().splitlines()]


def save(file: Path, lines: Lines) -> Path:
    """Write changed lines to another file beside it."""
    changed = file.with_name("changed.jsonl")
    changed.write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    return changed


def faults_of(tool: Tool, *arguments: object) -> set[str]:
    """Return the kinds of faults that `dateline verify` names, one in each line of stderr."""
    result = tool("verify", *arguments)
    assert (result.code, result.out) == (FAULTY, b"")
    for line in result.err.splitlines():
        assert line.startswith("dateline: ")
    return {line.split(": ")[1] for line in result.err.splitlines()}


def commit_again(line: Json) -> None:
    """Give an event a new commitment to its changed words, as a forger who has the salt does."""
    part = "entry" if "entry" in line else "details"
    left_out = DERIVED if part == "details" else set()
    record = {n: v for n, v in line[part].items() if n not in left_out}  # type: ignore[attr-defined]
    line["salt"] = line["salt"] or secrets.token_hex(16)
    salted = bytes.fromhex(str(line["salt"])) + rfc8785.dumps(record)
    line["commitment"] = sha256(salted).hexdigest()


def sign_again(lines: Lines, seed: bytes) -> None:
    """Sign all events anew with another key, as a forger who controls the server does."""
    frontier = Frontier()
    for line in lines[1:]:
        if "seq" not in line:
            continue
        entry = line.get("entry")
        leaf = {name: line[name] for name in ("seq", "type", "at", "commitment")}
        leaf["entry"] = entry["id"] if isinstance(entry, dict) else None
        frontier = frontier.append(leaf_hash(rfc8785.dumps(leaf)))  # type: ignore[arg-type]
    signer = NoteSigner(seed)
    log = next(line["log"] for line in lines if "log" in line)
    assert isinstance(log, dict)
    origin = log["checkpoint"].partition("\n")[0]
    log["checkpoint"] = sign_checkpoint(signer, origin, frontier)
    log["key"] = str(VerifierKey(origin, signer.public_key))


def prepare(remote: Remote) -> None:
    """Publish ten entries, correct the second and retract the fifth."""
    ids = [
        remote.write("POST", "/entries", headline=f"Number {n}", body=f"It is {n}.")["id"]
        for n in range(10)
    ]
    remote.write("PATCH", f"/entries/{ids[4]}", headline="Number four")
    remote.write("POST", f"/entries/{ids[1]}/correction", note="It was 7.", body="It is 7.")
    remote.write("POST", f"/entries/{ids[4]}/retraction", note="Not so.")


def test_a_signed_export_is_verified(tool: Tool, remote: Remote) -> None:
    """The one line says how many events are readable, why others are not, and who signed."""
    prepare(remote)
    kept = keep(tool, remote)
    kept.write_bytes(kept.read_bytes().replace(b"\n", b"\r\n"))  # as some editors save it
    remote.write("POST", "/entries", headline="Later")
    file = sign(tool, remote)
    key = remote.newsroom.reader.get("/v1/log/key").json()["public_key"]
    result = tool("verify", file, "--kept", kept, "--key", key)
    assert result.code == 0, result.err
    head, by, kept_line = result.text.strip().split("; ")
    assert head == "15 events, 13 readable, 2 closed by the retraction at seq 14"
    assert by.startswith("signed by ")
    assert by.endswith(key)
    assert kept_line.startswith("consistent with yours of ")
    assert kept_line.endswith("(14 events)")
    report = json.loads(tool("verify", file, "--json").out)
    assert (report["events"], report["readable"], report["closed"]) == (15, 13, {"14": 2})
    assert report["faults"] == []


def test_every_kind_of_change_can_be_verified(tool: Tool, remote: Remote) -> None:
    """A coverage with every kind of event is exported with its log, and a copy too.

    An import of a signed export is a copy with an epoch and a log of its own.
    """
    make_every_change(remote)
    file = sign(tool, remote)
    assert tool("verify", file).code == 0
    plain = tool("export", remote.slug, *remote.access).out
    copy = f"{remote.slug}-copy"
    assert tool("import", file, "--slug", copy, *remote.access).code == 0
    copied = tool("export", copy, *remote.access).out
    assert copied.replace(f'"{copy}"'.encode(), f'"{remote.slug}"'.encode()) == plain
    assert tool("export", copy, "--signed", "-o", "copy.jsonl", *remote.access).code == 0
    result = tool("verify", "copy.jsonl")
    assert result.code == 0
    assert "closed" not in result.text
    logs = [
        next(x["log"] for x in lines_of(tool.folder / n) if "log" in x)
        for n in (file, "copy.jsonl")
    ]
    assert logs[0]["checkpoint"] != logs[1]["checkpoint"]


def test_a_retracted_word_is_in_no_signed_export(tool: Tool, remote: Remote) -> None:
    """A signed export has neither the words nor the salts of a retracted entry."""
    entry = remote.write("POST", "/entries", headline="Calumny", body="Calumny")
    salt = str(lines_of(sign(tool, remote))[2]["salt"])
    remote.write("POST", f"/entries/{entry['id']}/retraction", note="Not so.")
    content = sign(tool, remote).read_text()
    assert "alumny" not in content
    assert salt not in content


def _word(lines: Lines) -> None:
    lines[3]["entry"]["headline"] = "Another"  # type: ignore[index]


def _word_with_commitment(lines: Lines) -> None:
    _word(lines)
    commit_again(lines[3])


def _time(lines: Lines) -> None:
    lines[3]["at"] = "1999-01-01T00:00:00.000Z"


def _type(lines: Lines) -> None:
    lines[3]["type"] = "entry.corrected"


def _entry(lines: Lines) -> None:
    lines[3]["entry"]["id"] = "another"  # type: ignore[index]


def _removed(lines: Lines) -> None:
    del lines[3]


def _renumber(lines: Lines) -> None:
    for seq, line in enumerate((line for line in lines if "seq" in line), start=1):
        line["seq"] = seq


def _removed_and_renumbered(lines: Lines) -> None:
    _removed(lines)
    _renumber(lines)


def _removed_at_the_end(lines: Lines) -> None:
    del lines[[n for n, line in enumerate(lines) if "seq" in line][-1]]


def _inserted(lines: Lines) -> None:
    forged = json.loads(json.dumps(lines[3]))
    forged["entry"]["id"] = "forged"
    commit_again(forged)
    lines.insert(4, forged)


def _inserted_and_renumbered(lines: Lines) -> None:
    _inserted(lines)
    _renumber(lines)


def _reordered(lines: Lines) -> None:
    lines[3], lines[4] = lines[4], lines[3]


def _reordered_and_renumbered(lines: Lines) -> None:
    _reordered(lines)
    _renumber(lines)


def _closed(lines: Lines) -> None:
    lines[3]["salt"] = None
    entry = lines[3]["entry"]
    assert isinstance(entry, dict)
    entry.update(status="retracted", headline=None, body=None)


def _without_retraction(lines: Lines) -> None:
    lines[-3]["type"] = "entry.amended"
    _removed_at_the_end(lines)


def _signature(lines: Lines) -> None:
    log = lines[-2]["log"]
    assert isinstance(log, dict)
    head, _, tail = log["checkpoint"].rpartition("A")
    log["checkpoint"] = f"{head}B{tail}"


def _size(lines: Lines) -> None:
    log = lines[-2]["log"]
    assert isinstance(log, dict)
    log["checkpoint"] = log["checkpoint"].replace("\n14\n", "\n13\n")


@pytest.mark.parametrize(
    ("tamper", "kind"),
    [
        (_word, "words"),
        (_entry, "words"),
        (_word_with_commitment, "tree"),
        (_time, "time"),
        (_type, "type"),
        (_removed, "removed"),
        (_removed_and_renumbered, "removed"),
        (_removed_at_the_end, "removed"),
        (_inserted, "inserted"),
        (_inserted_and_renumbered, "inserted"),
        (_reordered, "order"),
        (_reordered_and_renumbered, "order"),
        (_closed, "closed"),
        (_without_retraction, "closed"),
        (_signature, "signature"),
        (_size, "signature"),
    ],
    ids=lambda value: value.__name__.strip("_") if callable(value) else value,
)
def test_tampering_is_found_and_named(
    tool: Tool, remote: Remote, tamper: Callable[[Lines], None], kind: str
) -> None:
    """A changed, removed, inserted, moved or closed event, or checkpoint, is named in one line."""
    prepare(remote)
    file = sign(tool, remote)
    lines = lines_of(file)
    tamper(lines)
    assert kind in faults_of(tool, save(file, lines))


@pytest.mark.parametrize(
    "tamper", [_word_with_commitment, _removed_and_renumbered, _reordered_and_renumbered]
)
def test_a_history_that_was_signed_anew_is_found_by_who_kept_a_checkpoint(
    tool: Tool, remote: Remote, tamper: Callable[[Lines], None]
) -> None:
    """A rewritten history with a good signature is not consistent with a kept checkpoint."""
    prepare(remote)
    kept = keep(tool, remote)
    file = sign(tool, remote)
    lines, seed = lines_of(file), secrets.token_bytes(32)
    tamper(lines)
    for line in lines:
        if "seq" in line and line["salt"] is not None:
            commit_again(line)
    sign_again(lines, seed)
    forged = save(file, lines)
    assert tool("verify", forged).code == 0
    assert faults_of(tool, forged, "--kept", kept) == {"kept"}
    key = remote.newsroom.reader.get("/v1/log/key").json()["public_key"]
    assert "signature" in faults_of(tool, forged, "--key", key)
    # With the newsroom's own key too, only the kept checkpoint tells.
    own = Ed25519PrivateKey.generate().private_bytes_raw()
    true = lines_of(file)
    sign_again(true, own)
    note = next(line["log"] for line in true if "log" in line)
    assert isinstance(note, dict)
    kept.write_text(note["checkpoint"])
    sign_again(lines, own)
    assert faults_of(tool, save(file, lines), "--kept", kept) == {"kept"}


def test_a_retraction_during_the_export_starts_it_again(
    tool: Tool, remote: Remote, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If an entry is retracted while its export is read, the file has its tombstone, explained."""
    prepare(remote)
    entry = remote.write("POST", "/entries", headline="Calumny")
    read_lines = signed_journal._read_lines
    reads = []

    async def read_slowly(*arguments: object) -> AsyncIterator[object]:
        reads.append(arguments)
        if len(reads) == 2:  # the leaves have been read, and the records have not
            note = {"note": "Not so."}
            await asyncio.to_thread(
                remote.write, "POST", f"/entries/{entry['id']}/retraction", **note
            )
        async for line in read_lines(*arguments):  # type: ignore[arg-type]
            yield line

    monkeypatch.setattr(signed_journal, "_read_lines", read_slowly)
    file = sign(tool, remote)
    assert len(reads) == 4
    assert "Calumny" not in file.read_text()
    result = tool("verify", file)
    assert result.code == 0, result.err
    assert "1 closed by the retraction at seq 16" in result.text


def test_a_files_control_sequences_are_not_printed(tool: Tool, remote: Remote) -> None:
    """A file cannot control the terminal of whoever verifies it."""
    prepare(remote)
    file = sign(tool, remote)
    lines = lines_of(file)
    lines[3]["coverage"] = "\x1b[2J"
    result = tool("verify", save(file, lines))
    assert result.code == FAULTY
    assert "\x1b" not in result.err


def test_a_kept_checkpoint_of_something_else_is_named(tool: Tool, remote: Remote) -> None:
    """A kept checkpoint that is newer, of another coverage or none at all is told apart."""
    prepare(remote)
    file = sign(tool, remote)
    remote.write("POST", "/entries", headline="Later")
    newer = tool("verify", file, "--kept", keep(tool, remote))
    assert (newer.code, "15 events" in newer.err) == (FAULTY, True)
    assert tool("import", file, "--slug", f"{remote.slug}-2", *remote.access).code == 0
    other = keep(tool, Remote(remote.newsroom, f"{remote.slug}-2"), "other.txt")
    assert "another log" in tool("verify", file, "--kept", other).err
    (tool.folder / "none.txt").write_text("Nothing")
    assert faults_of(tool, file, "--kept", "none.txt") == {"kept"}


def test_a_proof_is_verified(tool: Tool, remote: Remote) -> None:
    """The answer of the proof's address can be verified as a file, and not once it is changed."""
    prepare(remote)
    entry = remote.write("POST", "/entries", headline="Proved")
    proof = remote.read(f"/entries/{entry['id']}/proof")
    file = tool.folder / "proof.json"
    file.write_text(json.dumps(proof))
    result = tool("verify", file)
    assert result.code == 0, result.err
    assert result.text.startswith("event 15 (entry.published, ")
    assert " is one of 15 events; signed by " in result.text
    proof["record"]["headline"] = "Forged"  # type: ignore[index]
    file.write_text(json.dumps(proof))
    assert faults_of(tool, file) == {"tree"}
    file.write_text(json.dumps({**proof, "path": [1]}))
    assert faults_of(tool, file) == {"tree"}


def test_what_cannot_be_verified_is_one_line(tool: Tool, remote: Remote) -> None:
    """A file that is missing, unsigned, damaged or of another kind is refused with code 1."""
    prepare(remote)
    file = sign(tool, remote)
    plain = tool.folder / "plain.jsonl"
    assert tool("export", remote.slug, "-o", plain, *remote.access).code == 0
    assert "not signed" in tool("verify", plain).complaint
    assert "cannot read" in tool("verify", "nowhere.jsonl").complaint
    damaged = tool.folder / "damaged.jsonl"
    damaged.write_bytes(file.read_bytes().replace(b'"salt":"', b'"salt":"x', 1))
    assert "line 2" in tool("verify", damaged).complaint
    damaged.write_text("[1]\n")
    assert "line 1" in tool("verify", damaged).complaint
    damaged.write_bytes(b"")
    assert "not signed" in tool("verify", damaged).complaint
    assert "no key" in tool("verify", file, "--key", "?").complaint
    assert "Unknown coverage" in tool("export", "nowhere", "--signed", *remote.access).complaint
