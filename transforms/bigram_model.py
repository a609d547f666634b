"""What counting alone can tell of the next sign: the yardstick that a trained model has to beat.

Uniform, unigram and bigram, the latter two by interpolated Kneser-Ney smoothing, so that no sign has probability 0.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class BigramModel:
    """Probabilities of the next of `units` symbols.

    unigram: float64 [units], how often each occurs. ends: float64 [units], after how many different symbols each
    occurs, which is what a bigram falls back on. pairs: counts of (symbol before, symbol). totals and kinds: per
    symbol, how many and how many different ones follow it. The symbol before the first of a sequence is `units`.
    """

    units: int
    unigram: np.ndarray
    ends: np.ndarray
    pairs: Counter[tuple[int, int]]
    totals: Counter[int]
    kinds: Counter[int]
    discount: float

    def next(self, before: int) -> np.ndarray:
        """p(symbol | the one before), float64 [units]; it sums to 1."""
        total = self.totals[before]
        if not total:
            return self.ends
        seen = np.zeros(self.units)
        for symbol in range(self.units):
            count = self.pairs.get((before, symbol), 0)
            if count:
                seen[symbol] = count - self.discount
        return np.asarray((seen + self.discount * self.kinds[before] * self.ends) / total)

    def bits(self, sequence: Sequence[int]) -> dict[str, float]:
        """Total bits of a sequence: `uniform`, `unigram` and `bigram`."""
        found = {"uniform": len(sequence) * float(np.log2(self.units)), "unigram": 0.0, "bigram": 0.0}
        before = self.units
        for symbol in sequence:
            found["unigram"] -= float(np.log2(self.unigram[symbol]))
            seen = max(0.0, self.pairs.get((before, symbol), 0) - self.discount)
            total = self.totals[before]
            probability = (
                (seen + self.discount * self.kinds[before] * self.ends[symbol]) / total if total else self.ends[symbol]
            )
            found["bigram"] -= float(np.log2(probability))
            before = symbol
        return found


def fit_bigram(sequences: Sequence[Sequence[int]], units: int) -> BigramModel:
    """Counts sequences of symbols 0..units-1.

    Raises ValueError when there is nothing to count, or a symbol is out of range.
    """
    counts: Counter[int] = Counter(symbol for sequence in sequences for symbol in sequence)
    if not counts:
        raise ValueError("no sign to count: every sequence is empty")
    if min(counts) < 0 or max(counts) >= units:
        raise ValueError(f"signs from {min(counts)} to {max(counts)}, but the vocabulary has 0 to {units - 1}")
    pairs: Counter[tuple[int, int]] = Counter(
        pair for sequence in sequences for pair in zip([units, *sequence[:-1]], sequence, strict=True)
    )
    totals: Counter[int] = Counter()
    for (before, _), count in pairs.items():
        totals[before] += count
    return BigramModel(
        units=units,
        unigram=_smoothed(counts, units),
        ends=_smoothed(Counter(symbol for _, symbol in pairs), units),
        pairs=pairs,
        totals=totals,
        kinds=Counter(before for before, _ in pairs),
        discount=_discount(pairs),
    )


def _smoothed(counts: Counter[int], units: int) -> np.ndarray:
    """Absolute discounting, what it frees spread evenly over all symbols; float64 [units]."""
    discount = _discount(counts)
    total = sum(counts.values())
    seen = np.zeros(units)
    for symbol, count in counts.items():
        seen[symbol] = count - discount
    return np.asarray((seen + discount * len(counts) / units) / total)


def _discount(counts: Counter) -> float:
    """Ney's estimate n1 / (n1 + 2 n2), kept away from 0 (unseen symbols need some mass) and 1."""
    once = sum(1 for count in counts.values() if count == 1)
    twice = sum(1 for count in counts.values() if count == 2)
    return min(0.95, max(0.1, once / (once + 2 * twice))) if once else 0.1
