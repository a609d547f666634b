"""Strings of characters that keep coming back in a text, and what stands at their sides."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

# Bits for one letter, so that the longest string fits into 64.
_BITS = 15
LONGEST = 4


@dataclass(frozen=True, eq=False)
class Repeated:
    """One string of a text that comes often enough.

    starts: offsets, ascending. before, after: the letters beside each, 0 for none. opens: how many stand after a mark
    or at the text's start. flagged: how many end where a flag was set.
    """

    starts: np.ndarray
    before: np.ndarray
    after: np.ndarray
    opens: int
    flagged: int

    @property
    def count(self) -> int:
        return len(self.starts)


def letter_codes(text: str) -> np.ndarray:
    """The code points of a text: int64 [characters]; unpaired surrogates are themselves."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32).astype(np.int64)


def repeated_strings(letters: np.ndarray, flags: np.ndarray, least: int, opening: float) -> dict[tuple[int, ...], Repeated]:
    """Strings of two to LONGEST letters that stand at least `least` times, and after a mark in at least the share `opening`.

    letters: int64 [characters], 0 where no letter is, else below 2 ** 15. flags: bool [characters + 1]; the one at the
    offset where a string ends counts for it. Time grows as that of sorting does.
    """
    padded = np.concatenate([[0], letters, [0]])
    found = {}
    for length in range(2, LONGEST + 1):
        places = len(letters) - length + 1
        if places < least:
            break
        whole = np.ones(places, bool)
        packed = np.zeros(places, np.int64)
        for i in range(length):
            here = letters[i : places + i]
            whole &= here > 0
            packed = (packed << _BITS) | here
        starts = np.flatnonzero(whole)
        order = starts[np.argsort(packed[starts], kind="stable")]
        if not len(order):
            break
        firsts = np.flatnonzero(np.r_[True, np.diff(packed[order]) != 0])
        counts = np.diff(np.r_[firsts, len(order)])
        opens = np.add.reduceat((padded[order] == 0).astype(np.int64), firsts)
        flagged = np.add.reduceat(flags[order + length].astype(np.int64), firsts)
        for i in np.flatnonzero((counts >= least) & (opens >= opening * counts)):
            here = order[firsts[i] : firsts[i] + counts[i]]
            string = tuple(int(n) for n in letters[here[0] : here[0] + length])
            before, after = padded[here], padded[here + length + 1]
            found[string] = Repeated(here, before, after, int(opens[i]), int(flagged[i]))
    return found


def greatest_share(side: np.ndarray) -> float:
    """The greatest share that one and the same letter has in what stands at a side."""
    letters = np.sort(side[side > 0])
    if not len(letters):
        return 0.0
    changes = np.flatnonzero(np.r_[True, letters[1:] != letters[:-1], True])
    return float(np.diff(changes).max() / len(side))
