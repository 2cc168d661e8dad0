"""Checkpoints: the size and the root hash of a log, signed (https://c2sp.org/tlog-checkpoint)."""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from app.formats.log.merkle import HASH_SIZE, Frontier
from app.formats.log.signed_note import (
    NoteError,
    NoteSigner,
    VerifierKey,
    decode_base64,
    encode_base64,
    open_note,
)

_SIZE = re.compile(r"0|[1-9][0-9]{0,14}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A log's origin, size and root hash."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        """The text that is signed."""
        return f"{self.origin}\n{self.size}\n{encode_base64(self.root)}\n"

    @classmethod
    def parse(cls, text: str) -> "Checkpoint":
        """Parse the text of a checkpoint; further lines are ignored.

        Raises:
            NoteError: it is none.
        """
        lines = text.split("\n")
        try:
            origin, size = lines[0], lines[1]
            root = decode_base64(lines[2])
        except (IndexError, NoteError) as error:
            raise NoteError("it is no checkpoint") from error
        if not origin or not _SIZE.fullmatch(size) or len(root) != HASH_SIZE:
            raise NoteError("it is no checkpoint")
        return cls(origin, int(size), root)


def log_origin(base_url: str, slug: str, epoch: str) -> str:
    """Return the name of a coverage's log, which is the name of its key too."""
    return f"{urlsplit(base_url).netloc}/coverages/{slug}/{epoch}"


def sign_checkpoint(signer: NoteSigner, origin: str, frontier: Frontier) -> str:
    """Return the signed checkpoint of a log; the same one for the same log."""
    return signer.sign(origin, Checkpoint(origin, frontier.size, frontier.root).text)


def open_checkpoint(note: str, public_key: bytes) -> Checkpoint:
    """Return a checkpoint whose signature by a key was verified.

    Raises:
        NoteError: it is no checkpoint, or the key did not sign it under the log's name.
    """
    origin = note.partition("\n")[0]
    return Checkpoint.parse(open_note(note, VerifierKey(origin, public_key)))
