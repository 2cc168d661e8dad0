"""Merkle tree of RFC 6962: roots and proofs over the hashes of leaves.

A frontier is all that has to be kept to append to a tree: the roots of the perfect subtrees that
its size consists of, one for each 1 in the binary form of the size.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

HASH_SIZE = 32  # bytes


def leaf_hash(leaf: bytes) -> bytes:
    """Return the hash of a leaf."""
    return sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of an inner node."""
    return sha256(b"\x01" + left + right).digest()


@dataclass(frozen=True, slots=True)
class Frontier:
    """A tree's size, and the roots of its perfect subtrees, the largest first."""

    size: int = 0
    hashes: tuple[bytes, ...] = ()

    @classmethod
    def parse(cls, size: int, stored: bytes) -> "Frontier":
        """Return the frontier of a tree of this size that `stored` holds.

        Raises:
            ValueError: the bytes are not the frontier of a tree of this size.
        """
        if len(stored) != size.bit_count() * HASH_SIZE:
            raise ValueError(f"{len(stored)} bytes are no frontier of a log of {size} events")
        starts = range(0, len(stored), HASH_SIZE)
        return cls(size, tuple(stored[start : start + HASH_SIZE] for start in starts))

    @property
    def stored(self) -> bytes:
        """Its hashes as bytes, for `parse`."""
        return b"".join(self.hashes)

    def append(self, leaf: bytes) -> "Frontier":
        """Return the frontier after a leaf of this hash was appended."""
        hashes = list(self.hashes)
        _append(hashes, self.size, leaf)
        return Frontier(self.size + 1, tuple(hashes))

    @property
    def root(self) -> bytes:
        """The root hash of the tree."""
        return _fold(self.hashes)


def tree_root(leaves: Sequence[bytes]) -> bytes:
    """Return the root hash of a tree whose leaves have these hashes."""
    hashes: list[bytes] = []
    for size, leaf in enumerate(leaves):
        _append(hashes, size, leaf)
    return _fold(hashes)


def _append(hashes: list[bytes], size: int, leaf: bytes) -> None:
    """Append a leaf to the roots of the perfect subtrees of a tree of this size."""
    while size & 1:
        leaf = node_hash(hashes.pop(), leaf)
        size >>= 1
    hashes.append(leaf)


def _fold(hashes: Sequence[bytes]) -> bytes:
    """Return the root of a tree from the roots of its perfect subtrees, the largest first."""
    if not hashes:
        return sha256().digest()
    *larger, root = hashes
    for subtree in reversed(larger):
        root = node_hash(subtree, root)
    return root


class Tree:
    """The hashes of all leaves of a tree, for proofs.

    Leaves are added in blocks, whose roots are computed only once, so that no single step takes
    long: a block is a perfect subtree.
    """

    BLOCK = 512  # leaves: a power of two

    def __init__(self) -> None:
        self.leaves: list[bytes] = []
        self._blocks: list[bytes] = []

    def add(self, block: Sequence[bytes]) -> None:
        """Add a block of leaves, by their hashes; only the last one may be smaller than `BLOCK`."""
        if len(self.leaves) % self.BLOCK:
            raise ValueError("nothing can follow a block that is not full")
        self.leaves += block
        self._blocks.append(tree_root(block))

    def root(self, start: int = 0, end: int | None = None) -> bytes:
        """Return the root hash of the tree, or of one of its subtrees."""
        end = len(self.leaves) if end is None else end
        if end - start <= self.BLOCK:
            return tree_root(self.leaves[start:end])
        # Every larger subtree begins and ends with a block.
        return tree_root(self._blocks[start // self.BLOCK : -(-end // self.BLOCK)])

    def inclusion_path(self, index: int) -> list[bytes]:
        """Return the proof that a leaf is in the tree (RFC 6962, section 2.1.1).

        Args:
            index: the leaf's index, from 0, smaller than the size of the tree.

        Returns:
            The hashes of the subtrees beside the way to the root, that beside the leaf first.
        """
        path: list[bytes] = []
        start, end = 0, len(self.leaves)
        while end - start > 1:
            split = start + _left_size(end - start)
            if index < split:
                path.append(self.root(split, end))
                end = split
            else:
                path.append(self.root(start, split))
                start = split
        return path[::-1]

    def consistency_path(self, size: int) -> list[bytes]:
        """Return the proof that the tree begins with a smaller one (RFC 6962, section 2.1.2).

        Args:
            size: the size of the smaller tree, from 1 to the size of this one.
        """
        path: list[bytes] = []
        start, end = 0, len(self.leaves)
        while size < end:
            split = start + _left_size(end - start)
            if size <= split:
                path.append(self.root(split, end))
                end = split
            else:
                path.append(self.root(start, split))
                start = split
        # The verifier has the root of the smaller tree; a part of it has to be named.
        return path[::-1] if start == 0 else [self.root(start, end), *path[::-1]]


def _left_size(size: int) -> int:
    """Return the largest power of two that is smaller than a size of at least 2."""
    return 1 << ((size - 1).bit_length() - 1)


def included_root(leaf: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes | None:
    """Return the root hash that a proof of inclusion leads to (RFC 9162, section 2.1.3.2).

    Args:
        leaf: the hash of the leaf.
        index: its index, from 0.
        size: the size of the tree.
        path: the proof.

    Returns:
        The root, to be compared with that of the checkpoint; None if the proof is not of the length
        that one for this leaf has.
    """
    if not 0 <= index < size:
        return None
    root, last = leaf, size - 1
    for sibling in path:
        if last == 0:
            return None
        if index & 1 or index == last:
            root = node_hash(sibling, root)
            while not index & 1 and index:
                index, last = index >> 1, last >> 1
        else:
            root = node_hash(root, sibling)
        index, last = index >> 1, last >> 1
    return root if last == 0 else None
