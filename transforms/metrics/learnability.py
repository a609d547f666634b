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
    """Mean cost of a held-out sign in bits: guessed evenly, by its share, by the sign before it.

    saved: what the sign before saves against the cheaper of the others. saved_error: standard error of that, over lots
    of books that share a key; infinite where there are fewer than two.
    """

    uniform: float
    unigram: float
    bigram: float
    saved: float = 0.0
    saved_error: float = math.inf


def folds_of(keys: Sequence[str], seed: int = 0, folds: int = FOLDS) -> np.ndarray:
    """A fold for each book, int64 [books]; books of one key (translations, volumes, an author's) share one.

    Keys are put in an order by hash and dealt out in turn, so that no fold is empty.
    """
    order = sorted(set(keys), key=lambda key: hashlib.blake2b(f"{seed}:{key}".encode()).digest())
    dealt = {key: i % folds for i, key in enumerate(order)}
    return np.array([dealt[key] for key in keys], dtype=np.int64)


def held_out_bits(
    books: Sequence[Sequence[int]], folds: np.ndarray, signs: int, lots: Sequence[str] | None = None
) -> BitsPerSign | None:
    """Bits per sign of every book under models of the books in other folds.

    books: the signs of each, in order, 0 <= sign < signs; folds: int [books]; lots: the key of each book, equal for
    books that aren't independent (each its own by default). None when there is but one fold.
    """
    if len(np.unique(folds)) < 2:
        return None
    # the beginning of a book is a context of its own, with the number after the last sign
    chains = [np.concatenate([[signs], np.asarray(book, dtype=np.int64)]) for book in books]
    before = np.concatenate([chain[:-1] for chain in chains])
    after = np.concatenate([chain[1:] for chain in chains])
    fold = np.repeat(folds, [len(book) for book in books])
    unigram, bigram = np.empty(len(after)), np.empty(len(after))
    for held in np.unique(fold):
        here, rest = fold == held, fold != held
        unigram[here] = -np.log2(unigram_shares(after[rest], signs)[after[here]])
        bigram[here] = -np.log2(bigram_shares(before[rest], after[rest], signs, before[here], after[here]))
    uniform = float(np.log2(signs))
    without_order = unigram if unigram.mean() < uniform else np.full(len(after), uniform)
    lot = np.unique(range(len(books)) if lots is None else list(lots), return_inverse=True)[1]
    saved, error = mean_with_error(without_order - bigram, np.repeat(lot, [len(book) for book in books]))
    return BitsPerSign(uniform, float(unigram.mean()), float(bigram.mean()), saved, error)


def mean_with_error(values: np.ndarray, lots: np.ndarray) -> tuple[float, float]:
    """Mean of values and its standard error, the lots being drawn and not the values.

    values: float [n]; lots: int [n], from 0 on. The error is that of a ratio estimator (Cochran, Sampling Techniques,
    1977, section 6.4): with G lots, sqrt(G / (G - 1) * sum over lots of (sum of (value - mean))^2) / n.
    """
    mean = float(values.mean())
    off = np.bincount(lots, weights=values - mean)
    if len(off) < 2:
        return mean, math.inf
    return mean, float(np.sqrt(len(off) / (len(off) - 1) * np.square(off).sum()) / len(values))


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
    lots = [book.kin or book.book_id for book in evidence.books]
    bits = held_out_bits([book.ids for book in evidence.books], folds_of(lots), evidence.sizes[0], lots)
    return {f"bits/{name}": round(value, 4) for name, value in asdict(bits).items()} if bits else {}


def _bits(key: str, says: str, better: Literal["lower", "higher", ""], low: float = 0) -> Metric:
    return Metric(f"bits/{key}", says, "bits per sign", low, math.inf, better, sign_learnability)


METRICS = (
    _bits("uniform", "cost of a held-out sign that is guessed evenly", ""),
    _bits("unigram", "the same by the shares of signs in other books", "lower"),
    _bits("bigram", "the same by the sign before it", "lower"),
    _bits("saved", "what the sign before saves against the cheaper of the other two", "higher", -math.inf),
    _bits("saved_error", "standard error of that, over lots of kin books", ""),
)
