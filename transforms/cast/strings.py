"""Strings of characters that keep coming back in a text, and what stands at their sides."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class Repeated:
    """One string of a text that comes often enough.

    length: in letters. starts: offsets, ascending. before, after: the letters beside each, 0 for none. opens: how many
    stand after a mark or at the text's start. flagged: how many end where a flag was set.
    """

    length: int
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


def repeated_strings(
    letters: np.ndarray, flags: np.ndarray, least: int, longest: int, opening: float
) -> list[Repeated]:
    """Strings of two to `longest` letters that stand at least `least` times, a share `opening` of them after a mark.

    letters: int64 [characters], 0 where no letter is, else below 2 ** 16. flags: bool [characters + 1]; the one at the
    offset where a string ends counts for it. Time grows as that of sorting does.
    """
    padded = np.concatenate([[0], letters, [0]])
    found = []
    starts = np.flatnonzero(letters)
    # of each start, the number of the string that begins there
    numbers = letters[starts]
    for length in range(2, longest + 1):
        inside = starts + length <= len(letters)
        starts, numbers = starts[inside], numbers[inside]
        last = letters[starts + length - 1]
        starts, packed = starts[last > 0], (numbers << 16 | last)[last > 0]
        if not len(starts):
            break
        order = np.argsort(packed, kind="stable")
        firsts = np.flatnonzero(np.r_[True, np.diff(packed[order]) != 0])
        counts = np.diff(np.r_[firsts, len(order)])
        often = np.repeat(counts >= least, counts)
        numbers = np.repeat(np.arange(len(counts)), counts)[often]
        order, firsts, counts = (
            starts[order][often],
            np.r_[0, np.cumsum(counts[counts >= least])],
            counts[counts >= least],
        )
        if not len(order):
            break
        opens = np.add.reduceat((padded[order] == 0).astype(np.int64), firsts[:-1])
        flagged = np.add.reduceat(flags[order + length].astype(np.int64), firsts[:-1])
        for i in np.flatnonzero(opens >= opening * counts):
            here = order[firsts[i] : firsts[i + 1]]
            sides = padded[here], padded[here + length + 1]
            found.append(Repeated(length, here, *sides, int(opens[i]), int(flagged[i])))
        starts = order
    return found


def greatest_share(side: np.ndarray) -> float:
    """The greatest share that one and the same letter has in what stands at a side."""
    letters = np.sort(side[side > 0])
    if not len(letters):
        return 0.0
    changes = np.flatnonzero(np.r_[True, letters[1:] != letters[:-1], True])
    return float(np.diff(changes).max() / len(side))
