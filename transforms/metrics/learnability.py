"""How well simple statistics foretell the signs of books they have not seen: bits per sign, by cross-validation.

Signs that nothing foretells teach a model nothing; signs that the shares alone foretell are uneven. So three costs
stand side by side: that of guessing evenly, that of knowing each sign's share, and that of knowing the sign before.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Literal

import numpy as np

from scenesign.transforms.metrics.metric import Evidence, Metric, MetricValue

FOLDS = 5


@dataclass(frozen=True)
class BitsPerSign:
    """Mean cost of a held-out sign in bits: guessed evenly, by its share, by the sign before it."""

    uniform: float
    unigram: float
    bigram: float


def folds_of(keys: Sequence[str], seed: int = 0, folds: int = FOLDS) -> np.ndarray:
    """A fold for each book, int64 [books]; books of one key (translations, volumes, an author's) share one.

    Keys are put in an order by hash and dealt out in turn, so that no fold is empty.
    """
    order = sorted(set(keys), key=lambda key: hashlib.blake2b(f"{seed}:{key}".encode()).digest())
    dealt = {key: i % folds for i, key in enumerate(order)}
    return np.array([dealt[key] for key in keys], dtype=np.int64)


def held_out_bits(books: Sequence[Sequence[int]], folds: np.ndarray, signs: int) -> BitsPerSign | None:
    """Bits per sign of every book under models of the books in other folds.

    books: the signs of each, in order, 0 <= sign < signs; folds: int [books]. None when there is but one fold.
    """
    if len(np.unique(folds)) < 2:
        return None
    # the beginning of a book is a context of its own, with the number after the last sign
    chains = [np.concatenate([[signs], np.asarray(book, dtype=np.int64)]) for book in books]
    before = np.concatenate([chain[:-1] for chain in chains])
    after = np.concatenate([chain[1:] for chain in chains])
    fold = np.repeat(folds, [len(book) for book in books])
    unigram = bigram = 0.0
    for held in np.unique(fold):
        here, rest = fold == held, fold != held
        unigram -= np.log2(unigram_shares(after[rest], signs)[after[here]]).sum()
        bigram -= np.log2(bigram_shares(before[rest], after[rest], signs, before[here], after[here])).sum()
    return BitsPerSign(float(np.log2(signs)), float(unigram / len(after)), float(bigram / len(after)))


def unigram_shares(seen: np.ndarray, signs: int) -> np.ndarray:
    """Share of each sign by absolute discounting towards an even share, float64 [signs], summing to 1."""
    return _discounted(np.bincount(seen, minlength=signs).astype(np.float64))


def bigram_shares(
    before: np.ndarray, after: np.ndarray, signs: int, asked_before: np.ndarray, asked_after: np.ndarray
) -> np.ndarray:
    """Interpolated Kneser-Ney probability of each asked pair, float64 [asked].

    p(w|h) = max(c(h,w) - d, 0) / c(h) + d N(h,.) / c(h) * q(w), where q(w) is by the number of distinct signs that
    w follows, itself discounted towards an even share; p(w|h) = q(w) after an h never seen (Kneser and Ney 1995,
    Chen and Goodman 1999). before, after: pairs learned from, int [n]; `before` may hold `signs` for a beginning.
    """
    pairs, counts = np.unique(before * signs + after, return_counts=True)
    base = _discounted(np.bincount(pairs % signs, minlength=signs).astype(np.float64))
    d = _discount(counts)
    totals = np.bincount(pairs // signs, weights=counts, minlength=signs + 1)
    kinds = np.bincount(pairs // signs, minlength=signs + 1)
    wanted = asked_before * signs + asked_after
    at = np.minimum(np.searchsorted(pairs, wanted), len(pairs) - 1)
    found = np.where(pairs[at] == wanted, counts[at], 0)
    total = totals[asked_before]
    left = d * kinds[asked_before]
    known = (np.maximum(found - d, 0.0) + left * base[asked_after]) / np.maximum(total, 1.0)
    return np.asarray(np.where(total > 0, known, base[asked_after]), dtype=np.float64)


def _discounted(counts: np.ndarray) -> np.ndarray:
    d = _discount(counts[counts > 0])
    left = d * (counts > 0).sum() / counts.sum()
    return np.asarray(np.maximum(counts - d, 0.0) / counts.sum() + left / len(counts), dtype=np.float64)


def _discount(counts: np.ndarray) -> float:
    """Ney's estimate n1 / (n1 + 2 n2), kept off 0 and 1 so that nothing is impossible and everything counts."""
    once, twice = int((counts == 1).sum()), int((counts == 2).sum())
    return float(np.clip(once / (once + 2 * twice) if once else 0.0, 0.1, 0.9))


def sign_learnability(evidence: Evidence) -> dict[str, MetricValue]:
    """`held_out_bits` of level 1; nothing where all books are kin."""
    folds = folds_of([book.kin or book.book_id for book in evidence.books])
    bits = held_out_bits([book.ids for book in evidence.books], folds, evidence.sizes[0])
    return {f"bits/{name}": round(value, 4) for name, value in asdict(bits).items()} if bits else {}


def _bits(key: str, says: str, better: Literal["lower", ""]) -> Metric:
    return Metric(f"bits/{key}", says, "bits per sign", 0, math.inf, better, sign_learnability)


METRICS = (
    _bits("uniform", "cost of a held-out sign that is guessed evenly", ""),
    _bits("unigram", "the same by the shares of signs in other books", "lower"),
    _bits("bigram", "the same by the sign before it", "lower"),
)
