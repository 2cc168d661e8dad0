"""Signed notes and checkpoints, with foreign vectors of Ed25519."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.formats.log.checkpoint import Checkpoint, log_origin, open_checkpoint, sign_checkpoint
from app.formats.log.merkle import Frontier, leaf_hash
from app.formats.log.signed_note import (
    NoteError,
    NoteSigner,
    VerifierKey,
    encode_base64,
    open_note,
    split_note,
)

ORIGIN = "live.example/coverages/moon/7c9e4d21"
SIGNER = NoteSigner(bytes(range(32)))
KEY = VerifierKey(ORIGIN, SIGNER.public_key)
SEEDS = st.binary(min_size=32, max_size=32)

# Facts from github.com/C2SP/wycheproof (Apache-2.0), testvectors_v1/ed25519_test.json, by tcId:
# message and signature of one key, and whether the signature is valid.
WYCHEPROOF_KEY = "7d4d0e7f6153a69b6242b522abbee685fda4420f8834b108c3bdae369ef549fa"
_R = "7c38e026f29e14aabd059a0f2db8b0cd783040609a8be684db12f82a27774ab0"
_FIRST = "d80737358ede548acb173ef7e0399f83392fe8125b2ce877de7975d8b726ef5b"
_ORDER = "edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010"
WYCHEPROOF = {
    2: ("78", f"{_FIRST}1e76632280ee38afad12125ea44b961bf92f1178c9fa819d020869975bcbe109", True),
    3: ("54657374", f"{_R}7a9155711ecfaf7f99f277bad0c6ae7e39d4eef676573336a5c51eb6f946b30d", True),
    10: ("3f", "00" * 64, False),
    18: ("3f", f"01{'00' * 31}{_ORDER}", False),
    22: ("3f", f"{_ORDER}ec{_ORDER[2:]}", False),
    60: (
        "313233343030",
        f"{'00' * 32}e0b8e7770d51c7a36375d006c5bffd6af43ff54aaf47e4330dc118c71d61ec02",
        False,
    ),
    61: (
        "313233343030",
        f"{'ff' * 32}463a1908382e7eb7693acef9884f7cf931a215e0791876be22c631a59881fd0e",
        False,
    ),
    63: (
        "54657374",
        f"{_R}67654bce3832c2d76f8f6f5dafc08d9339d4eef676573336a5c51eb6f946b31d",
        False,
    ),
    67: (
        "54657374",
        f"{_R}7a9155711ecfaf7f99f277bad0c6ae7e39d4eef676573336a5c51eb6f946b32d",
        False,
    ),
}


@pytest.mark.parametrize("number", WYCHEPROOF)
def test_signatures_are_verified_as_wycheproof_asks(number: int) -> None:
    """Valid signatures are accepted, and forged and malleable ones refused."""
    message, signature, is_valid = WYCHEPROOF[number]
    key = VerifierKey("wycheproof", bytes.fromhex(WYCHEPROOF_KEY))
    encoded = encode_base64(key.id + bytes.fromhex(signature))
    # A note's text ends with a line end, which these messages do not have.
    text = bytes.fromhex(message).decode()
    if is_valid:
        key.verify(bytes.fromhex(signature), text)
    else:
        with pytest.raises(NoteError):
            key.verify(bytes.fromhex(signature), text)
    with pytest.raises(NoteError):
        open_note(f"{text}\n\n— wycheproof {encoded}\n", key)


def test_the_note_of_the_specification_is_verified() -> None:
    """The example of https://c2sp.org/signed-note verifies, and not with a letter changed."""
    key = VerifierKey.parse("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")
    note = (
        "If you think cryptography is the answer to your problem,\n"
        "then you don't know what your problem is.\n\n"
        "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngo"
        "tpRZb6KE6RyyBwJnAM=\n"
    )
    assert open_note(note, key).startswith("If you think")
    with pytest.raises(NoteError):
        open_note(note.replace("think", "thing"), key)


@given(SEEDS, st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), min_size=1))
def test_what_was_signed_is_opened_by_its_key_alone(seed: bytes, line: str) -> None:
    """A note opens with the key that signed it and the name that it was signed under."""
    signer, text = NoteSigner(seed), f"{line}\n"
    note = signer.sign(ORIGIN, text)
    key = VerifierKey(ORIGIN, signer.public_key)
    assert open_note(note, key) == text
    assert VerifierKey.parse(str(key)) == key
    assert VerifierKey.from_base64(ORIGIN, encode_base64(signer.public_key)) == key
    others = [
        VerifierKey(ORIGIN, NoteSigner(bytes(32)).public_key),
        VerifierKey("other", key.public_key),
    ]
    for other in others:
        if other != key:
            with pytest.raises(NoteError):
                open_note(note, other)


def test_no_character_of_a_signed_note_can_be_changed() -> None:
    """A note with any one character replaced is refused, also the last of its base64."""
    note = SIGNER.sign(ORIGIN, "text\n")
    for position, character in enumerate(note):
        # The successor of the last character of base64 differs in bits that stand for nothing.
        for other in {"A", chr(ord(character) + 1)} - {character}:
            with pytest.raises(NoteError):
                open_note(note[:position] + other + note[position + 1 :], KEY)


def test_signatures_of_others_are_passed_over() -> None:
    """A note may have further signatures, of witnesses, in any order."""
    note = SIGNER.sign(ORIGIN, "text\n")
    _, _, line = note.partition("\n\n")
    witness = NoteSigner(bytes(32)).sign("witness.example", "text\n").partition("\n\n")[2]
    for block in (line + witness, witness + line):
        assert open_note(f"text\n\n{block}", KEY) == "text\n"


@pytest.mark.parametrize(
    "note",
    ["", "text\n", "text\n\n", "text\n\nno signature\n", "text\n\n— a b\n", "text\n\n— a AAAA\n"],
)
def test_what_is_no_note_is_refused(note: str) -> None:
    """Text without signature lines of the right form is no note."""
    with pytest.raises(NoteError):
        split_note(note)


@pytest.mark.parametrize("text", ["", "name", "name+00000000+AA==", "name+zz+", str(KEY) + "A"])
def test_what_is_no_key_is_refused(text: str) -> None:
    """Text that is not a name, an id and an Ed25519 key that belong together is no key."""
    with pytest.raises(NoteError):
        VerifierKey.parse(text)


@given(SEEDS, st.lists(st.binary(max_size=8), max_size=20))
def test_a_checkpoint_says_origin_size_and_root(seed: bytes, leaves: list[bytes]) -> None:
    """A checkpoint has the three lines of c2sp.org/tlog-checkpoint, signed under the origin."""
    signer, frontier = NoteSigner(seed), Frontier()
    for leaf in leaves:
        frontier = frontier.append(leaf_hash(leaf))
    note = sign_checkpoint(signer, ORIGIN, frontier)
    assert note.startswith(
        f"{ORIGIN}\n{len(leaves)}\n{encode_base64(frontier.root)}\n\n— {ORIGIN} "
    )
    checkpoint = open_checkpoint(note, signer.public_key)
    assert checkpoint == Checkpoint(ORIGIN, len(leaves), frontier.root)
    assert sign_checkpoint(signer, ORIGIN, frontier) == note
    with pytest.raises(NoteError):
        open_checkpoint(
            note.replace(f"\n{len(leaves)}\n", f"\n{len(leaves) + 1}\n"), signer.public_key
        )


@pytest.mark.parametrize(
    "text",
    ["", "origin\n", "origin\n1\n", "origin\n01\nAA==\n", "\n1\nAA==\n", "origin\n-1\nAA==\n"],
)
def test_what_is_no_checkpoint_is_refused(text: str) -> None:
    """A signed text that has no origin, size and root of the right form is no checkpoint."""
    with pytest.raises(NoteError):
        Checkpoint.parse(text)


def test_the_origin_names_host_slug_and_epoch() -> None:
    """The origin is a URL without its scheme."""
    assert log_origin("https://live.example", "moon", "7c9e4d21") == ORIGIN
