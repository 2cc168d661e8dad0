"""Schemas of the log: the proof of an event, and the key."""

from typing import Annotated, Any, Literal

from pydantic import Field

from app.timeline.event import CoverageEventType, EntryEventType
from app.web.openapi.schemas.shape import EntryId, Seq, Shape, Time

_Hash = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class Leaf(Shape):
    """A leaf of the log; its canonical JSON (RFC 8785) is hashed."""

    seq: Seq
    type: CoverageEventType | EntryEventType
    at: Time
    entry: EntryId | None
    commitment: Annotated[
        _Hash, Field(description="SHA-256 of the salt, then the record as canonical JSON.")
    ]


class Proof(Shape):
    """The proof that an event is in the log of its coverage."""

    checkpoint: Annotated[
        str, Field(description="The signed checkpoint (https://c2sp.org/tlog-checkpoint).")
    ]
    key: Annotated[str, Field(description="The key that signed it, as `NAME+ID+KEY`.")]
    leaf: Leaf
    salt: Annotated[
        str | None,
        Field(
            pattern=r"^[0-9a-f]{32}$", description="What opens the commitment; null if retracted."
        ),
    ]
    record: Annotated[
        dict[str, Any] | None, Field(description="What the leaf commits to; null if retracted.")
    ]
    path: Annotated[
        list[_Hash], Field(description="The hashes beside the way to the root, from the leaf up.")
    ]


class LogKey(Shape):
    """The public key that signs the checkpoints of all coverages."""

    algorithm: Literal["Ed25519"]
    public_key: Annotated[str, Field(description="Its 32 bytes, as base64.")]
