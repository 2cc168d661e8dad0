"""Check of a signed archive: whether its events are those that the checkpoint was signed for.

The words are proved by their commitments, the commitments by the tree, the tree by the signature,
and the signature by a key or a checkpoint that the reader already has. Every fault is named by its
kind and, where the file tells it, by the event: if the tree is not that of the checkpoint, the
events are searched for what contradicts the words that they commit to.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Literal

import orjson

from app.formats.log.checkpoint import Checkpoint, open_checkpoint
from app.formats.log.leaf import Leaf, commit
from app.formats.log.merkle import leaf_hash, tree_root
from app.formats.log.signed_note import NoteError, VerifierKey
from app.formats.public_json import Json, dump_json
from app.formats.rfc3339 import parse_time
from app.intake.archive import FORMAT, DamagedLine
from app.timeline.event import COVERAGE_EVENTS, REVISING_EVENTS

FaultKind = Literal[
    "words", "time", "type", "removed", "inserted", "order", "closed", "tree", "signature", "kept"
]


class NotSigned(Exception):
    """The archive has no checkpoint."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that is not as it was signed; `seq` is None if it belongs to no single event."""

    kind: FaultKind
    sentence: str
    seq: int | None = None


@dataclass(frozen=True, slots=True)
class SignedEvent:
    """An event of a signed archive; `salt` is None if a retraction has closed its leaf."""

    leaf: Leaf
    slug: str
    record: Json
    salt: bytes | None


@dataclass(slots=True)
class SignedArchive:
    """The events of a signed archive in the order of its lines, its checkpoint and its key."""

    events: list[SignedEvent] = field(default_factory=list)
    checkpoint: str = ""
    key: str = ""

    @property
    def leaves(self) -> list[bytes]:
        """The hashes of the leaves."""
        return [leaf_hash(event.leaf.encode()) for event in self.events]

    def closed(self) -> dict[int, int]:
        """Return the number of leaves that each retraction has closed, by the retraction's seq."""
        seqs = {e.leaf.entry: e.leaf.seq for e in self.events if e.leaf.type == "entry.retracted"}
        closed = (e.leaf for e in self.events if e.salt is None)
        return Counter(seqs[leaf.entry] for leaf in closed if leaf.entry in seqs)


def read_signed(lines: Iterable[bytes]) -> SignedArchive:
    """Read a signed archive; its drafts are left out, since they are in no log.

    Raises:
        DamagedLine: a line is not one of an archive.
        NotSigned: the archive has no checkpoint.
    """
    archive = SignedArchive()
    for number, line in enumerate(lines, start=1):
        try:
            document = orjson.loads(line)
            if number > 1:
                _add_line(archive, document)
            elif document["format"] != FORMAT["format"]:
                raise DamagedLine(1, f"it should be {dump_json(FORMAT).decode()}")
        except (LookupError, TypeError, ValueError, AttributeError) as error:
            raise DamagedLine(number, f"it is no line of a signed export: {error}") from error
    if not archive.checkpoint:
        raise NotSigned
    return archive


def _add_line(archive: SignedArchive, document: Json) -> None:
    if "log" in document:
        archive.key, archive.checkpoint = (document["log"][name] for name in ("key", "checkpoint"))
    elif "draft" not in document and "end" not in document:
        if "commitment" not in document:
            raise NotSigned
        archive.events.append(_read_event(document))


def _read_event(document: Json) -> SignedEvent:
    record = document["entry"] if "entry" in document else document["details"]
    entry = record["id"] if "entry" in document else None
    commitment = bytes.fromhex(document["commitment"])
    leaf = Leaf(
        int(document["seq"]), document["type"], parse_time(document["at"]), entry, commitment
    )
    salt = document["salt"]
    return SignedEvent(leaf, document["coverage"], record, salt and bytes.fromhex(salt))


def check_archive(
    archive: SignedArchive, trusted: bytes | None = None, kept: str | None = None
) -> list[Fault]:
    """Check an archive.

    Args:
        archive: the archive.
        trusted: the public key that is to have signed it; None to take the archive's own, which
            then remains to be compared.
        kept: a checkpoint of the same log that the reader has kept; None without one.

    Returns:
        The faults, in the order of the events; empty if there is none.
    """
    order = list(_order_faults(archive))
    faults = [*order, *_event_faults(archive.events)]
    try:
        key = VerifierKey.parse(archive.key)
        checkpoint = open_checkpoint(archive.checkpoint, key.public_key)
    except NoteError as error:
        return [*faults, Fault("signature", f"the checkpoint was changed, or its key: {error}")]
    if trusted not in {None, key.public_key}:
        faults.append(Fault("signature", "another key than yours has signed the checkpoint"))
    faults += _tree_faults(archive, checkpoint, order)
    if kept is not None:
        faults += _kept_faults(archive, checkpoint, trusted or key.public_key, kept)
    return faults


def _order_faults(archive: SignedArchive) -> Iterator[Fault]:
    seqs = [event.leaf.seq for event in archive.events]
    numbers = Counter(seqs)
    missing = sorted(set(range(1, max(seqs, default=0) + 1)) - numbers.keys())
    for seq in missing:
        yield Fault("removed", f"event {seq} is missing: it was removed", seq)
    for seq, number in numbers.items():
        if number > 1:
            yield Fault("inserted", f"there are {number} events {seq}: one was inserted", seq)
    if not missing and len(numbers) == len(seqs):
        for before, after in pairwise(seqs):
            if after < before:
                yield Fault("order", f"event {after} stands after event {before}", after)


def _event_faults(events: Sequence[SignedEvent]) -> Iterator[Fault]:
    retractions = {e.leaf.entry: e.leaf.seq for e in events if e.leaf.type == "entry.retracted"}
    for event in events:
        leaf = event.leaf
        if event.salt is None:
            if leaf.entry is None or retractions.get(leaf.entry, 0) <= leaf.seq:
                sentence = f"event {leaf.seq} is closed, and no later retraction explains it"
                yield Fault("closed", sentence, leaf.seq)
            elif event.record.get("status") != "retracted":
                sentence = f"event {leaf.seq} is closed, and has words that nothing proves"
                yield Fault("words", sentence, leaf.seq)
        elif not _is_committed(event, event.salt):
            sentence = f"event {leaf.seq} has other words or another entry than it commits to"
            yield Fault("words", sentence, leaf.seq)


def _is_committed(event: SignedEvent, salt: bytes) -> bool:
    try:
        return commit(salt, event.leaf.type, event.record) == event.leaf.commitment
    except ValueError:  # numbers that no record has
        return False


def _tree_faults(
    archive: SignedArchive, checkpoint: Checkpoint, order: Sequence[Fault]
) -> list[Fault]:
    """Compare the tree with the checkpoint; what is different is looked for in the events."""
    size, slug = len(archive.events), f"/{checkpoint.origin}".split("/")[-2]
    faults: list[Fault] = []
    if strangers := {event.slug for event in archive.events} - {slug}:
        sentence = f"the checkpoint is of the coverage {slug}, and events are of {min(strangers)}"
        faults.append(Fault("tree", sentence))
    if size == checkpoint.size and tree_root(archive.leaves) == checkpoint.root:
        return faults
    counts = f"the checkpoint counts {checkpoint.size} events, the file {size}"
    if size < checkpoint.size:
        faults.append(Fault("removed", f"{counts}: {checkpoint.size - size} were removed"))
    elif size > checkpoint.size:
        faults.append(Fault("inserted", f"{counts}: {size - checkpoint.size} were inserted"))
    faults += _leaf_faults([event for event in archive.events if event.salt is not None])
    if not (faults or order):
        sentence = (
            "the events are not those of the checkpoint: a time, a type, an entry or a commitment"
            " was changed, or events were exchanged"
        )
        faults.append(Fault("tree", sentence))
    return faults


def _leaf_faults(events: Sequence[SignedEvent]) -> Iterator[Fault]:
    """Find leaves whose place, time or type cannot be that of the words that they commit to."""
    for before, event in pairwise(events):
        if before.leaf.seq < event.leaf.seq and event.leaf.at < before.leaf.at:
            sentence = f"event {event.leaf.seq} is earlier than event {before.leaf.seq}"
            yield Fault("time", f"{sentence}: its time was changed, or its place", event.leaf.seq)
    for event in events:
        leaf, record = event.leaf, event.record
        seq = leaf.seq
        if leaf.type == "entry.published" and record.get("seq") != seq:
            sentence = f"event {seq} was event {record.get('seq')}"
            yield Fault("order", f"{sentence}: events were inserted, removed or moved", seq)
        if not _has_type(leaf.type, record):
            yield Fault("type", f"event {seq} has another type than its words tell", seq)
        elif (
            leaf.type in REVISING_EVENTS
            and record["status"] == "published"
            and record.get("updated_at") != leaf.record["at"]
        ):
            yield Fault("time", f"event {seq} has another time than its words tell", seq)


def _has_type(event_type: str, record: Json) -> bool:
    """Whether an event of this type may have left this record."""
    if event_type in COVERAGE_EVENTS:
        return "slug" in record
    if record.get("status") != "published":  # a tombstone may stand in place of the words
        return "id" in record
    at = (record.get("correction") or {}).get("at")
    return {
        "entry.published": record.get("revision") == 1,
        "entry.corrected": at is not None and at == record.get("updated_at"),
        "entry.assessed": bool(record.get("claims") or record.get("figures")),
        "entry.outdated": bool(record.get("translation_of")),
        "entry.pinned": record.get("pinned") is True,
        "entry.unpinned": record.get("pinned") is False,
        "entry.retracted": False,
    }.get(event_type, True)


def _kept_faults(
    archive: SignedArchive, checkpoint: Checkpoint, public_key: bytes, note: str
) -> Iterator[Fault]:
    try:
        kept = open_checkpoint(note, public_key)
    except NoteError as error:
        yield Fault("kept", f"your checkpoint was signed by another key, or changed: {error}")
        return
    size = len(archive.events)
    if kept.origin != checkpoint.origin:
        yield Fault("kept", f"your checkpoint is of {kept.origin}, another log")
    elif kept.size > size:
        sentence = f"your checkpoint counts {kept.size} events, the file {size}"
        yield Fault("kept", f"{sentence}: it is older, or its history was cut")
    elif tree_root(archive.leaves[: kept.size]) != kept.root:
        sentence = f"the history up to event {kept.size} is not that of your checkpoint"
        yield Fault("kept", f"{sentence}: it was rewritten")
