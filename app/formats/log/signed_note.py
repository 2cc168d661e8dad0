"""Signed notes with Ed25519 keys (https://c2sp.org/signed-note)."""

import base64
import binascii
from dataclasses import dataclass
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

KEY_SIZE = 32  # bytes
_ED25519 = b"\x01"
_MARK = "— "
_ID_SIZE = 4


class NoteError(ValueError):
    """A note cannot be read, or its signature does not hold; the message says which."""


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A public key and the name that it signs under."""

    name: str
    public_key: bytes

    @property
    def id(self) -> bytes:
        """The four bytes by which a signature names its key."""
        hashed = self.name.encode() + b"\n" + _ED25519 + self.public_key
        return sha256(hashed).digest()[:_ID_SIZE]

    def verify(self, signature: bytes, text: str) -> None:
        """Check the 64 bytes of a signature.

        Raises:
            NoteError: the key did not sign the text.
        """
        try:
            public_key = Ed25519PublicKey.from_public_bytes(self.public_key)
            public_key.verify(signature, text.encode())
        except (InvalidSignature, ValueError) as error:
            raise NoteError("its signature is not that of its text") from error

    def __str__(self) -> str:
        """Return the key in the form `NAME+ID+KEY`, which other tools read."""
        return f"{self.name}+{self.id.hex()}+{encode_base64(_ED25519 + self.public_key)}"

    @classmethod
    def from_base64(cls, name: str, public_key: str) -> "VerifierKey":
        """Return the key of a name, from its bytes as base64.

        Raises:
            NoteError: it is no key.
        """
        key = decode_base64(public_key.strip())
        if len(key) != KEY_SIZE:
            raise NoteError(f"a public key has {KEY_SIZE} bytes, as base64")
        return cls(name, key)

    @classmethod
    def parse(cls, text: str) -> "VerifierKey":
        """Parse the form `NAME+ID+KEY`.

        Raises:
            NoteError: it is none, or its parts do not belong together.
        """
        name, _, rest = text.strip().partition("+")
        identity, _, encoded = rest.partition("+")
        key = decode_base64(encoded)
        if not name or key[:1] != _ED25519 or len(key) != 1 + KEY_SIZE:
            raise NoteError("it is no key of the form NAME+ID+KEY with Ed25519")
        parsed = cls(name, key[1:])
        if parsed.id.hex() != identity:
            raise NoteError("the id of the key is not that of its name and bytes")
        return parsed


class NoteSigner:
    """A private key.

    Args:
        seed: its 32 secret bytes (RFC 8032, section 5.1.5).
    """

    def __init__(self, seed: bytes) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        self.public_key = self._key.public_key().public_bytes_raw()

    def sign(self, name: str, text: str) -> str:
        """Return a note: the text, which ends with a line end, and its signature under a name."""
        signature = VerifierKey(name, self.public_key).id + self._key.sign(text.encode())
        return f"{text}\n{_MARK}{name} {encode_base64(signature)}\n"


def open_note(note: str, key: VerifierKey) -> str:
    """Return the text of a note that a key has signed; signatures of other keys are ignored.

    Raises:
        NoteError: it is no note, or not signed by that key.
    """
    text, signatures = split_note(note)
    for name, signature in signatures:
        if name != key.name or signature[:_ID_SIZE] != key.id:
            continue
        key.verify(signature[_ID_SIZE:], text)
        return text
    raise NoteError("it is not signed by the key that is to have signed it")


def split_note(note: str) -> tuple[str, list[tuple[str, bytes]]]:
    """Return the text of a note, and its signatures with the names of their keys, unverified.

    Raises:
        NoteError: it is no signed note.
    """
    text, separator, block = note.rpartition("\n\n")
    signatures = [_signature(line) for line in block.splitlines()]
    if not separator or not signatures or not block.endswith("\n"):
        raise NoteError("it is no signed note")
    return f"{text}\n", signatures


def _signature(line: str) -> tuple[str, bytes]:
    name, _, encoded = line.removeprefix(_MARK).partition(" ")
    signature = decode_base64(encoded)
    if not line.startswith(_MARK) or not name or len(signature) <= _ID_SIZE:
        raise NoteError("it has a line that is no signature")
    return name, signature


def encode_base64(data: bytes) -> str:
    """Encode bytes as base64 (RFC 4648, section 4)."""
    return base64.b64encode(data).decode()


def decode_base64(text: str) -> bytes:
    """Decode base64 in its one canonical form (RFC 4648, sections 4 and 3.5).

    Otherwise the bits that pad the last character could be changed without breaking the signature.

    Raises:
        NoteError: it is not in that form.
    """
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise NoteError("it has a key, hash or signature that is not base64") from error
    if encode_base64(data) != text:
        raise NoteError("it has a key, hash or signature that is not canonical base64")
    return data
