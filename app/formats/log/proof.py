"""Proofs that an event is in a log: as JSON, and their verification."""

import binascii
from collections.abc import Sequence
from typing import Any

from app.formats.log.checkpoint import Checkpoint, open_checkpoint
from app.formats.log.leaf import Leaf, commit
from app.formats.log.merkle import included_root, leaf_hash
from app.formats.log.signed_note import NoteError, VerifierKey
from app.formats.public_json import Json
from app.formats.rfc3339 import parse_time


class ProofError(ValueError):
    """A proof does not hold; the message says why."""


def encode_proof(
    checkpoint: str,
    key: VerifierKey,
    leaf: Leaf,
    opening: tuple[bytes, Json] | None,
    path: Sequence[bytes],
) -> Json:
    """Encode the proof that an event is in a log.

    Args:
        checkpoint: the log's signed checkpoint.
        key: the key that signed it.
        leaf: the event's leaf.
        opening: the salt and the record that the leaf commits to; None if a retraction has removed
            them.
        path: the proof of inclusion.
    """
    salt, record = opening or (None, None)
    return {
        "checkpoint": checkpoint,
        "key": str(key),
        "leaf": leaf.record,
        "salt": None if salt is None else salt.hex(),
        "record": record,
        "path": [sibling.hex() for sibling in path],
    }


def verify_proof(document: Any) -> tuple[Checkpoint, VerifierKey, Leaf]:
    """Verify the result of `encode_proof` by the key that it names.

    Returns:
        The checkpoint, the key, which the caller has to trust, and the leaf.

    Raises:
        ProofError: the proof cannot be read, or does not hold.
    """
    try:
        key = VerifierKey.parse(document["key"])
        checkpoint = open_checkpoint(document["checkpoint"], key.public_key)
        leaf = read_leaf(document["leaf"])
        path = [bytes.fromhex(sibling) for sibling in document["path"]]
        salt, record = document["salt"], document["record"]
        opened = None if salt is None else commit(bytes.fromhex(salt), leaf.type, record)
    except (LookupError, TypeError, AttributeError, ValueError, binascii.Error) as error:
        reason = str(error) if isinstance(error, NoteError) else "it is no proof"
        raise ProofError(reason) from error
    if opened not in {None, leaf.commitment}:
        raise ProofError(f"the words of event {leaf.seq} are not those that it commits to")
    found = included_root(leaf_hash(leaf.encode()), leaf.seq - 1, checkpoint.size, path)
    if found != checkpoint.root:
        raise ProofError(f"event {leaf.seq} is not in the log of the checkpoint as it stands here")
    return checkpoint, key, leaf


def read_leaf(record: Json) -> Leaf:
    """Decode the JSON of a leaf.

    Raises:
        LookupError, TypeError, ValueError: it is none.
    """
    return Leaf(
        record["seq"],
        record["type"],
        parse_time(record["at"]),
        record["entry"],
        bytes.fromhex(record["commitment"]),
    )
