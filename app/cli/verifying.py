"""`dateline verify`: checks a signed export, or the proof of an entry, without any server."""

import sys
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer

from app.cli.api import AsJson
from app.cli.command import command
from app.cli.refusal import Refused
from app.formats.log.checkpoint import Checkpoint, open_checkpoint
from app.formats.log.proof import ProofError, verify_proof
from app.formats.log.signed_note import NoteError, VerifierKey, encode_base64
from app.formats.rfc3339 import format_time
from app.intake.archive import DamagedLine
from app.intake.log_check import Fault, NotSigned, SignedArchive, check_archive, read_signed

FAULTY = 3  # the exit code if something is not as it was signed; 1 if it cannot be checked
_MOST = 20  # faults that are printed
_MOST_RETRACTIONS = 3


@command.command()
def verify(
    file: Annotated[str, typer.Argument(help="A signed export, or a proof; - for stdin.")],
    *,
    kept: Annotated[
        Path | None,
        typer.Option(metavar="CHECKPOINT", help="A checkpoint of it that you have kept."),
    ] = None,
    key: Annotated[
        str | None,
        typer.Option(help="The key that is to have signed it, from /v1/log/key or as NAME+ID+KEY."),
    ] = None,
    json: AsJson = False,
) -> None:
    """Check that no published history was changed since it was signed."""
    content = _read(Path("/dev/stdin") if file == "-" else Path(file))
    note = None if kept is None else _read(kept).decode(errors="replace").replace("\r\n", "\n")
    trusted = None if key is None else _trusted(key)
    try:
        document = orjson.loads(content)
    except orjson.JSONDecodeError:  # an export, which has many lines
        document = None
    if isinstance(document, dict) and "path" in document:
        if kept is not None:
            raise Refused("a kept checkpoint is compared with a signed export, not with a proof")
        faults, report = _check_proof(document, trusted)
    else:
        faults, report = _check_export(file, content, trusted, note)
    if json:
        listed = [{"kind": f.kind, "seq": f.seq, "fault": f.sentence} for f in faults]
        typer.echo(orjson.dumps({**report, "faults": listed}))
    elif not faults:
        typer.echo(_printable(report["summary"]))
    else:
        lines = [f"{fault.kind}: {_printable(fault.sentence)}" for fault in faults[:_MOST]]
        lines += [f"and {len(faults) - _MOST} more"] if len(faults) > _MOST else []
        typer.echo("\n".join(f"dateline: {line}" for line in lines), err=True)
    if faults:
        sys.exit(FAULTY)


def _printable(text: str) -> str:
    """Return a text without terminal control sequences: anybody may have written the file."""
    return "".join(c if c.isprintable() else "\ufffd" for c in text)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise Refused(f"cannot read {path}: {error.strerror}") from error


def _trusted(key: str) -> bytes:
    try:
        parsed = VerifierKey.parse(key) if key.count("+") > 1 and "/" in key else None
    except NoteError:
        parsed = None
    try:
        return (parsed or VerifierKey.from_base64("", key)).public_key
    except NoteError as error:
        raise Refused(f"{key} is no key: {error}") from error


def _check_proof(document: Any, trusted: bytes | None) -> tuple[list[Fault], dict[str, Any]]:
    try:
        checkpoint, key, leaf = verify_proof(document)
    except ProofError as error:
        return [Fault("tree", str(error))], {"events": None}
    faults = []
    if trusted not in {None, key.public_key}:
        faults.append(Fault("signature", "another key than yours has signed the checkpoint"))
    words = "" if document["salt"] else ", whose words were retracted,"
    summary = (
        f"event {leaf.seq} ({leaf.type}, {format_time(leaf.at)}){words} is one of"
        f" {checkpoint.size} events; {_signature(key)}"
    )
    return faults, {"events": checkpoint.size, "summary": summary}


def _check_export(
    file: str, content: bytes, trusted: bytes | None, note: str | None
) -> tuple[list[Fault], dict[str, Any]]:
    try:
        archive = read_signed(content.splitlines())
    except DamagedLine as error:
        raise Refused(f"{file} cannot be read: {error}") from error
    except NotSigned as error:
        raise Refused(f"{file} is not signed: export it with --signed") from error
    faults = check_archive(archive, trusted, note)
    closed = archive.closed()
    events, hidden = len(archive.events), sum(closed.values())
    report: dict[str, Any] = {
        "events": events,
        "readable": events - hidden,
        "closed": {str(seq): number for seq, number in closed.items()},
    }
    if not faults:
        parts = [f"{events} events, {events - hidden} readable{_describe_closed(closed)}"]
        parts.append(_signature(VerifierKey.parse(archive.key)))
        if note is not None:
            parts.append(_describe_kept(archive, note, trusted))
        report["summary"] = "; ".join(parts)
    return faults, report


def _describe_closed(closed: dict[int, int]) -> str:
    if len(closed) > _MOST_RETRACTIONS:
        return f", {sum(closed.values())} closed by {len(closed)} retractions"
    return "".join(f", {n} closed by the retraction at seq {seq}" for seq, n in closed.items())


def _signature(key: VerifierKey) -> str:
    return f"signed by {key.name} with the key {encode_base64(key.public_key)}"


def _describe_kept(archive: SignedArchive, note: str, trusted: bytes | None) -> str:
    public_key = trusted or VerifierKey.parse(archive.key).public_key
    kept: Checkpoint = open_checkpoint(note, public_key)
    at = archive.events[kept.size - 1].leaf.at
    return f"consistent with yours of {at.day} {at:%b %Y, %H:%M} UTC ({kept.size} events)"
