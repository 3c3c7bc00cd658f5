"""Pairs of hashes that differ in few bits, without comparing each hash with each.

Multi-index hashing (M. Norouzi, A. Punjani, D. J. Fleet, "Fast Search in Hamming Space with
Multi-Index Hashing", CVPR 2012): hashes that differ in fewer bits than they have pieces agree
wholly in one piece at least; with twice as many bits, in all but one bit of a piece. So only hashes
that share a piece, or nearly, are compared. Memory grows with the number of hashes, not of pairs.
"""

from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

_PIECE: Final = 16  # bits
_FEW: Final = 128  # hashes that are sooner compared each with each

Words = NDArray[np.uint64]
Rows = NDArray[np.int64]


def close_pairs(hashes: Words, most: int) -> Iterator[tuple[Rows, Rows]]:
    """Yield the pairs of rows whose hashes, uint64 (N, W), differ in at most `most` bits.

    Each part is two int64 (n,), the rows of the pairs; a pair may come again in a later part.
    most: below twice the number of 16-bit pieces that a hash has. Raises ValueError beyond.
    """
    pieces = _pieces(hashes)
    if most >= 2 * len(pieces):
        raise ValueError(f"Pairs up to {most} bits apart need hashes of more than {most // 2} bits")
    if len(hashes) <= _FEW:
        ours, theirs = np.triu_indices(len(hashes), 1)
        near = _near(np.ascontiguousarray(hashes.T), ours, theirs, most)
        yield ours[near], theirs[near]
        return
    flips = [0, *(1 << bit for bit in range(_PIECE))] if most >= len(pieces) else [0]
    for piece in pieces:
        order = np.argsort(piece, kind="stable")
        words = np.ascontiguousarray(hashes[order].T)
        for flip in flips:
            for ours, theirs in _sharing(piece[order], flip):
                near = _near(words, ours, theirs, most)
                if len(near):
                    yield order[ours[near]], order[theirs[near]]


def differing(hashes: Words, others: Words) -> NDArray[np.int64]:
    """Count the bits that differ, int64 (...), of hashes, uint64 (..., W)."""
    counts: NDArray[np.int64] = np.bitwise_count(hashes ^ others).sum(axis=-1, dtype=np.int64)
    return counts


def _pieces(hashes: Words) -> NDArray[np.uint16]:
    """Cut hashes into pieces, uint16 (4 W, N), whose bits come from everywhere.

    Neighbouring bits of pictures depend on one another: pieces of them would be shared by many.
    """
    bits = 64 * hashes.shape[1]
    mixed = np.random.default_rng(0).permutation(bits)
    pieces = np.empty((bits // _PIECE, len(hashes)), np.uint16)
    for start in range(0, len(hashes), 65_536):
        block = np.ascontiguousarray(hashes[start : start + 65_536])
        unpacked = np.unpackbits(block.view(np.uint8), axis=1)[:, mixed]
        packed = np.ascontiguousarray(np.packbits(unpacked, axis=1))
        pieces[:, start : start + 65_536] = packed.view(np.uint16).T
    return pieces


def _sharing(keys: NDArray[np.uint16], flip: int) -> Iterator[tuple[Rows, Rows]]:
    """Yield the pairs of places whose sorted keys differ by `flip`, for each place one at a time.

    Each pair comes once: with its earlier place first, or for a flip with the bit unset first.
    """
    ends = np.cumsum(np.bincount(keys, minlength=1 << _PIECE))
    places = np.flatnonzero((keys & np.uint16(flip)) == 0)
    wanted = keys[places] ^ np.uint16(flip)
    last = ends[wanted]
    first = ends[wanted - np.uint16(1)] * (wanted > 0) if flip else places + 1
    while len(places):
        left = first < last
        places, first, last = places[left], first[left], last[left]
        if len(places):
            yield places, first
        first = first + 1


def _near(words: Words, ours: Rows, theirs: Rows, most: int) -> Rows:
    """Return which pairs of places differ in at most `most` bits; words: uint64 (W, N).

    Half of the words rule nearly all of them out.
    """
    counts = np.zeros(len(ours), np.uint8)
    for word in words[: (len(words) + 1) // 2]:
        counts += np.bitwise_count(word[ours] ^ word[theirs])
    left = np.flatnonzero(counts <= most)
    found = differing(words[:, ours[left]].T, words[:, theirs[left]].T) <= most
    return left[found]
