"""The Merkle tree: against the definition of RFC 6962, foreign vectors and a foreign verifier."""

import base64
from hashlib import sha256

import pymerkle
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.formats.log.merkle import (
    Frontier,
    Tree,
    included_root,
    leaf_hash,
    node_hash,
    tree_root,
)

LEAVES = st.lists(st.binary(max_size=40), min_size=1, max_size=70)

# Facts from github.com/transparency-dev/merkle (Apache-2.0), testdata and testonly/constants.go:
# the leaves of its reference tree, the roots of its first leaves, and proofs in it.
REFERENCE = [
    bytes.fromhex(leaf)
    for leaf in (
        *("", "00", "10", "2021", "3031", "40414243", "5051525354555657"),
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = (
    "bjQLnP+zepicpUTmu3gKLHiQHT+zNzh2hRGjBhevoB0=",
    "+sVCA+fMaWzw38tCySodnbr3CtnmIfS9jZhmLwDjwSU=",
    "rra8/idLcKFPsGel5VeCZNsPqbUa9eC6FZFY8yngbnc=",
    "037kGJdt2VdTwcc4Yrk5j6Kiz5tP8P3+izDNlSCWFLc=",
    "Tju7H3tHjc/nH7YxYxUZo7yhLJrvyhYSv85ME6hiZNQ=",
    "duZ9rbzfHhDht03cYIq9L5jfsW+851J3tSMqEn8gh+8=",
    "3bib5AOAnjJXUNPSY814kpwpQreUKjS3fhIslZSnTIw=",
    "XcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=",
)
_A, _B, _C = (
    "vBoGQ7EuTS18d5GPROD095qDi2z57FtcKD4fTYhZnms=",
    "yoVOoSjtBQtBs1/8G4e46yveRh6eO1WW7Oa51ZdaCuA=",
    "Xwg/ChozygdqlSeYMlgNs+DvRYS9/x9UyKNg9Q3jAx4=",
)
_D = "DrxdNDf74tsVi58Sah0RjjCBgQMdCpSfje3t68VY72o="
_E = "lqKW0iTyhcZ77pPDD4owkVfw2qNdxbh+QQt4YwoJz8c="
_F = "a0eq8p7jwq+a+Im8H7klTavTEXfxYjLdaqsDXKOb9uQ="
INCLUSIONS = {  # by index and size
    (0, 1): (),
    (0, 8): (_E, _C, _F),
    (5, 8): (_A, _B, ROOTS[3]),
    (2, 3): (ROOTS[1],),
    (1, 5): (ROOTS[0], _C, _A),
}
CONSISTENCIES = {  # by both sizes
    (1, 1): (),
    (1, 8): (_E, _C, _F),
    (6, 8): (_D, _B, ROOTS[3]),
    (2, 5): (_C, _A),
    (6, 7): (_D, "sIaT7C5yFZcTBkHoIR5+7cy0wmQTlj7ubB4u0W/7Gl8=", ROOTS[3]),
}


def defined_root(leaves: list[bytes]) -> bytes:
    """Return the root as RFC 6962, section 2.1, defines it: MTH of a list of inputs."""
    if len(leaves) < 2:
        return sha256(b"".join(b"\x00" + leaf for leaf in leaves)).digest()
    split = max(2**n for n in range(20) if 2**n < len(leaves))
    left, right = defined_root(leaves[:split]), defined_root(leaves[split:])
    return sha256(b"\x01" + left + right).digest()


def is_consistent(smaller: int, size: int, before: bytes, after: bytes, path: list[bytes]) -> bool:
    """Verify a proof of consistency by the steps of RFC 9162, section 2.1.4.2."""
    if smaller == size:
        return not path and before == after
    path = path if smaller & (smaller - 1) else [before, *path]
    left, last = smaller - 1, size - 1
    while left & 1:
        left, last = left >> 1, last >> 1
    first = second = path[0]
    for part in path[1:]:
        if last == 0:
            return False
        if left & 1 or left == last:
            first, second = node_hash(part, first), node_hash(part, second)
            while not left & 1 and left:
                left, last = left >> 1, last >> 1
        else:
            second = node_hash(second, part)
        left, last = left >> 1, last >> 1
    return (first, second, last) == (before, after, 0)


def grown(leaves: list[bytes]) -> Frontier:
    """Return the frontier after all leaves, stored and read again after each."""
    frontier = Frontier()
    for size, leaf in enumerate(leaves, start=1):
        frontier = Frontier.parse(size, frontier.append(leaf_hash(leaf)).stored)
    return frontier


class SmallTree(Tree):
    """A tree with blocks so small that the tests' trees have many."""

    BLOCK = 4


def tree_of(hashes: list[bytes], kind: type[Tree] = SmallTree) -> Tree:
    """Return the tree of leaves with these hashes."""
    tree = kind()
    for start in range(0, len(hashes), tree.BLOCK):
        tree.add(hashes[start : start + tree.BLOCK])
    return tree


def foreign_tree(leaves: list[bytes]) -> pymerkle.InmemoryTree:
    """Return pymerkle's tree of the leaves."""
    tree = pymerkle.InmemoryTree(algorithm="sha256")
    for leaf in leaves:
        tree.append_entry(leaf)
    return tree


@given(LEAVES)
def test_the_frontier_has_the_root_of_the_definition(leaves: list[bytes]) -> None:
    """A frontier to which leaves were appended one by one has the root that RFC 6962 defines."""
    frontier = grown(leaves)
    assert frontier.size == len(leaves)
    assert frontier.root == tree_root(list(map(leaf_hash, leaves))) == defined_root(leaves)
    assert frontier.root == foreign_tree(leaves).get_root()
    assert frontier.root == tree_of(list(map(leaf_hash, leaves))).root()


def test_a_tree_of_many_blocks_is_that_of_its_leaves() -> None:
    """A tree of 1,300 leaves has the root and the proofs that the definition gives."""
    leaves = [str(number).encode() for number in range(1_300)]
    tree = tree_of(list(map(leaf_hash, leaves)), Tree)
    assert tree.root() == defined_root(leaves)
    for index in (0, 511, 512, 1_023, 1_024, 1_299):
        path = tree.inclusion_path(index)
        assert included_root(tree.leaves[index], index, 1_300, path) == tree.root()
    for size in (1, 511, 512, 700, 1_024, 1_100, 1_299, 1_300):
        path = tree.consistency_path(size)
        assert is_consistent(size, 1_300, defined_root(leaves[:size]), tree.root(), path)
    with pytest.raises(ValueError, match="not full"):
        tree.add([leaf_hash(b"")])


def test_the_empty_tree_has_the_hash_of_nothing() -> None:
    """The root of the empty tree is the SHA-256 of the empty string."""
    assert Frontier().root == tree_root([]) == sha256(b"").digest()


@given(LEAVES, st.data())
def test_a_leaf_is_proved_to_be_in_the_tree(leaves: list[bytes], data: st.DataObject) -> None:
    """Each proof leads to the root, is pymerkle's, and leads nowhere for any other leaf or size."""
    hashes, size = list(map(leaf_hash, leaves)), len(leaves)
    index = data.draw(st.integers(0, size - 1))
    path = tree_of(hashes).inclusion_path(index)
    assert included_root(hashes[index], index, size, path) == tree_root(hashes)
    proof = foreign_tree(leaves).prove_inclusion(index + 1)
    assert proof.path == [hashes[index], *path]
    pymerkle.verify_inclusion(hashes[index], tree_root(hashes), proof)
    for wrong_index, wrong_size, wrong_path in (
        (index + size, size, path),
        (index, size, [*path, hashes[0]]),
        (index, size, path[1:] if path else [hashes[0]]),
        (-1, size, path),
    ):
        root = included_root(hashes[index], wrong_index, wrong_size, wrong_path)
        assert root != tree_root(hashes)
    other = leaf_hash(leaves[index] + b"!")
    assert included_root(other, index, size, path) != tree_root(hashes)


@given(LEAVES, st.data())
def test_a_smaller_tree_is_proved_to_be_the_beginning(
    leaves: list[bytes], data: st.DataObject
) -> None:
    """A proof of consistency leads from the smaller root to the larger, and from no other.

    pymerkle, whose own proofs have another form, finds the two roots consistent.
    """
    hashes, size = list(map(leaf_hash, leaves)), len(leaves)
    smaller = data.draw(st.integers(1, size))
    path = tree_of(hashes).consistency_path(smaller)
    before, after = tree_root(hashes[:smaller]), tree_root(hashes)
    assert is_consistent(smaller, size, before, after, path)
    assert not is_consistent(smaller, size, leaf_hash(b"?"), after, path)
    assert not is_consistent(smaller, size, before, after, [*path, before])
    foreign = foreign_tree(leaves).prove_consistency(smaller, size)
    pymerkle.verify_consistency(before, after, foreign)
    with pytest.raises(pymerkle.InvalidProof):
        pymerkle.verify_consistency(leaf_hash(b"?"), after, foreign)


@pytest.mark.parametrize("size", range(1, 9))
def test_the_roots_of_the_reference_tree(size: int) -> None:
    """The roots of the reference tree of transparency-dev/merkle are ours."""
    root = base64.b64encode(grown(REFERENCE[:size]).root).decode()
    assert root == ROOTS[size - 1]


@pytest.mark.parametrize(("index", "size"), INCLUSIONS)
def test_inclusions_in_the_reference_tree(index: int, size: int) -> None:
    """The proofs of inclusion of transparency-dev/merkle are ours, and lead to the root."""
    hashes = [leaf_hash(leaf) for leaf in REFERENCE[:size]]
    path = tree_of(hashes).inclusion_path(index)
    assert tuple(base64.b64encode(part).decode() for part in path) == INCLUSIONS[index, size]
    assert included_root(hashes[index], index, size, path) == tree_root(hashes)


@pytest.mark.parametrize(("smaller", "size"), CONSISTENCIES)
def test_consistencies_of_the_reference_tree(smaller: int, size: int) -> None:
    """The proofs of consistency of transparency-dev/merkle are ours."""
    path = tree_of([leaf_hash(leaf) for leaf in REFERENCE[:size]]).consistency_path(smaller)
    assert tuple(base64.b64encode(part).decode() for part in path) == CONSISTENCIES[smaller, size]


def test_a_frontier_of_another_size_is_refused() -> None:
    """Bytes that are not the frontier of a tree of that size are refused."""
    for size, stored in ((1, b""), (0, bytes(32)), (3, bytes(32)), (2, bytes(31))):
        with pytest.raises(ValueError, match="no frontier"):
            Frontier.parse(size, stored)
